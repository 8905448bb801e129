#include "proto/client/convert.h"

#include <gtest/gtest.h>

#include "ledger/limits.h"
#include "peerpay/v1/node.pb.h"

namespace peerpay::proto {
namespace {

template <class Fixed>
Fixed filled(std::uint8_t byte) {
  Fixed out;
  out.bytes.fill(byte);
  return out;
}

// Through the wire and back.
template <class Message, class Value>
void expect_round_trip(const Value& value) {
  Message message;
  to_pb(value, message);
  Message received;
  ASSERT_TRUE(received.ParseFromString(message.SerializeAsString()));
  const auto back = from_pb(received);
  ASSERT_TRUE(back.has_value()) << back.error();
  EXPECT_EQ(*back, value);
}

template <class Message>
std::string refusal(const Message& message) {
  const auto value = from_pb(message);
  return value.has_value() ? "accepted" : value.error();
}

TransactionStatus final_status() {
  TransactionStatus out;
  out.id = filled<ledger::TransactionId>(1);
  out.state = TransactionState::kFinal;
  out.result = ledger::TransactionResult::kApplied;
  out.finality = Finality{.height = {7},
                          .index = 3,
                          .block_timestamp = {1'700'000'000'000},
                          .fee_charged = ledger::Amount{2},
                          .fee_asset = {1}};
  out.transaction = {1, 2, 3};
  return out;
}

TransactionStatus rejected_status() {
  TransactionStatus out;
  out.id = filled<ledger::TransactionId>(2);
  out.state = TransactionState::kRejected;
  out.result = ledger::TransactionResult::kFundsInsufficient;
  out.code = "funds_insufficient";
  out.message = "The sender's balance does not cover the payments and the fee.";
  out.retry = Retry::kSameBytes;
  return out;
}

TEST(Convert, RoundTripsStatuses) {
  expect_round_trip<v1::TransactionStatus>(final_status());
  expect_round_trip<v1::TransactionStatus>(rejected_status());
  for (const auto state :
       {TransactionState::kUnknown, TransactionState::kPending, TransactionState::kExpired}) {
    TransactionStatus status;
    status.id = filled<ledger::TransactionId>(3);
    status.state = state;
    expect_round_trip<v1::TransactionStatus>(status);
  }
  expect_round_trip<v1::SubmitBatchResponse>(
      std::vector<TransactionStatus>{final_status(), rejected_status()});
}

TEST(Convert, RoundTripsSubmissions) {
  const Submission full{{1, 2, 3}, filled<ledger::ChainId>(4), kWaitMsMax};
  expect_round_trip<v1::SubmitRequest>(full);
  expect_round_trip<v1::SubmitRequest>(Submission{});
  expect_round_trip<v1::SubmitBatchRequest>(std::vector<Submission>{full, Submission{}});
}

TEST(Convert, RoundTripsQueries) {
  const auto id = filled<ledger::TransactionId>(5);
  expect_round_trip<v1::WaitForFinalRequest>(TransactionQuery{id, base::UnixMillis{9}, 1000});
  expect_round_trip<v1::GetTransactionRequest>(TransactionQuery{id, std::nullopt, 0});
  expect_round_trip<v1::GetReceiptRequest>(id);
  expect_round_trip<v1::GetAccountRequest>(AccountQuery{filled<ledger::AccountId>(6), true});
  expect_round_trip<v1::ListHistoryRequest>(
      HistoryQuery{filled<ledger::AccountId>(6), "cursor", kHistoryLimitMax});
  expect_round_trip<v1::GetBlockRequest>(BlockQuery{ledger::Height{0}});
  expect_round_trip<v1::GetBlockRequest>(BlockQuery{filled<ledger::BlockHash>(7)});
}

TEST(Convert, RoundTripsAccounts) {
  AccountSnapshot account;
  account.account = filled<ledger::AccountId>(8);
  account.exists = true;
  account.nonces = {.highest = 70, .below = 0xff00};
  account.balances = {{{0}, "USD", ledger::Amount{1250}, "12.50"}};
  account.height = {12};
  account.timestamp = {13};
  expect_round_trip<v1::GetAccountResponse>(account);
  account.proof = AccountProof{{1}, {{2}, {3, 4}}, {5}};
  expect_round_trip<v1::GetAccountResponse>(account);
}

TEST(Convert, RoundTripsHistory) {
  const HistoryEntry entry{.id = filled<ledger::TransactionId>(9),
                           .height = {1},
                           .index = 2,
                           .block_timestamp = {3},
                           .transaction = {4},
                           .fee_charged = ledger::Amount{5}};
  expect_round_trip<v1::HistoryEntry>(entry);
  expect_round_trip<v1::ListHistoryResponse>(HistoryPage{{entry, entry}, "next"});
}

TEST(Convert, RoundTripsBlocksAndStatus) {
  expect_round_trip<v1::FinalizedBlock>(
      FinalizedBlock{filled<ledger::BlockHash>(1), {1, 2}, {3}, {4}});
  expect_round_trip<v1::GetHeadResponse>(Head{{5}, filled<ledger::BlockHash>(2), {6}, {7}});
  expect_round_trip<v1::GetGenesisResponse>(GenesisFile{{1, 2}, filled<ledger::ChainId>(3)});
  const AssetSummary asset{{0}, "USD", 2, filled<ledger::AccountId>(4), ledger::Amount{1}};
  expect_round_trip<v1::Asset>(asset);
  const NodeStatus status{.version = "0.1.0",
                          .network = "devnet",
                          .chain = filled<ledger::ChainId>(5),
                          .validator = "alpha",
                          .height = {6},
                          .view = 7,
                          .finalized_view = 8,
                          .syncing = true,
                          .peers = {{"beta", true}, {"gamma", false}},
                          .mempool_transactions = 9,
                          .mempool_bytes = 10,
                          .uptime_ms = 11,
                          .assets = {asset},
                          .timestamp = {12},
                          .voting = "voting"};
  expect_round_trip<v1::GetStatusResponse>(status);
}

TEST(Convert, RefusesIdentifiersOfAnotherSize) {
  v1::GetReceiptRequest request;
  EXPECT_EQ(refusal(request), "id: 32 bytes are needed, not 0.");
  request.set_id(std::string(33, 'x'));
  EXPECT_EQ(refusal(request), "id: 32 bytes are needed, not 33.");
  v1::SubmitRequest submission;
  submission.set_chain_id("short");
  EXPECT_EQ(refusal(submission), "chain_id: 32 bytes are needed, not 5.");
}

TEST(Convert, RefusesWhatIsAboveItsBound) {
  v1::SubmitRequest submission;
  submission.set_wait_ms(kWaitMsMax + 1);
  EXPECT_EQ(refusal(submission), "wait_ms: at most 60000 is allowed.");
  submission.set_wait_ms(0);
  submission.set_transaction(std::string(ledger::kSignedTransactionBytesMax + 1, 'x'));
  EXPECT_NE(refusal(submission), "accepted");

  v1::SubmitBatchRequest batch;
  for (std::size_t i = 0; i <= kBatchSubmissionsMax; ++i) batch.add_submissions();
  EXPECT_EQ(refusal(batch), "submissions: at most 1024 are allowed.");

  v1::ListHistoryRequest history;
  history.set_account(std::string(32, 'x'));
  history.set_limit(kHistoryLimitMax + 1);
  EXPECT_EQ(refusal(history), "limit: at most 200 is allowed.");
  history.set_limit(1);
  history.set_cursor(std::string(kCursorBytesMax + 1, 'x'));
  EXPECT_EQ(refusal(history), "cursor: at most 256 is allowed.");
}

TEST(Convert, HistoryLimitHasADefault) {
  v1::ListHistoryRequest history;
  history.set_account(std::string(32, 'x'));
  const auto query = from_pb(history);
  ASSERT_TRUE(query.has_value());
  EXPECT_EQ((*query).limit, kHistoryLimitDefault);
}

TEST(Convert, RefusesAStateThatItDoesNotKnow) {
  v1::TransactionStatus status;
  status.set_id(std::string(32, 'x'));
  EXPECT_EQ(refusal(status), "state: this state is not known to this version.");
  status.set_state(static_cast<v1::TransactionState>(99));
  EXPECT_EQ(refusal(status), "state: this state is not known to this version.");
}

TEST(Convert, KeepsTheCodeOfAResultThatItDoesNotKnow) {
  v1::TransactionStatus status;
  status.set_id(std::string(32, 'x'));
  status.set_state(v1::TRANSACTION_STATE_REJECTED);
  status.set_result(60'000);
  status.set_code("from_the_future");
  const auto back = from_pb(status);
  ASSERT_TRUE(back.has_value());
  EXPECT_FALSE((*back).result.has_value());
  EXPECT_EQ((*back).code, "from_the_future");
}

TEST(Convert, RefusesABlockQueryForNothing) {
  EXPECT_EQ(refusal(v1::GetBlockRequest{}), "which: a height or a hash is needed.");
}

}  // namespace
}  // namespace peerpay::proto
