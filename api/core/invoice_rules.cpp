#include "api/core/invoice_rules.h"

#include <algorithm>
#include <cstdint>

#include "api/core/objects.h"
#include "base/utf8.h"

namespace peerpay::api {
namespace {

constexpr std::string_view kUpperAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr int kMadeCharacters = 12;

bool is_valid_entry(const std::pair<std::string, std::string>& entry) {
  const auto& [key, value] = entry;
  return !key.empty() && key.size() <= kMetadataKeyBytesMax &&
         value.size() <= kMetadataValueBytesMax && base::is_plain_text(key) &&
         base::is_plain_text(value);
}

void end(Invoice& invoice, InvoiceStatus status, base::UnixMillis time) {
  invoice.status = status;
  invoice.ended_at = time;
}

// Money can go round, so that all payments together exceed what ever existed.
ledger::Amount saturating_sum(ledger::Amount a, ledger::Amount b) {
  return a.checked_add(b).value_or(ledger::Amount{UINT64_MAX});
}

}  // namespace

bool is_valid_reference(std::string_view reference) {
  return !reference.empty() && reference.size() <= kReferenceBytesMax &&
         base::is_plain_text(reference);
}

bool is_valid_description(std::string_view description) {
  return description.size() <= kDescriptionBytesMax && base::is_plain_text(description);
}

bool is_valid_metadata(const Metadata& metadata) {
  if (metadata.size() > kMetadataKeysMax) return false;
  if (!std::ranges::all_of(metadata, is_valid_entry)) return false;
  const auto not_ascending = [](const auto& a, const auto& b) { return a.first >= b.first; };
  if (std::ranges::adjacent_find(metadata, not_ascending) != metadata.end()) return false;
  return metadata_json(metadata).serialized().size() <= kMetadataBytesMax;
}

std::string made_reference(std::uint64_t random_bits) {
  std::string out = "INV-";
  for (int i = 0; i < kMadeCharacters; ++i, random_bits >>= 5) {
    out.push_back(kUpperAlphabet[random_bits & 0x1f]);
  }
  return out;
}

std::optional<EventType> follow_time(Invoice& invoice, base::UnixMillis block_time) {
  if (invoice.status != InvoiceStatus::kOpen) return std::nullopt;
  if (block_time <= invoice.expires_at) return std::nullopt;
  end(invoice, InvoiceStatus::kExpired, block_time);
  return EventType::kInvoiceExpired;
}

std::vector<EventType> follow_payment(Invoice& invoice, const InvoicePayment& payment) {
  std::vector<EventType> events;
  if (const auto expired = follow_time(invoice, payment.timestamp)) events.push_back(*expired);
  invoice.received = saturating_sum(invoice.received, payment.amount);
  // Dust is cheap to send, and an event goes to every endpoint.
  const bool is_told = invoice.payments.size() < kInvoicePaymentsKept;
  if (is_told) invoice.payments.push_back(payment);

  if (invoice.status == InvoiceStatus::kOpen && invoice.received >= invoice.amount) {
    end(invoice, InvoiceStatus::kPaid, payment.timestamp);
    events.push_back(EventType::kInvoicePaid);
  } else if (is_told) {
    events.push_back(invoice.status == InvoiceStatus::kOpen ? EventType::kInvoicePaymentReceived
                                                            : EventType::kInvoicePaymentUnexpected);
  }
  return events;
}

std::optional<EventType> void_invoice(Invoice& invoice, base::UnixMillis now) {
  if (invoice.status != InvoiceStatus::kOpen) return std::nullopt;
  end(invoice, InvoiceStatus::kVoid, now);
  return EventType::kInvoiceVoided;
}

}  // namespace peerpay::api
