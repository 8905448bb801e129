#pragma once
// A practice network on which test_account(0) has paid test_account(1), once.
#include <gtest/gtest.h>

#include "tests/support/wallet/practice_node.h"
#include "wallet/builder.h"
#include "wallet/cli/home.h"

namespace peerpay::wallet::cli {

struct PaidNetwork {
  explicit PaidNetwork(ledger::Nonce nonce) {
    const PaymentOrder order{
        .sender = ledger::test::test_account(0),
        .payee = {.account = ledger::test::test_account(1), .tag = std::nullopt},
        .asset = ledger::test::kEur,
        .amount = ledger::Amount{100},
        .reference = {},
        .memo = {}};
    const auto body =
        build_payment(node.genesis(), order, {.nonce = nonce, .valid_until = {UINT64_MAX}});
    payment = sign_payment(node.chain(), *body, ledger::test::test_key(0), base::Bytes(32));
    EXPECT_TRUE(node.submit(payment.bytes).finality.has_value());
  }

  test::PracticeNode node;
  Network network{node.genesis(), node.chain()};
  ledger::SealedTransaction payment;
};

}  // namespace peerpay::wallet::cli
