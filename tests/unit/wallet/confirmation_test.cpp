#include "wallet/confirmation.h"

#include <gtest/gtest.h>

#include "ledger/address.h"
#include "tests/unit/wallet/sample_genesis.h"
#include "wallet/builder.h"

namespace peerpay::wallet {
namespace {

// The x coordinate of the generator of secp256k1: a valid account.
constexpr std::string_view kPayee =
    "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

ledger::Transaction sample_payment() {
  const PaymentOrder order{
      .sender = {{1}},
      .payee = {.account = *base::fixed_from_hex<ledger::AccountId>(kPayee), .tag = std::nullopt},
      .asset = kUsd,
      .amount = ledger::Amount{1250},
      .reference = {'I', '-', '7'},
      .memo = {'h', 'i', 0x1b, '['}};
  return *build_payment(sample_genesis(), order,
                        {.nonce = {1}, .valid_until = {1'700'000'120'000}});
}

TEST(Confirmation, NamesEveryFactThatIsSigned) {
  const auto payment = sample_payment();
  const auto text = confirmation_text(sample_genesis(), payment,
                                      {.from_name = "main",
                                       .is_first_payment = true,
                                       .balance = ledger::Amount{2000},
                                       .now = {1'700'000'000'000}});
  const auto address = ledger::format_address(
      ledger::NetworkKind::kTest, {*base::fixed_from_hex<ledger::AccountId>(kPayee), std::nullopt});
  EXPECT_EQ(text,
            "Payment on network \"devnet\"\n"
            "  pay        12.50 USD\n"
            "  to         " +
                marked_address(address) +
                "\n"
                "             you have not paid this address before\n"
                "  from       main\n"
                "  fee        0.01 USD\n"
                "  reference  I-7\n"
                "  memo       hi\\x1b[\n"
                "  expires    2023-11-14 22:15:20 UTC (in 2 min)\n"
                "  leaves     7.49 USD\n");
}

TEST(Claims, AreToldUnderTheirAuthorsName) {
  EXPECT_EQ(claims_text({}), "");
  EXPECT_EQ(claims_text({.label = "Corner Shop\x1b[2J",
                         .message = "2 coffees",
                         .open_until = base::UnixMillis{1'700'000'120'000}}),
            "The payee says, and nobody has checked:\n"
            "  who        Corner Shop\\x1b[2J\n"
            "  what for   2 coffees\n"
            "  open until 2023-11-14 22:15:20 UTC\n");
}

TEST(MarkedAddress, SetsTheEndsApartAndKeepsEveryCharacter) {
  EXPECT_EQ(marked_address("tpeer1abcdefMIDDLEuvwxyz"), "tpeer1 abcdef MIDDLE uvwxyz");
  EXPECT_EQ(marked_address("short"), "short");
}

TEST(AmountText, SurvivesAnUnknownAsset) {
  EXPECT_EQ(amount_text(sample_genesis(), kYen, ledger::Amount{7}), "7 JPY");
  EXPECT_EQ(amount_text(sample_genesis(), {9}, ledger::Amount{7}), "7 units of asset 9");
}

}  // namespace
}  // namespace peerpay::wallet
