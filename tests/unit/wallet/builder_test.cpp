#include "wallet/builder.h"

#include <gtest/gtest.h>

#include <vector>

#include "ledger/apply.h"
#include "ledger/limits.h"
#include "tests/unit/wallet/sample_genesis.h"

namespace peerpay::wallet {
namespace {

using ledger::Nonce;
using ledger::TransactionResult;

crypto::SecretKey key_number(std::uint8_t number) {
  base::Bytes bytes(32);
  bytes.back() = number;
  return *crypto::SecretKey::from_bytes(bytes);
}

ledger::AccountId account_number(std::uint8_t number) {
  return ledger::account_of(key_number(number).public_key());
}

PaymentOrder sample_order() {
  return {.sender = account_number(1),
          .payee = {.account = account_number(2), .tag = 77},
          .asset = kUsd,
          .amount = ledger::Amount{1250},
          .reference = {'I', '1'},
          .memo = {'h', 'i'}};
}

constexpr PaymentTerms kTerms{.nonce = {5}, .valid_until = {1'700'000'100'000}};

Nonce nonce_for(const ledger::NonceWindow& window, const std::vector<Nonce>& in_flight,
                const std::vector<Nonce>& reusable) {
  const auto nonce = choose_nonce(window, {.in_flight = in_flight, .reusable = reusable});
  EXPECT_TRUE(nonce.has_value());
  return nonce.value_or(Nonce{});
}

TEST(ChooseNonce, TakesTheNextOne) {
  EXPECT_EQ(nonce_for({}, {}, {}), Nonce{1});
  EXPECT_EQ(nonce_for({.highest = 9, .below = 0}, {}, {}), Nonce{10});
}

TEST(ChooseNonce, SkipsPaymentsInFlight) {
  EXPECT_EQ(nonce_for({.highest = 9, .below = 0}, {Nonce{10}, Nonce{12}}, {}), Nonce{11});
  EXPECT_EQ(nonce_for({.highest = 9, .below = 0}, {Nonce{11}, Nonce{10}}, {}), Nonce{12});
}

TEST(ChooseNonce, TakesTheNonceOfARefusedPaymentAgain) {
  EXPECT_EQ(nonce_for({.highest = 9, .below = 0}, {Nonce{10}}, {Nonce{8}, Nonce{7}}), Nonce{7});
}

TEST(ChooseNonce, NeverTakesARefusedNonceThatIsUsedOrTooOld) {
  const ledger::NonceWindow window{.highest = 100, .below = 0b10};  // 98 is used
  EXPECT_EQ(nonce_for(window, {}, {Nonce{98}, Nonce{100}, Nonce{2}}), Nonce{101});
}

TEST(ChooseNonce, NeverTakesARefusedNonceThatIsInFlightAgain) {
  EXPECT_EQ(nonce_for({.highest = 9, .below = 0}, {Nonce{10}}, {Nonce{10}}), Nonce{11});
}

// Whether a nonce was used can be proved only while it is in the window.
TEST(ChooseNonce, KeepsEveryOpenNonceInTheWindow) {
  const ledger::NonceWindow window{.highest = 70, .below = 0};
  EXPECT_EQ(nonce_for(window, {Nonce{7}}, {}), Nonce{71});
  EXPECT_FALSE(choose_nonce(window, {.in_flight = std::vector{Nonce{6}, Nonce{71}}, .reusable = {}})
                   .has_value());
  std::vector<Nonce> in_flight;
  for (std::uint64_t i = 1; i <= 65; ++i) in_flight.push_back({i});
  EXPECT_FALSE(choose_nonce({}, {.in_flight = in_flight, .reusable = {}}).has_value());
  // What has left the window already is lost anyway.
  EXPECT_EQ(nonce_for(window, {Nonce{5}}, {}), Nonce{71});
}

TEST(ValidUntil, CountsFromTheLaterClock) {
  EXPECT_EQ(valid_until_after({1000}, {500}, base::seconds(2)), (base::UnixMillis{3000}));
  EXPECT_EQ(valid_until_after({1000}, {1500}, base::seconds(2)), (base::UnixMillis{3500}));
}

TEST(BuildPayment, CarriesOutTheOrderAtTheGenesisFee) {
  const auto built = build_payment(sample_genesis(), sample_order(), kTerms);
  ASSERT_TRUE(built.has_value());
  EXPECT_EQ(order_of(*built), sample_order());
  EXPECT_EQ((*built).nonce, kTerms.nonce);
  EXPECT_EQ((*built).valid_until, kTerms.valid_until);
  EXPECT_EQ((*built).fee, (ledger::FeeOffer{kUsd, ledger::Amount{1}}));
}

TEST(BuildPayment, RefusesWithTheLedgersOwnResult) {
  const auto result_of = [](const PaymentOrder& order) {
    const auto built = build_payment(sample_genesis(), order, kTerms);
    return built.has_value() ? TransactionResult::kApplied : built.error();
  };
  auto zero = sample_order();
  zero.amount = {};
  EXPECT_EQ(result_of(zero), TransactionResult::kAmountZero);
  auto to_self = sample_order();
  to_self.payee.account = to_self.sender;
  EXPECT_EQ(result_of(to_self), TransactionResult::kPayeeIsSender);
  auto unknown = sample_order();
  unknown.asset = {9};
  EXPECT_EQ(result_of(unknown), TransactionResult::kAssetUnknown);
  auto lost = sample_order();
  lost.payee.account = ledger::AccountId{};  // no point has this x coordinate
  EXPECT_EQ(result_of(lost), TransactionResult::kPayeeInvalid);
  auto long_memo = sample_order();
  long_memo.memo.resize(ledger::kMemoBytesMax + 1);
  EXPECT_EQ(result_of(long_memo), TransactionResult::kMalformed);
}

TEST(BuildPayment, IsCoveredOnlyWithTheFee) {
  const auto built = build_payment(sample_genesis(), sample_order(), kTerms);
  ASSERT_TRUE(built.has_value());
  EXPECT_FALSE(is_covered(*built, ledger::Amount{1250}));
  EXPECT_TRUE(is_covered(*built, ledger::Amount{1251}));
}

TEST(SignPayment, SatisfiesTheLedger) {
  const ledger::ChainId chain{{1, 2, 3}};
  const auto genesis = sample_genesis();
  const auto built = build_payment(genesis, sample_order(), kTerms);
  ASSERT_TRUE(built.has_value());
  const auto sealed = sign_payment(chain, *built, key_number(1), base::Bytes(32, 9));
  EXPECT_EQ(ledger::check_static(sealed), TransactionResult::kApplied);
  EXPECT_EQ(ledger::check_genesis(genesis, sealed), TransactionResult::kApplied);
  EXPECT_EQ(ledger::verify_signatures(sealed), TransactionResult::kApplied);

  const auto again = ledger::seal(chain, sealed.bytes);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ((*again).id, sealed.id);
  // The id is the body's alone: other randomness gives another signature and the same payment.
  const auto other = sign_payment(chain, *built, key_number(1), base::Bytes(32, 10));
  EXPECT_EQ(other.id, sealed.id);
  EXPECT_NE(other.bytes, sealed.bytes);
}

TEST(OrderOf, IsEmptyForWhatTheWalletDoesNotMake) {
  auto transaction = *build_payment(sample_genesis(), sample_order(), kTerms);
  auto sponsored = transaction;
  sponsored.sponsor = account_number(3);
  EXPECT_FALSE(order_of(sponsored).has_value());
  transaction.operations.push_back(transaction.operations[0]);
  EXPECT_FALSE(order_of(transaction).has_value());
}

}  // namespace
}  // namespace peerpay::wallet
