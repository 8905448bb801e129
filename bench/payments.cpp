#include "bench/payments.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>

#include "base/bcs.h"
#include "base/check.h"
#include "base/rng.h"
#include "crypto/hash.h"
#include "crypto/signature.h"

namespace peerpay::bench {
namespace {

ledger::AccountId payee_of(const Accounts& accounts, std::size_t payer, std::uint64_t number) {
  base::Rng rng{number};
  const auto step = rng.between(1, accounts.size() - 1);
  return accounts.id((payer + static_cast<std::size_t>(step)) % accounts.size());
}

struct PaymentDetails {
  ledger::Nonce nonce;
  ledger::AccountId payee;
};

ledger::SealedTransaction sign_payment(const Accounts& accounts, const PaymentTerms& terms,
                                       std::size_t payer, const PaymentDetails& details) {
  ledger::SignedTransaction payment;
  auto& body = payment.body;
  body.sender = accounts.id(payer);
  body.nonce = details.nonce;
  body.valid_until = terms.valid_until;
  body.operations = {ledger::Pay{.payee = details.payee,
                                 .tag = std::nullopt,
                                 .asset = {0},
                                 .amount = ledger::Amount{1},
                                 .reference = {},
                                 .memo = {}}};
  const auto id = ledger::transaction_id(terms.chain, body);
  payment.signatures = {crypto::sign(accounts.key(payer), ledger::signing_message(id))};
  return ledger::seal(terms.chain, std::move(payment));
}

}  // namespace

crypto::SecretKey account_key(std::uint64_t index) {
  for (std::uint8_t attempt = 0;; ++attempt) {  // all but 2^-128 of all hashes are valid scalars
    base::BcsWriter seed;
    seed.raw(base::as_bytes("peerpay benchmark account"));
    seed.u64(index);
    seed.u8(attempt);
    if (auto key = crypto::SecretKey::from_bytes(crypto::sha256(seed.view()).view())) {
      return std::move(*key);
    }
  }
}

Accounts::Accounts(std::size_t count) {
  PEERPAY_CHECK(count >= 2, "nobody pays themselves");
  ids_.resize(count);
  keys_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) keys_.push_back(account_key(i));
  for_each_parallel(count,
                    [this](std::size_t i) { ids_[i] = ledger::account_of(keys_[i].public_key()); });
}

ledger::SealedTransaction make_payment(const Accounts& accounts, const PaymentTerms& terms,
                                       std::uint64_t number) {
  const auto payer = static_cast<std::size_t>(number % accounts.size());
  return sign_payment(accounts, terms, payer,
                      {.nonce = {terms.nonce_first.value + number / accounts.size()},
                       .payee = payee_of(accounts, payer, number)});
}

ledger::SealedTransaction make_payment_of(const Accounts& accounts, const PaymentTerms& terms,
                                          std::size_t payer, ledger::Nonce nonce) {
  return sign_payment(accounts, terms, payer,
                      {.nonce = nonce, .payee = payee_of(accounts, payer, nonce.value)});
}

std::vector<PreparedPayment> prepare_payments(const Accounts& accounts, const PaymentTerms& terms,
                                              std::size_t count) {
  std::vector<PreparedPayment> out(count);
  for_each_parallel(count, [&](std::size_t i) {
    out[i] = base::to_text(make_payment(accounts, terms, i).bytes);
  });
  return out;
}

void for_each_parallel(std::size_t count, const std::function<void(std::size_t)>& work) {
  constexpr std::size_t kChunk = 64;
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    for (std::size_t begin = next.fetch_add(kChunk); begin < count;
         begin = next.fetch_add(kChunk)) {
      for (std::size_t i = begin; i < std::min(begin + kChunk, count); ++i) work(i);
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) threads.emplace_back(run);
  run();
}

}  // namespace peerpay::bench
