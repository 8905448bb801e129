#pragma once
// Invoice: what a merchant asks for, and what the ledger says about it. Rules:
// docs/spec/merchant.md.
//
//   open ─► paid       finalized payments with its payee, asset and reference reach the amount in
//                      blocks with a timestamp <= expires_at
//   open ─► expired    a finalized block is later than expires_at
//   open ─► void       the merchant said so
//
// The three ends are for ever. A payment that comes late, or beyond the amount, is counted, and
// among the first kInvoicePaymentsKept also kept and told (event invoice.payment_unexpected); it
// changes no end.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/core/ids.h"
#include "base/bytes.h"
#include "base/time.h"
#include "ledger/address.h"
#include "ledger/amount.h"
#include "ledger/ids.h"
#include "ledger/limits.h"

namespace peerpay::api {

// Numbers are stored, frozen.
enum class InvoiceStatus : std::uint8_t { kOpen = 0, kPaid = 1, kExpired = 2, kVoid = 3 };
inline constexpr std::size_t kInvoiceStatuses = 4;
[[nodiscard]] std::string_view name(InvoiceStatus status);
[[nodiscard]] std::optional<InvoiceStatus> parse_invoice_status(std::string_view text);

inline constexpr std::size_t kReferenceBytesMax = ledger::kReferenceBytesMax;
inline constexpr std::size_t kDescriptionBytesMax = 500;
inline constexpr std::size_t kMetadataKeysMax = 50;
inline constexpr std::size_t kMetadataKeyBytesMax = 40;
inline constexpr std::size_t kMetadataValueBytesMax = 500;
// As JSON; an event must stay below 20 KB.
inline constexpr std::size_t kMetadataBytesMax = 7 * 1024;
inline constexpr std::size_t kInvoicePaymentsKept = 32;  // of one invoice; `received` counts all

using Metadata = std::vector<std::pair<std::string, std::string>>;  // sorted by key

// One leg of a finalized transaction.
struct InvoicePayment {
  ledger::TransactionId transaction;
  std::uint32_t leg = 0;
  ledger::Height height;
  base::UnixMillis timestamp;  // of the block
  ledger::AccountId payer;
  ledger::Amount amount;
  friend bool operator==(const InvoicePayment&, const InvoicePayment&) = default;
};

struct Invoice {
  InvoiceId id;
  InvoiceStatus status = InvoiceStatus::kOpen;
  ledger::Address payee;
  ledger::AssetId asset;
  ledger::Amount amount;
  std::string reference;    // UTF-8, 1 to 32 bytes; unique for payee (with tag) and asset
  std::string description;  // shown to the payer
  Metadata metadata;        // the merchant's own, never shown to the payer
  base::UnixMillis created_at;
  base::UnixMillis expires_at;
  std::optional<base::UnixMillis> ended_at;  // paid, expired: time of the block; void: the clock's
  ledger::Amount received;                   // by all payments
  std::vector<InvoicePayment> payments;      // the first kInvoicePaymentsKept
  friend bool operator==(const Invoice&, const Invoice&) = default;
};

}  // namespace peerpay::api
