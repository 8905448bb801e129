#include "api/core/invoice.h"

#include "base/check.h"

namespace peerpay::api {

std::string_view name(InvoiceStatus status) {
  switch (status) {
    case InvoiceStatus::kOpen: return "open";
    case InvoiceStatus::kPaid: return "paid";
    case InvoiceStatus::kExpired: return "expired";
    case InvoiceStatus::kVoid: return "void";
  }
  PEERPAY_UNREACHABLE("every InvoiceStatus has a name");
}

std::optional<InvoiceStatus> parse_invoice_status(std::string_view text) {
  for (std::uint8_t number = 0; number < kInvoiceStatuses; ++number) {
    const auto status = static_cast<InvoiceStatus>(number);
    if (name(status) == text) return status;
  }
  return std::nullopt;
}

}  // namespace peerpay::api
