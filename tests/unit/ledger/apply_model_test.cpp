// The rules against the naive ledger (tests/support/ledger/naive_ledger.h): the same random
// transactions, the same results, the same state after each of them.

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "base/rng.h"
#include "ledger/apply.h"
#include "ledger/limits.h"
#include "tests/support/ledger/ledger_world.h"
#include "tests/support/ledger/naive_ledger.h"

namespace peerpay::ledger {
namespace {

using enum TransactionResult;

constexpr std::uint32_t kKnown = 8;
constexpr std::uint32_t kStrangers = 6;
constexpr std::uint64_t kTime = 1'000'000;

std::map<AccountId, test::NaiveLedger::Record> first_records() {
  std::map<AccountId, test::NaiveLedger::Record> records;
  for (std::uint32_t i = 0; i < kKnown; ++i) {
    records[test::test_account(i)].money = {{0, 50'000}, {1, 30'000}, {2, 400}};
  }
  // Beyond what a genesis may hold, so that balances can overflow.
  records[test::test_account(0)].money[1] = kSupplyMax - 50;
  records[test::test_account(1)].money[1] = kSupplyMax - 50;
  return records;
}

class Generator {
 public:
  Generator(std::uint64_t seed, const Genesis& genesis) : rng_{seed}, genesis_{genesis} {
    for (std::uint32_t i = 0; i < kKnown + kStrangers; ++i) ids_.push_back(test::test_account(i));
    for (std::uint8_t i = 0; i < 2; ++i) ids_.push_back(test::invalid_account(i));
  }

  SignedTransaction transaction(const StateView& state) {
    Transaction body;
    body.version = rng_.chance(1, 150) ? 2 : 1;
    body.sender = rng_.chance(9, 10) ? ids_[rng_.below(kKnown)] : any_id();
    if (rng_.chance(1, 4)) body.sponsor = rng_.chance(4, 5) ? ids_[rng_.below(kKnown)] : any_id();
    const Account* sender = state.account(body.sender);
    body.nonce = nonce(sender != nullptr ? sender->nonces : NonceWindow{});
    body.valid_until = {rng_.chance(1, 30) ? kTime - 1 : kTime + rng_.below(2)};
    const std::uint64_t legs = rng_.chance(1, 100) ? 0 : rng_.chance(2, 3) ? 1 : rng_.between(2, 6);
    for (std::uint64_t i = 0; i < legs; ++i) body.operations.emplace_back(leg(body.sender, sender));
    body.fee = fee(body);
    const std::size_t signatures = rng_.chance(1, 60) ? rng_.below(4) : signers_of(body);
    return {std::move(body), std::vector<crypto::Signature>(signatures)};
  }

  AccountId fee_account() {
    return rng_.chance(1, 2) ? ids_[kKnown + kStrangers - 1] : ids_[rng_.below(kKnown)];
  }

 private:
  AccountId any_id() { return ids_[rng_.below(ids_.size())]; }
  AssetId any_asset() {
    return {static_cast<std::uint32_t>(rng_.below(rng_.chance(1, 40) ? 4 : 3))};
  }

  Nonce nonce(const NonceWindow& window) {
    switch (rng_.below(10)) {
      case 0: return {window.highest};
      case 1: return {window.highest + 65'530 + rng_.below(12)};
      case 2: return {window.highest > 70 ? window.highest - 70 + rng_.below(70) : rng_.below(70)};
      case 3: return {window.highest + rng_.between(1, 70)};
      default: return {window.highest + rng_.between(1, 2)};
    }
  }

  Amount amount(const Account* sender, AssetId asset) {
    const std::uint64_t held = sender != nullptr ? sender->balance(asset).units() : 100;
    switch (rng_.below(40)) {
      case 0: return Amount{0};
      case 1: return Amount{UINT64_MAX - rng_.below(3)};
      case 2: return Amount{kSupplyMax - rng_.below(3)};
      case 3:
      case 4: return Amount{held + rng_.below(6) - 3};
      case 5: return Amount{held / 2 + rng_.below(3)};
      default: return Amount{rng_.between(1, 60)};
    }
  }

  Pay leg(const AccountId& sender_id, const Account* sender) {
    Pay pay;
    pay.payee = any_id();
    if (pay.payee == sender_id && !rng_.chance(1, 10)) pay.payee = ids_[kKnown];
    pay.asset = any_asset();
    pay.amount = amount(sender, pay.asset);
    if (rng_.chance(1, 10)) pay.memo.resize(rng_.chance(1, 30) ? kMemoBytesMax + 1 : 5);
    return pay;
  }

  FeeOffer fee(const Transaction& body) {
    FeeOffer offer{any_asset(), Amount{0}};
    Transaction probe = body;
    probe.fee.asset = offer.asset;
    const std::uint64_t required = required_fee(genesis_, probe).value_or(Amount{}).units();
    const bool is_too_low = required > 0 && rng_.chance(1, 40);
    offer.max = Amount{is_too_low ? required - 1 : required + rng_.below(2)};
    return offer;
  }

  base::Rng rng_;
  const Genesis& genesis_;
  std::vector<AccountId> ids_;
};

class Differential {
 public:
  explicit Differential(std::uint64_t seed)
      : generator_{seed, genesis_}, naive_{genesis_, first_records()} {
    state_.apply(naive_.as_changes());
  }

  // One block's worth on a new overlay, compared after each transaction.
  void run_block(std::size_t transactions) {
    Overlay overlay{state_};
    for (std::size_t i = 0; i < transactions; ++i) {
      const BlockContext context{{kTime}, generator_.fee_account()};
      const auto transaction = seal(chain_, generator_.transaction(overlay));
      const auto before = overlay.changes();
      const bool is_well_made =
          check_static(transaction) == kApplied && check_genesis(genesis_, transaction) == kApplied;
      const auto foreseen =
          is_well_made ? std::optional{check_state(genesis_, context, transaction, overlay)}
                       : std::nullopt;
      const auto real = apply_transaction(genesis_, context, transaction, overlay).result;
      ASSERT_EQ(foreseen.value_or(real), real);
      const auto expected =
          naive_.apply(transaction.transaction, context.timestamp, context.fee_account);
      ASSERT_EQ(code(real), code(expected)) << base::to_hex(transaction.bytes);
      if (real != kApplied) {
        ASSERT_EQ(overlay.changes(), before);
      }
      ++seen_[real];
    }
    state_.apply(overlay.changes());
    ASSERT_EQ(test::records_of(state_), naive_.as_changes());
  }

  const std::map<TransactionResult, int>& seen() const { return seen_; }

 private:
  const Genesis genesis_ = test::test_genesis();
  const ChainId chain_ = chain_id(genesis_);
  MemoryState state_;
  Generator generator_;
  test::NaiveLedger naive_;
  std::map<TransactionResult, int> seen_;
};

TEST(ApplyModel, AgreesWithTheNaiveLedger) {
  std::map<TransactionResult, int> seen;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Differential differential{seed};
    for (int block = 0; block < 25; ++block) {
      ASSERT_NO_FATAL_FAILURE(differential.run_block(100));
    }
    for (const auto& [result, count] : differential.seen()) seen[result] += count;
  }
  // Fifty thousand transactions of which none was interesting would prove nothing.
  EXPECT_GT(seen[kApplied], 10'000);
  for (const auto result :
       {kMalformed,        kVersionUnsupported, kOperationsEmpty,   kNonceZero,
        kAmountZero,       kPayeeIsSender,      kSponsorIsSender,   kAmountOverflow,
        kSignatureMissing, kAssetUnknown,       kFeeAssetUnknown,   kFeeTooLow,
        kExpired,          kSenderUnknown,      kSponsorUnknown,    kNonceUsed,
        kNonceTooOld,      kNonceTooFarAhead,   kFundsInsufficient, kSponsorFundsInsufficient,
        kBalanceOverflow,  kPayeeInvalid}) {
    EXPECT_GT(seen[result], 10) << code(result);
  }
}

}  // namespace
}  // namespace peerpay::ledger
