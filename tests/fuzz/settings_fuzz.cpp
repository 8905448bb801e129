// Settings files: what is read is in range, and the printed file means the same.

#include "base/settings/settings.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;

struct Config {
  std::optional<std::string> name;
  std::string listen = "127.0.0.1:1";
  std::uint32_t threads = 2;
  std::uint64_t bytes = 64;
  bool keeps = true;
  friend bool operator==(const Config&, const Config&) = default;

  std::vector<settings::Setting> settings() {
    return {{"", "name", "who", &name},
            {"client", "listen", "host:port", &listen},
            {"client", "threads", "1 to 64", &threads, {1, 64}},
            {"store", "bytes", "", &bytes},
            {"store", "keeps", "", &keeps}};
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Config config;
  const auto read = settings::read(fuzz::as_text({data, size}), config.settings());
  if (!read) {
    PEERPAY_CHECK(!read.error().sentence.empty(), "it says why");
    return 0;
  }
  PEERPAY_CHECK(config.threads >= 1 && config.threads <= 64, "the range holds");
  PEERPAY_CHECK(config.bytes <= UINT32_MAX, "the range that nobody gave holds");
  const auto printed = settings::print(config.settings());
  Config again;
  PEERPAY_CHECK(settings::read(printed, again.settings()), "what is printed is read");
  PEERPAY_CHECK(again == config, "what is printed means the same");
  return 0;
}
