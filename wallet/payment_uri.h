#pragma once
// Payment URIs: what a payee hands to a payer (docs/spec/payment-uri.md; grammar after BIP-321).
//
//   peerpay:tpeer1…?amount=12.50&asset=USD&ref=INV-7K3M&label=Corner%20Shop&exp=1790000000

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/expected.h"
#include "base/time.h"
#include "ledger/address.h"
#include "ledger/genesis.h"

namespace peerpay::wallet {

inline constexpr std::size_t kPaymentUriBytesMax = 2048;

struct PaymentRequest {
  ledger::Address payee;
  std::optional<std::string> amount;  // decimal text; checked against the asset's scale when paid
  std::optional<std::string> asset;   // code
  std::string reference;              // at most 32 bytes
  std::string label;                  // who asks, in their own words: never proof of who they are
  std::string message;                // what for, likewise
  std::optional<base::UnixMillis> expires_at;  // whole seconds in the URI
  friend bool operator==(const PaymentRequest&, const PaymentRequest&) = default;
};

// Parsing the text gives the request again if it keeps the rules; who takes its texts from others
// finds out by parsing it.
[[nodiscard]] std::string format_payment_uri(ledger::NetworkKind kind,
                                             const PaymentRequest& request);
// On failure one sentence. Scheme and keys in any case; unknown keys are ignored, but not when they
// begin with "req-"; a key that comes twice is refused.
[[nodiscard]] base::Expected<PaymentRequest, std::string> parse_payment_uri(
    ledger::NetworkKind kind, std::string_view text);

// The same URI for a QR code, which packs upper case tighter: scheme and address in upper case.
// REQUIRES: `uri` from format_payment_uri.
[[nodiscard]] std::string payment_uri_for_qr(std::string_view uri);

}  // namespace peerpay::wallet
