// What a wallet reads of others and of its user: its settings file, durations, and the answer of a
// shop's checkout page.

#include "base/utf8.h"
#include "tests/fuzz/promises.h"
#include "wallet/cli/checkout_link.h"
#include "wallet/cli/settings.h"
#include "wallet/text.h"

namespace {

using namespace peerpay;
using namespace peerpay::wallet;

void check_config(std::string_view text) {
  const auto config = cli::parse_config(text, "config.toml");
  if (!config) return;
  const auto printed = cli::config_text(*config);
  const auto again = cli::parse_config(printed, "again");
  PEERPAY_CHECK(again && cli::config_text(*again) == printed, "it means what it prints");
}

void check_checkout(std::string_view text) {
  const auto answer = [text](const std::string&) -> cli::Result<cli::PageAnswer> {
    return cli::PageAnswer{200, std::string{text}};
  };
  const auto checkout = cli::read_checkout(answer, "https://shop.example/c/1");
  if (!checkout) {
    PEERPAY_CHECK(base::is_plain_text(checkout.error().message), "a terminal can show why");
    return;
  }
  PEERPAY_CHECK(checkout->status == "open" || !cli::check_open(*checkout), "only open is paid");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text({data, size});
  check_config(text);
  check_checkout(text);
  if (const auto duration = parse_duration(text)) {
    PEERPAY_CHECK(*duration >= base::seconds(1) && *duration <= base::seconds(7 * 86'400),
                  "it is bounded");
  }
  return 0;
}
