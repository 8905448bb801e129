#include "ledger/apply.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "ledger/limits.h"
#include "tests/support/ledger/ledger_world.h"

namespace peerpay::ledger {
namespace {

using test::kEur;
using test::kNoAsset;
using test::kUsd;
using test::kXau;
using test::Leg;
using enum TransactionResult;

constexpr std::uint64_t kFunds = 1'000'000;
constexpr std::uint64_t kFeeEur = 2;

class Apply : public ::testing::Test {
 protected:
  Apply() : overlay_{state_} { state_.apply(genesis_changes(genesis_)); }

  Transaction pay(const std::vector<Leg>& legs) {
    return test::payment(genesis_, alice_, next_nonce_, legs);
  }
  TransactionResult apply(const Transaction& body) {
    return apply_transaction(genesis_, context_, test::sealed(chain_, body), overlay_).result;
  }
  TransactionResult apply_and_count(const Transaction& body) {
    next_nonce_ = next_nonce_.next();
    return apply(body);
  }
  std::uint64_t balance(const AccountId& id, AssetId asset = kEur) const {
    const Account* account = overlay_.account(id);
    return account == nullptr ? 0 : account->balance(asset).units();
  }

  const Genesis genesis_ = test::test_genesis();
  const ChainId chain_ = chain_id(genesis_);
  const AccountId alice_ = test::test_account(0);
  const AccountId bob_ = test::test_account(1);
  const AccountId carol_ = test::test_account(2);
  const AccountId new_one_ = test::test_account(50);
  const AccountId fees_ = test::test_account(200);
  BlockContext context_{{1'000}, fees_};
  MemoryState state_;
  Overlay overlay_;
  Nonce next_nonce_{1};
};

TEST_F(Apply, MovesTheMoneyAndChargesTheFee) {
  EXPECT_EQ(apply(pay({{bob_, 100}})), kApplied);
  EXPECT_EQ(balance(alice_), kFunds - 100 - kFeeEur);
  EXPECT_EQ(balance(bob_), kFunds + 100);
  EXPECT_EQ(balance(fees_), kFeeEur);
}

TEST_F(Apply, ReportsTheOutcome) {
  auto body = pay({{bob_, 100}, {carol_, 1}});
  body.fee = {kXau, Amount{1'000}};
  const auto transaction = test::sealed(chain_, body);
  const auto applied = apply_transaction(genesis_, context_, transaction, overlay_);
  const Outcome expected{transaction.id, kApplied, kXau, Amount{14}};
  EXPECT_EQ(applied.outcome, expected);
  EXPECT_EQ(balance(alice_, kXau), kFunds - 14);
}

TEST_F(Apply, WritesToTheOverlayAlone) {
  const auto before = test::records_of(state_);
  EXPECT_EQ(apply(pay({{bob_, 100}})), kApplied);
  EXPECT_EQ(test::records_of(state_), before);
  EXPECT_EQ(overlay_.changes().size(), 3U);
}

TEST_F(Apply, GivesAFirstCreditToAnAccountThatNeverRegistered) {
  EXPECT_EQ(apply(pay({{new_one_, 100}})), kApplied);
  EXPECT_EQ(balance(new_one_), 100U);
}

TEST_F(Apply, AppliesAllLegsOrNone) {
  EXPECT_EQ(apply(pay({{bob_, 10}, {carol_, 20}, {bob_, 30}, {bob_, 5, kXau}})), kApplied);
  EXPECT_EQ(balance(alice_), kFunds - 60 - 4 * kFeeEur);
  EXPECT_EQ(balance(bob_), kFunds + 40);
  EXPECT_EQ(balance(bob_, kXau), kFunds + 5);
  EXPECT_EQ(balance(carol_), kFunds + 20);

  const auto before = overlay_.changes();
  next_nonce_ = {2};
  EXPECT_EQ(apply(pay({{bob_, 10}, {carol_, kFunds}})), kFundsInsufficient);
  EXPECT_EQ(apply(pay({{bob_, 10}, {test::invalid_account(0), 1}})), kPayeeInvalid);
  EXPECT_EQ(overlay_.changes(), before);
}

TEST_F(Apply, NeedsFundsForLegsAndFeeTogether) {
  const std::uint64_t most = kFunds - kFeeEur;
  EXPECT_EQ(apply(pay({{bob_, most + 1}})), kFundsInsufficient);
  EXPECT_EQ(apply(pay({{bob_, most}})), kApplied);
  EXPECT_EQ(balance(alice_), 0U);
  EXPECT_TRUE(overlay_.account(alice_)->balance(kUsd).units() > 0);
}

TEST_F(Apply, CountsEachAssetForItself) {
  EXPECT_EQ(apply(pay({{bob_, kFunds - 2 * kFeeEur}, {bob_, kFunds, kUsd}})), kApplied);
  next_nonce_ = {2};
  auto body = pay({{bob_, 1, kXau}});
  EXPECT_EQ(apply(body), kFundsInsufficient);  // no euro is left for the fee
  body.fee = {kUsd, Amount{0}};
  EXPECT_EQ(apply(body), kApplied);
}

// The classic double credit: one account in two roles.
TEST_F(Apply, KeepsAccountsInSeveralRolesStraight) {
  context_.fee_account = alice_;  // the sender earns its own fee, and must still hold it
  EXPECT_EQ(apply(pay({{bob_, kFunds - 1}})), kFundsInsufficient);
  EXPECT_EQ(apply_and_count(pay({{bob_, 100}})), kApplied);
  EXPECT_EQ(balance(alice_), kFunds - 100);

  context_.fee_account = bob_;  // the payee earns the fee
  EXPECT_EQ(apply_and_count(pay({{bob_, 100}})), kApplied);
  EXPECT_EQ(balance(bob_), kFunds + 200 + kFeeEur);

  auto body = pay({{carol_, 100}});  // the payee is the sponsor
  body.sponsor = carol_;
  EXPECT_EQ(apply_and_count(body), kApplied);
  EXPECT_EQ(balance(carol_), kFunds + 100 - kFeeEur);
  EXPECT_EQ(balance(bob_), kFunds + 200 + 2 * kFeeEur);

  body = pay({{carol_, 100}});  // the sponsor earns the fee that it pays
  body.sponsor = bob_;
  EXPECT_EQ(apply_and_count(body), kApplied);
  EXPECT_EQ(balance(bob_), kFunds + 200 + 2 * kFeeEur);
  EXPECT_EQ(balance(alice_), kFunds - 400 - kFeeEur);
}

TEST_F(Apply, DoesNotFundDebitsWithCreditsOfTheSameTransaction) {
  context_.fee_account = carol_;
  auto drain = test::payment(genesis_, carol_, {1}, {{bob_, kFunds - kFeeEur}});
  EXPECT_EQ(apply(drain), kApplied);
  EXPECT_EQ(balance(carol_), kFeeEur);
  auto body = pay({{carol_, 500}, {bob_, 1}});  // the sponsor would be funded by its leg
  body.sponsor = carol_;
  EXPECT_EQ(apply(body), kSponsorFundsInsufficient);
}

TEST_F(Apply, ChargesTheSponsorInsteadOfTheSender) {
  auto body = pay({{bob_, kFunds}});
  body.sponsor = carol_;
  EXPECT_EQ(apply(body), kApplied);
  EXPECT_EQ(balance(alice_), 0U);
  EXPECT_EQ(balance(carol_), kFunds - kFeeEur);
  EXPECT_EQ(overlay_.account(carol_)->nonces, NonceWindow{});  // only the sender's nonce is used
}

TEST_F(Apply, TouchesNoFeeAccountWhenThereIsNoFee) {
  auto body = pay({{bob_, 1}});
  body.fee = {kUsd, Amount{5}};
  EXPECT_EQ(apply(body), kApplied);
  EXPECT_EQ(overlay_.account(fees_), nullptr);
}

TEST_F(Apply, UsesEachNonceOnce) {
  const auto body = pay({{bob_, 1}});
  EXPECT_EQ(apply(body), kApplied);
  EXPECT_EQ(apply(body), kNonceUsed);
  next_nonce_ = {66};
  EXPECT_EQ(apply(pay({{bob_, 1}})), kApplied);
  EXPECT_EQ(apply(body), kNonceTooOld);
  next_nonce_ = {2};
  EXPECT_EQ(apply(pay({{bob_, 1}})), kApplied);
  next_nonce_ = {66 + kNonceAheadMax + 1};
  EXPECT_EQ(apply(pay({{bob_, 1}})), kNonceTooFarAhead);
}

TEST_F(Apply, ExpiresAfterItsLastMillisecond) {
  auto body = pay({{bob_, 1}});
  body.valid_until = {context_.timestamp.value - 1};
  EXPECT_EQ(apply(body), kExpired);
  body.valid_until = context_.timestamp;
  EXPECT_EQ(apply(body), kApplied);
}

TEST_F(Apply, RefusesAPayeeThatIsNoKeyOnlyAtItsFirstCredit) {
  const auto lost = test::invalid_account(0);
  EXPECT_EQ(apply(pay({{lost, 1}})), kPayeeInvalid);
  state_.put(lost, Account{});
  EXPECT_EQ(apply(pay({{lost, 1}})), kApplied);
}

TEST_F(Apply, RefusesABalanceAboveTheLargestSupply) {
  Account rich;
  rich.set_balance(kEur, Amount{kSupplyMax - 10});
  state_.put(new_one_, rich);
  EXPECT_EQ(apply(pay({{new_one_, 11}})), kBalanceOverflow);
  EXPECT_EQ(apply(pay({{new_one_, 10}})), kApplied);
}

TEST_F(Apply, PaysAThousandAtOnce) {
  std::vector<Leg> legs;
  for (std::uint32_t i = 0; i < kOperationsMax; ++i)
    legs.push_back({test::test_account(i % 7 + 1), 1});
  EXPECT_EQ(apply(pay(legs)), kApplied);
  EXPECT_EQ(balance(alice_), kFunds - kOperationsMax - kOperationsMax * kFeeEur);
  EXPECT_EQ(balance(fees_), kOperationsMax * kFeeEur);
}

TEST_F(Apply, SumsTheLargestAmountsWithoutOverflow) {
  auto body = pay({{bob_, kSupplyMax - 1}, {carol_, 1}});
  EXPECT_EQ(apply(body), kFundsInsufficient);
  body = pay({{bob_, kSupplyMax}, {carol_, 1}});
  EXPECT_EQ(apply(body), kAmountOverflow);
  body = pay({{bob_, UINT64_MAX}, {carol_, UINT64_MAX}});
  EXPECT_EQ(apply(body), kAmountOverflow);
  body = pay({{bob_, kSupplyMax}, {carol_, kSupplyMax, kUsd}});
  EXPECT_EQ(apply(body), kFundsInsufficient);
}

struct PrecedenceRow {
  TransactionResult result;
  std::function<void(SignedTransaction&)> breaks;
};

Pay& first_leg(SignedTransaction& transaction) {
  return std::get<Pay>(transaction.body.operations[0]);
}

// From the last reason to the first: each change adds a reason that comes before all others so far.
const std::vector<PrecedenceRow>& precedence() {
  static const std::vector<PrecedenceRow> kRows = {
      {kPayeeInvalid, [](auto& t) { first_leg(t).payee = test::invalid_account(0); }},
      {kBalanceOverflow,
       [](auto& t) { std::get<Pay>(t.body.operations[1]).payee = test::test_account(60); }},
      {kSponsorFundsInsufficient,
       [](auto& t) {
         t.body.sponsor = test::test_account(61);
         t.signatures.resize(2);
       }},
      {kFundsInsufficient, [](auto& t) { first_leg(t).amount = Amount{kFunds + 1}; }},
      {kNonceTooFarAhead, [](auto& t) { t.body.nonce = {kNonceAheadMax + 1}; }},
      {kSponsorUnknown, [](auto& t) { t.body.sponsor = test::test_account(70); }},
      {kSenderUnknown, [](auto& t) { t.body.sender = test::test_account(71); }},
      {kExpired, [](auto& t) { t.body.valid_until = {0}; }},
      {kFeeTooLow, [](auto& t) { t.body.fee.max = Amount{3}; }},
      {kFeeAssetUnknown, [](auto& t) { t.body.fee.asset = kNoAsset; }},
      {kAssetUnknown, [](auto& t) { first_leg(t).asset = kNoAsset; }},
      {kSignatureMissing, [](auto& t) { t.signatures.resize(1); }},
      {kAmountOverflow, [](auto& t) { first_leg(t).amount = Amount{kSupplyMax + 1}; }},
      {kSponsorIsSender, [](auto& t) { t.body.sponsor = t.body.sender; }},
      {kPayeeIsSender, [](auto& t) { first_leg(t).payee = t.body.sender; }},
      {kAmountZero, [](auto& t) { std::get<Pay>(t.body.operations[1]).amount = Amount{0}; }},
      {kNonceZero, [](auto& t) { t.body.nonce = {0}; }},
      {kVersionUnsupported, [](auto& t) { t.body.version = 2; }},
      {kMalformed, [](auto& t) { first_leg(t).memo.resize(kMemoBytesMax + 1); }},
  };
  return kRows;
}

TEST_F(Apply, GivesTheFirstReasonInPrecedenceOrder) {
  Account rich;
  rich.set_balance(kEur, Amount{kSupplyMax});
  state_.put(test::test_account(60), rich);
  state_.put(test::test_account(61), Account{});
  SignedTransaction transaction{pay({{bob_, 1}, {carol_, 1}}), std::vector<crypto::Signature>(1)};
  for (const auto& [result, breaks] : precedence()) {
    breaks(transaction);
    const auto refused = apply_transaction(genesis_, context_, seal(chain_, transaction), overlay_);
    EXPECT_EQ(code(refused.result), code(result));
    EXPECT_TRUE(overlay_.changes().empty());
  }
}

TEST_F(Apply, RefusesATransactionWithoutOperations) {
  auto body = pay({});
  EXPECT_EQ(apply(body), kOperationsEmpty);
  body.nonce = {0};
  EXPECT_EQ(apply(body), kOperationsEmpty);
}

TEST_F(Apply, ChecksInThreeStepsThatAgree) {
  auto body = pay({{bob_, 1}});
  body.fee.asset = kNoAsset;
  const auto transaction = test::sealed(chain_, body);
  EXPECT_EQ(check_static(transaction), kApplied);
  EXPECT_EQ(check_genesis(genesis_, transaction), kFeeAssetUnknown);
  body.nonce = {0};
  EXPECT_EQ(check_static(test::sealed(chain_, body)), kNonceZero);
}

TEST(RequiredFee, IsFlatForEachOperationAndNeverWraps) {
  auto genesis = test::test_genesis();
  auto body = test::payment(genesis, test::test_account(0), {1},
                            {{test::test_account(1), 1}, {test::test_account(2), 1}});
  EXPECT_EQ(required_fee(genesis, body), Amount{4});
  body.fee.asset = kUsd;
  EXPECT_EQ(required_fee(genesis, body), Amount{0});
  body.fee.asset = kNoAsset;
  EXPECT_EQ(required_fee(genesis, body), std::nullopt);
  body.fee.asset = kEur;
  genesis.assets[0].fee_per_operation = Amount{UINT64_MAX};
  EXPECT_EQ(required_fee(genesis, body), std::nullopt);
  genesis.assets[0].fee_per_operation = Amount{kSupplyMax / 2 + 1};
  EXPECT_EQ(required_fee(genesis, body), std::nullopt);
}

TEST(OverlayChain, ReadsThroughAndIsReparented) {
  const auto id = test::test_account(0);
  MemoryState state;
  Account account;
  account.set_balance(kEur, Amount{1});
  state.put(id, account);
  Overlay lower{state};
  Overlay upper{static_cast<const StateView&>(lower)};
  EXPECT_EQ(upper.account(id)->balance(kEur), Amount{1});
  account.set_balance(kEur, Amount{2});
  lower.put(id, account);
  EXPECT_EQ(upper.account(id)->balance(kEur), Amount{2});
  EXPECT_EQ(state.account(id)->balance(kEur), Amount{1});
  state.apply(lower.changes());
  upper.set_parent(state);
  lower.clear();
  EXPECT_EQ(upper.account(id)->balance(kEur), Amount{2});
  EXPECT_EQ(upper.account(test::test_account(1)), nullptr);
}

}  // namespace
}  // namespace peerpay::ledger
