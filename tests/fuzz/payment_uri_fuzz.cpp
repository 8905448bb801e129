// Payment URIs: what is taken prints as what it means, in lower and upper case; nothing in it can
// lead a reader astray.

#include "base/utf8.h"
#include "ledger/limits.h"
#include "tests/fuzz/promises.h"
#include "wallet/payment_uri.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peerpay;
  using ledger::NetworkKind;
  const auto text = fuzz::as_text({data, size});
  for (const auto kind : {NetworkKind::kMain, NetworkKind::kTest}) {
    const auto parse = [kind](std::string_view in) { return wallet::parse_payment_uri(kind, in); };
    const auto print = [kind](const auto& request) { return format_payment_uri(kind, request); };
    const auto request = parse(text);
    if (!request) {
      PEERPAY_CHECK(!request.error().empty(), "it says why");
      continue;
    }
    PEERPAY_CHECK(text.size() <= wallet::kPaymentUriBytesMax, "it is bounded");
    PEERPAY_CHECK(request->reference.size() <= ledger::kReferenceBytesMax, "so is the reference");
    PEERPAY_CHECK(base::is_plain_text(request->label) && base::is_plain_text(request->message),
                  "people can read it");
    fuzz::check_prints(text, parse, print);
    const auto from_qr = parse(wallet::payment_uri_for_qr(print(*request)));
    PEERPAY_CHECK(from_qr && *from_qr == *request, "the QR code says the same");
  }
  return 0;
}
