#include "api/core/invoice_rules.h"

#include <algorithm>
#include <cstdint>

#include "api/core/objects.h"
#include "base/utf8.h"

namespace peerpay::api {
namespace {

constexpr std::string_view kUpperAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr int kMadeCharacters = 12;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_plain_text(std::string_view text) {
  return std::ranges::none_of(text, is_control) && base::valid_utf8(text) == text;
}

bool is_valid_entry(const std::pair<std::string, std::string>& entry) {
  const auto& [key, value] = entry;
  return !key.empty() && key.size() <= kMetadataKeyBytesMax &&
         value.size() <= kMetadataValueBytesMax && is_plain_text(key) && is_plain_text(value);
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
  return !reference.empty() && reference.size() <= kReferenceBytesMax && is_plain_text(reference);
}

bool is_valid_description(std::string_view description) {
  return description.size() <= kDescriptionBytesMax && is_plain_text(description);
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
  if (invoice.payments.size() < kInvoicePaymentsKept) invoice.payments.push_back(payment);

  if (invoice.status != InvoiceStatus::kOpen) {
    events.push_back(EventType::kInvoicePaymentUnexpected);
  } else if (invoice.received < invoice.amount) {
    events.push_back(EventType::kInvoicePaymentReceived);
  } else {
    end(invoice, InvoiceStatus::kPaid, payment.timestamp);
    events.push_back(EventType::kInvoicePaid);
  }
  return events;
}

std::optional<EventType> void_invoice(Invoice& invoice, base::UnixMillis now) {
  if (invoice.status != InvoiceStatus::kOpen) return std::nullopt;
  end(invoice, InvoiceStatus::kVoid, now);
  return EventType::kInvoiceVoided;
}

}  // namespace peerpay::api
