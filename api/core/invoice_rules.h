#pragma once
// What may be asked, and what the ledger, time and the merchant do to an invoice
// (docs/spec/merchant.md, M10 ff.). Values in, values out.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/event.h"
#include "api/core/invoice.h"
#include "base/time.h"

namespace peerpay::api {

inline constexpr base::Duration kInvoiceLifeDefault = base::seconds(15 * 60);
inline constexpr base::Duration kInvoiceLifeMax = base::seconds(30 * 86'400);

// UTF-8 without control characters, 1 to kReferenceBytesMax bytes.
[[nodiscard]] bool is_valid_reference(std::string_view reference);
// UTF-8 without control characters, at most kDescriptionBytesMax bytes.
[[nodiscard]] bool is_valid_description(std::string_view description);
// UTF-8 without control characters, sorted by key, each key once and not empty, and at most
// kMetadataKeysMax, kMetadataKeyBytesMax, kMetadataValueBytesMax; at most kMetadataBytesMax as
// JSON.
[[nodiscard]] bool is_valid_metadata(const Metadata& metadata);

// A reference for who gave none: "INV-" and 12 characters of Crockford's base 32, upper case, from
// 60 of the 64 bits.
[[nodiscard]] std::string made_reference(std::uint64_t random_bits);

// The three things that happen to an invoice. Each changes it and names the events, in order.

// M11: an open invoice ends in the first block that is later than its expires_at.
[[nodiscard]] std::optional<EventType> follow_time(Invoice& invoice, base::UnixMillis block_time);
// M12 to M14, M17: a payment with its payee, asset and reference. An invoice whose time is over
// ends first; payments beyond kInvoicePaymentsKept are counted and not told, but they may pay it.
// REQUIRES: payments come in the order of the ledger.
[[nodiscard]] std::vector<EventType> follow_payment(Invoice& invoice,
                                                    const InvoicePayment& payment);
// M15. Empty, and nothing changed, unless it is open.
[[nodiscard]] std::optional<EventType> void_invoice(Invoice& invoice, base::UnixMillis now);

}  // namespace peerpay::api
