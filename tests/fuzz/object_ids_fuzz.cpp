// Ids and cursors of the gateway: exactly the text that is written is read, and every one comes
// back.

#include "api/core/event.h"
#include "api/core/ids.h"
#include "api/core/invoice.h"
#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;

template <class Parse>
int check_id(std::string_view text, Parse parse) {
  const auto id = parse(text);
  if (!id) return 0;
  PEERPAY_CHECK(api::format_id(*id) == text, "an id has one text");
  return 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text({data, size});
  const int kinds = check_id(text, api::parse_invoice_id) + check_id(text, api::parse_endpoint_id) +
                    check_id(text, api::parse_event_id) + check_id(text, api::parse_api_key_id);
  PEERPAY_CHECK(kinds < 2, "an id is of one kind");

  const auto cursor = api::parse_cursor(text);
  PEERPAY_CHECK(!cursor || api::format_cursor(*cursor) == text, "a cursor has one text");
  const auto type = api::parse_event_type(text);
  PEERPAY_CHECK(!type || name(*type) == text, "a type has one name");
  const auto status = api::parse_invoice_status(text);
  PEERPAY_CHECK(!status || name(*status) == text, "a status has one name");

  fuzz::Draw draw{{data, size}};
  const auto invoice = draw.fixed<api::InvoiceId>();
  PEERPAY_CHECK(api::parse_invoice_id(api::format_id(invoice)) == invoice, "an id comes back");
  const api::EventCursor any{{draw.integer()}, static_cast<std::uint32_t>(draw.integer(4))};
  PEERPAY_CHECK(api::parse_cursor(api::format_cursor(any)) == any, "a cursor comes back");
  return 0;
}
