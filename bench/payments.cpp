#include "bench/payments.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/bcs.h"
#include "base/check.h"
#include "base/os/parallel.h"
#include "base/rng.h"
#include "crypto/hash.h"
#include "crypto/signature.h"
#include "ledger/limits.h"

namespace peerpay::bench {
namespace {

// Draws the payees of one payment: never the payer.
class Payees {
 public:
  Payees(const Accounts& accounts, std::size_t payer, std::uint64_t number)
      : accounts_{accounts}, payer_{payer}, rng_{number} {}

  ledger::AccountId next(unsigned hot_percent) {
    const auto hot = accounts_.size() - 1;
    if (hot_percent > 0 && payer_ != hot && rng_.between(1, 100) <= hot_percent) {
      return accounts_.id(hot);
    }
    const auto step = static_cast<std::size_t>(rng_.between(1, accounts_.size() - 1));
    return accounts_.id((payer_ + step) % accounts_.size());
  }

 private:
  const Accounts& accounts_;
  std::size_t payer_;
  base::Rng rng_;
};

// What chooses one payment among all of the same terms.
struct PaymentPlace {
  std::size_t payer = 0;
  ledger::Nonce nonce;
  std::uint64_t number = 0;
};

ledger::SealedTransaction sign_payment(const Accounts& accounts, const PaymentTerms& terms,
                                       const PaymentPlace& place) {
  constexpr std::uint8_t kMemoCharacter = 'm';
  ledger::SignedTransaction payment;
  auto& body = payment.body;
  body.sender = accounts.id(place.payer);
  body.nonce = place.nonce;
  body.valid_until = terms.valid_until;
  Payees payees{accounts, place.payer, place.number};
  auto payload_left = terms.shape.payload_bytes;
  for (std::size_t leg = 0; leg < terms.shape.legs; ++leg) {
    const auto memo_bytes = std::min(payload_left, ledger::kMemoBytesMax);
    payload_left -= memo_bytes;
    body.operations.push_back(ledger::Pay{.payee = payees.next(terms.shape.hot_percent),
                                          .tag = std::nullopt,
                                          .asset = {0},
                                          .amount = ledger::Amount{1},
                                          .reference = {},
                                          .memo = base::Bytes(memo_bytes, kMemoCharacter)});
  }
  const auto id = ledger::transaction_id(terms.chain, body);
  payment.signatures = {crypto::sign(accounts.key(place.payer), ledger::signing_message(id))};
  return ledger::seal(terms.chain, std::move(payment));
}

base::BcsWriter seed_of(std::string_view purpose, std::uint64_t index, std::uint8_t attempt) {
  base::BcsWriter out;
  out.raw(base::as_bytes(purpose));
  out.u64(index);
  out.u8(attempt);
  return out;
}

// A point whose key nobody has looked for: half of all hashes are the x coordinate of one.
ledger::AccountId bystander(std::uint64_t index) {
  for (std::uint8_t attempt = 0;; ++attempt) {
    const auto seed = seed_of("peerpay benchmark bystander", index, attempt);
    const crypto::PublicKey point{crypto::sha256(seed.view()).bytes};
    if (crypto::is_valid(point)) return ledger::account_of(point);
  }
}

}  // namespace

crypto::SecretKey account_key(std::uint64_t index) {
  for (std::uint8_t attempt = 0;; ++attempt) {  // all but 2^-128 of all hashes are valid scalars
    const auto seed = seed_of("peerpay benchmark account", index, attempt);
    if (auto key = crypto::SecretKey::from_bytes(crypto::sha256(seed.view()).view())) {
      return std::move(*key);
    }
  }
}

Accounts::Accounts(std::size_t count) {
  PEERPAY_CHECK(count >= 2, "nobody pays themselves");
  const auto payers = std::min(count, kPayersMax);
  ids_.resize(count);
  keys_.reserve(payers);
  for (std::size_t i = 0; i < payers; ++i) keys_.push_back(account_key(i));
  os::for_each_parallel(count, [&](std::size_t i) {
    ids_[i] = i < payers ? ledger::account_of(keys_[i].public_key()) : bystander(i);
  });
}

std::optional<std::string> PaymentShape::invalid_reason() const {
  if (legs < 1 || legs > ledger::kOperationsMax) {
    return fmt::format("A transaction has 1 to {} legs.", ledger::kOperationsMax);
  }
  if (payload_bytes > legs * ledger::kMemoBytesMax) {
    return fmt::format(
        "A memo takes {} bytes at most, so {} bytes of payload need at least {} legs.",
        ledger::kMemoBytesMax, payload_bytes,
        (payload_bytes + ledger::kMemoBytesMax - 1) / ledger::kMemoBytesMax);
  }
  if (hot_percent > 100) return "At most 100 percent go to the hot account.";
  return std::nullopt;
}

ledger::SealedTransaction make_payment(const Accounts& accounts, const PaymentTerms& terms,
                                       std::uint64_t number) {
  return sign_payment(accounts, terms,
                      {.payer = static_cast<std::size_t>(number % accounts.payers()),
                       .nonce = {terms.nonce_first.value + number / accounts.payers()},
                       .number = number});
}

ledger::SealedTransaction make_payment_of(const Accounts& accounts, const PaymentTerms& terms,
                                          std::size_t payer, ledger::Nonce nonce) {
  return sign_payment(accounts, terms, {.payer = payer, .nonce = nonce, .number = nonce.value});
}

std::vector<PreparedPayment> prepare_payments(const Accounts& accounts, const PaymentTerms& terms,
                                              std::size_t count) {
  std::vector<PreparedPayment> out(count);
  os::for_each_parallel(count, [&](std::size_t i) {
    out[i] = base::to_text(make_payment(accounts, terms, i).bytes);
  });
  return out;
}

}  // namespace peerpay::bench
