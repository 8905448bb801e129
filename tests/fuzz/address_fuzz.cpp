// Addresses: one lower-case text for each, and no text is an address of both networks.

#include "ledger/address.h"
#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peerpay;
  using ledger::NetworkKind;
  const auto text = fuzz::as_text({data, size});
  int readings = 0;
  for (const auto kind : {NetworkKind::kMain, NetworkKind::kTest}) {
    const auto parse = [kind](std::string_view in) { return ledger::parse_address(kind, in); };
    const auto print = [kind](const auto& address) { return format_address(kind, address); };
    readings += fuzz::check_prints(text, parse, print) ? 1 : 0;

    fuzz::Draw draw{{data, size}};
    ledger::Address any;
    if (draw.coin()) any.tag = draw.integer();
    any.account = draw.fixed<ledger::AccountId>();
    const auto back = parse(print(any));
    PEERPAY_CHECK(back && *back == any, "every address comes back");
  }
  PEERPAY_CHECK(readings < 2, "an address belongs to one network");
  return 0;
}
