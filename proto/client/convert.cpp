#include "proto/client/convert.h"

#include <utility>

#include "ledger/limits.h"
#include "peerpay/v1/node.pb.h"

namespace peerpay::proto {
namespace {

std::string text_of(base::ByteView bytes) { return base::to_text(bytes); }

base::Bytes bytes_of(const std::string& text) {
  const auto view = base::as_bytes(text);
  return base::Bytes(view.begin(), view.end());
}

base::Unexpected<ConvertError> refuse(std::string_view field, std::string_view reason) {
  return base::Unexpected{std::string{field} + ": " + std::string{reason}};
}

// Reads fields one after the other and remembers the first that is wrong, so that a converter reads
// as the list of its fields.
class Fields {
 public:
  template <class Fixed>
  Fixed fixed(std::string_view field, const std::string& bytes) {
    const auto value = Fixed::from(base::as_bytes(bytes));
    if (value) return *value;
    fail(field, std::to_string(Fixed::kSize) + " bytes are needed, not " +
                    std::to_string(bytes.size()) + ".");
    return {};
  }
  template <class Fixed>
  std::optional<Fixed> optional_fixed(std::string_view field, const std::string& bytes) {
    if (bytes.empty()) return std::nullopt;
    return fixed<Fixed>(field, bytes);
  }
  base::Bytes bounded(std::string_view field, const std::string& bytes, std::size_t size_max) {
    check_at_most(field, bytes.size(), size_max);
    return error_.empty() ? bytes_of(bytes) : base::Bytes{};
  }
  std::string bounded_text(std::string_view field, const std::string& text, std::size_t size_max) {
    check_at_most(field, text.size(), size_max);
    return error_.empty() ? text : std::string{};
  }
  void check_at_most(std::string_view field, std::uint64_t value, std::uint64_t max) {
    if (value > max) fail(field, "at most " + std::to_string(max) + " is allowed.");
  }
  void fail(std::string_view field, std::string_view reason) {
    if (error_.empty()) error_ = refuse(field, reason).error;
  }
  template <class T>
  Converted<T> finish(T value) const {
    if (!error_.empty()) return base::Unexpected{error_};
    return value;
  }

 private:
  std::string error_;
};

template <class Value, class Messages>
Converted<std::vector<Value>> all_from_pb(std::string_view field, const Messages& messages,
                                          int count_max) {
  if (messages.size() > count_max) {
    return refuse(field, "at most " + std::to_string(count_max) + " are allowed.");
  }
  std::vector<Value> out;
  out.reserve(static_cast<std::size_t>(messages.size()));
  for (const auto& message : messages) {
    auto value = from_pb(message);
    if (!value) return base::Unexpected{value.error()};
    out.push_back(*std::move(value));
  }
  return out;
}

constexpr std::size_t kTextBytesMax = 1024;
constexpr int kPeersMax = 1024;
constexpr int kBalancesMax = static_cast<int>(ledger::kAssetsMax);
constexpr std::size_t kPartBytesMax = 4 * 1024 * 1024;  // gRPC's own bound on a message

TransactionState state_of(v1::TransactionState state, Fields& fields) {
  switch (state) {
    case v1::TRANSACTION_STATE_UNKNOWN: return TransactionState::kUnknown;
    case v1::TRANSACTION_STATE_PENDING: return TransactionState::kPending;
    case v1::TRANSACTION_STATE_FINAL: return TransactionState::kFinal;
    case v1::TRANSACTION_STATE_REJECTED: return TransactionState::kRejected;
    case v1::TRANSACTION_STATE_EXPIRED: return TransactionState::kExpired;
    case v1::TRANSACTION_STATE_UNSPECIFIED:
    case v1::TransactionState_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::TransactionState_INT_MAX_SENTINEL_DO_NOT_USE_: break;
  }
  fields.fail("state", "this state is not known to this version.");
  return TransactionState::kUnknown;
}

std::optional<Retry> retry_of(v1::Retry retry) {
  switch (retry) {
    case v1::RETRY_NEVER: return Retry::kNever;
    case v1::RETRY_SAME_BYTES: return Retry::kSameBytes;
    case v1::RETRY_UNSPECIFIED:
    case v1::Retry_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::Retry_INT_MAX_SENTINEL_DO_NOT_USE_: break;
  }
  return std::nullopt;
}

std::optional<ledger::TransactionResult> result_of(TransactionState state, std::uint32_t number) {
  if (state == TransactionState::kFinal) return ledger::TransactionResult::kApplied;
  if (number == 0 || number > UINT16_MAX) return std::nullopt;
  return ledger::result_from(static_cast<std::uint16_t>(number));
}

NamedBalance from_pb(const v1::Balance& message) {
  return {.asset = {message.asset()},
          .asset_code = message.asset_code(),
          .amount = ledger::Amount{message.units()},
          .text = message.amount()};
}

AccountProof from_pb(const v1::AccountProof& message, Fields& fields) {
  AccountProof out;
  out.proof = fields.bounded("proof", message.proof(), kPartBytesMax);
  fields.check_at_most("headers", static_cast<std::uint64_t>(message.headers_size()),
                       ledger::kReceiptChainMax);
  for (const auto& header : message.headers()) {
    out.headers.push_back(fields.bounded("headers", header, kPartBytesMax));
  }
  out.certificate = fields.bounded("certificate", message.certificate(), kPartBytesMax);
  return out;
}

TransactionQuery query(Fields& fields, const std::string& id, std::uint64_t valid_until_ms) {
  TransactionQuery out;
  out.id = fields.fixed<ledger::TransactionId>("id", id);
  if (valid_until_ms != 0) out.valid_until = base::UnixMillis{valid_until_ms};
  return out;
}

}  // namespace

void to_pb(const TransactionStatus& value, v1::TransactionStatus& out) {
  out.set_id(text_of(value.id.view()));
  out.set_state(static_cast<v1::TransactionState>(value.state));
  if (value.result) out.set_result(static_cast<std::uint32_t>(*value.result));
  out.set_code(value.code);
  out.set_message(value.message);
  if (value.retry) out.set_retry(static_cast<v1::Retry>(*value.retry));
  if (value.finality) {
    out.set_height(value.finality->height.value);
    out.set_index(value.finality->index);
    out.set_block_timestamp_ms(value.finality->block_timestamp.value);
    out.set_fee_charged(value.finality->fee_charged.units());
    out.set_fee_asset(value.finality->fee_asset.value);
  }
  out.set_transaction(text_of(value.transaction));
}

Converted<TransactionStatus> from_pb(const v1::TransactionStatus& message) {
  Fields fields;
  TransactionStatus out;
  out.id = fields.fixed<ledger::TransactionId>("id", message.id());
  out.state = state_of(message.state(), fields);
  out.result = result_of(out.state, message.result());
  out.code = fields.bounded_text("code", message.code(), kTextBytesMax);
  out.message = fields.bounded_text("message", message.message(), kTextBytesMax);
  if (out.state == TransactionState::kRejected) out.retry = retry_of(message.retry());
  if (out.state == TransactionState::kFinal) {
    out.finality = Finality{.height = {message.height()},
                            .index = message.index(),
                            .block_timestamp = {message.block_timestamp_ms()},
                            .fee_charged = ledger::Amount{message.fee_charged()},
                            .fee_asset = {message.fee_asset()}};
  }
  out.transaction =
      fields.bounded("transaction", message.transaction(), ledger::kSignedTransactionBytesMax);
  return fields.finish(std::move(out));
}

void to_pb(const Submission& value, v1::SubmitRequest& out) {
  out.set_transaction(text_of(value.transaction));
  if (value.chain) out.set_chain_id(text_of(value.chain->view()));
  out.set_wait_ms(value.wait_ms);
}

Converted<Submission> from_pb(const v1::SubmitRequest& message) {
  Fields fields;
  fields.check_at_most("wait_ms", message.wait_ms(), kWaitMsMax);
  Submission out;
  out.transaction =
      fields.bounded("transaction", message.transaction(), ledger::kSignedTransactionBytesMax);
  out.chain = fields.optional_fixed<ledger::ChainId>("chain_id", message.chain_id());
  out.wait_ms = message.wait_ms();
  return fields.finish(std::move(out));
}

void to_pb(const std::vector<Submission>& value, v1::SubmitBatchRequest& out) {
  for (const auto& submission : value) to_pb(submission, *out.add_submissions());
}

Converted<std::vector<Submission>> from_pb(const v1::SubmitBatchRequest& message) {
  return all_from_pb<Submission>("submissions", message.submissions(),
                                 static_cast<int>(kBatchSubmissionsMax));
}

void to_pb(const std::vector<TransactionStatus>& value, v1::SubmitBatchResponse& out) {
  for (const auto& status : value) to_pb(status, *out.add_statuses());
}

Converted<std::vector<TransactionStatus>> from_pb(const v1::SubmitBatchResponse& message) {
  return all_from_pb<TransactionStatus>("statuses", message.statuses(),
                                        static_cast<int>(kBatchSubmissionsMax));
}

void to_pb(const std::vector<Submission>& value, v1::SubmitStreamRequest& out) {
  for (const auto& submission : value) out.add_transactions(text_of(submission.transaction));
  if (!value.empty() && value[0].chain) out.set_chain_id(text_of(value[0].chain->view()));
}

Converted<std::vector<Submission>> from_pb(const v1::SubmitStreamRequest& message) {
  Fields fields;
  const auto count = static_cast<std::size_t>(message.transactions_size());
  if (count == 0) fields.fail("transactions", "at least one is needed.");
  fields.check_at_most("transactions", count, kBatchSubmissionsMax);
  const auto chain = fields.optional_fixed<ledger::ChainId>("chain_id", message.chain_id());
  if (const auto checked = fields.finish(chain); !checked) return base::Unexpected{checked.error()};
  std::vector<Submission> out;
  out.reserve(count);
  for (const auto& transaction : message.transactions()) {
    out.push_back({.transaction = bytes_of(transaction), .chain = chain});
  }
  return out;
}

void to_pb(const std::vector<StreamedStatus>& value, v1::SubmitStreamResponse& out) {
  for (const auto& streamed : value) {
    auto& message = *out.add_statuses();
    message.set_submission(streamed.submission);
    to_pb(streamed.status, *message.mutable_status());
  }
}

Converted<std::vector<StreamedStatus>> from_pb(const v1::SubmitStreamResponse& message) {
  if (message.statuses_size() > static_cast<int>(kStreamedStatusesMax)) {
    return refuse("statuses", "at most " + std::to_string(kStreamedStatusesMax) + " are allowed.");
  }
  std::vector<StreamedStatus> out;
  out.reserve(static_cast<std::size_t>(message.statuses_size()));
  for (const auto& streamed : message.statuses()) {
    auto status = from_pb(streamed.status());
    if (!status) return base::Unexpected{status.error()};
    out.push_back({.submission = streamed.submission(), .status = *std::move(status)});
  }
  return out;
}

void to_pb(const TransactionQuery& value, v1::WaitForFinalRequest& out) {
  out.set_id(text_of(value.id.view()));
  out.set_wait_ms(value.wait_ms);
  if (value.valid_until) out.set_valid_until_ms(value.valid_until->value);
}

Converted<TransactionQuery> from_pb(const v1::WaitForFinalRequest& message) {
  Fields fields;
  fields.check_at_most("wait_ms", message.wait_ms(), kWaitMsMax);
  auto out = query(fields, message.id(), message.valid_until_ms());
  out.wait_ms = message.wait_ms();
  return fields.finish(out);
}

void to_pb(const TransactionQuery& value, v1::GetTransactionRequest& out) {
  out.set_id(text_of(value.id.view()));
  if (value.valid_until) out.set_valid_until_ms(value.valid_until->value);
}

Converted<TransactionQuery> from_pb(const v1::GetTransactionRequest& message) {
  Fields fields;
  auto out = query(fields, message.id(), message.valid_until_ms());
  return fields.finish(out);
}

void to_pb(const ledger::TransactionId& value, v1::GetReceiptRequest& out) {
  out.set_id(text_of(value.view()));
}

Converted<ledger::TransactionId> from_pb(const v1::GetReceiptRequest& message) {
  Fields fields;
  return fields.finish(fields.fixed<ledger::TransactionId>("id", message.id()));
}

void to_pb(base::ByteView receipt, v1::GetReceiptResponse& out) {
  out.set_receipt(text_of(receipt));
}

Converted<base::Bytes> from_pb(const v1::GetReceiptResponse& message) {
  Fields fields;
  return fields.finish(fields.bounded("receipt", message.receipt(), kPartBytesMax));
}

void to_pb(const AccountQuery& value, v1::GetAccountRequest& out) {
  out.set_account(text_of(value.account.view()));
  out.set_with_proof(value.with_proof);
}

Converted<AccountQuery> from_pb(const v1::GetAccountRequest& message) {
  Fields fields;
  AccountQuery out;
  out.account = fields.fixed<ledger::AccountId>("account", message.account());
  out.with_proof = message.with_proof();
  return fields.finish(out);
}

void to_pb(const AccountSnapshot& value, v1::GetAccountResponse& out) {
  out.set_account(text_of(value.account.view()));
  out.set_exists(value.exists);
  out.set_nonce_highest(value.nonces.highest);
  out.set_nonce_below(value.nonces.below);
  for (const auto& balance : value.balances) {
    auto& entry = *out.add_balances();
    entry.set_asset(balance.asset.value);
    entry.set_asset_code(balance.asset_code);
    entry.set_units(balance.amount.units());
    entry.set_amount(balance.text);
  }
  out.set_height(value.height.value);
  out.set_timestamp_ms(value.timestamp.value);
  if (!value.proof) return;
  auto& proof = *out.mutable_proof();
  proof.set_proof(text_of(value.proof->proof));
  for (const auto& header : value.proof->headers) proof.add_headers(text_of(header));
  proof.set_certificate(text_of(value.proof->certificate));
}

Converted<AccountSnapshot> from_pb(const v1::GetAccountResponse& message) {
  Fields fields;
  AccountSnapshot out;
  out.account = fields.fixed<ledger::AccountId>("account", message.account());
  out.exists = message.exists();
  out.nonces = {message.nonce_highest(), message.nonce_below()};
  fields.check_at_most("balances", static_cast<std::uint64_t>(message.balances_size()),
                       static_cast<std::uint64_t>(kBalancesMax));
  for (const auto& balance : message.balances()) out.balances.push_back(from_pb(balance));
  out.height = {message.height()};
  out.timestamp = {message.timestamp_ms()};
  if (message.has_proof()) out.proof = from_pb(message.proof(), fields);
  return fields.finish(std::move(out));
}

void to_pb(const HistoryQuery& value, v1::ListHistoryRequest& out) {
  out.set_account(text_of(value.account.view()));
  out.set_cursor(value.cursor);
  out.set_limit(value.limit);
}

Converted<HistoryQuery> from_pb(const v1::ListHistoryRequest& message) {
  Fields fields;
  fields.check_at_most("limit", message.limit(), kHistoryLimitMax);
  HistoryQuery out;
  out.account = fields.fixed<ledger::AccountId>("account", message.account());
  out.cursor = fields.bounded_text("cursor", message.cursor(), kCursorBytesMax);
  if (message.limit() != 0) out.limit = message.limit();
  return fields.finish(std::move(out));
}

void to_pb(const HistoryEntry& value, v1::HistoryEntry& out) {
  out.set_id(text_of(value.id.view()));
  out.set_height(value.height.value);
  out.set_index(value.index);
  out.set_block_timestamp_ms(value.block_timestamp.value);
  out.set_transaction(text_of(value.transaction));
  out.set_fee_charged(value.fee_charged.units());
}

Converted<HistoryEntry> from_pb(const v1::HistoryEntry& message) {
  Fields fields;
  HistoryEntry out;
  out.id = fields.fixed<ledger::TransactionId>("id", message.id());
  out.height = {message.height()};
  out.index = message.index();
  out.block_timestamp = {message.block_timestamp_ms()};
  out.transaction =
      fields.bounded("transaction", message.transaction(), ledger::kSignedTransactionBytesMax);
  out.fee_charged = ledger::Amount{message.fee_charged()};
  return fields.finish(std::move(out));
}

void to_pb(const HistoryPage& value, v1::ListHistoryResponse& out) {
  for (const auto& entry : value.entries) to_pb(entry, *out.add_entries());
  out.set_next_cursor(value.next_cursor);
}

Converted<HistoryPage> from_pb(const v1::ListHistoryResponse& message) {
  auto entries =
      all_from_pb<HistoryEntry>("entries", message.entries(), static_cast<int>(kHistoryLimitMax));
  if (!entries) return base::Unexpected{entries.error()};
  Fields fields;
  HistoryPage out;
  out.entries = *std::move(entries);
  out.next_cursor = fields.bounded_text("next_cursor", message.next_cursor(), kCursorBytesMax);
  return fields.finish(std::move(out));
}

void to_pb(const BlockQuery& value, v1::GetBlockRequest& out) {
  if (const auto* height = std::get_if<ledger::Height>(&value)) {
    out.set_height(height->value);
    return;
  }
  out.set_hash(text_of(std::get<ledger::BlockHash>(value).view()));
}

Converted<BlockQuery> from_pb(const v1::GetBlockRequest& message) {
  Fields fields;
  switch (message.which_case()) {
    case v1::GetBlockRequest::kHeight: return BlockQuery{ledger::Height{message.height()}};
    case v1::GetBlockRequest::kHash:
      return fields.finish(BlockQuery{fields.fixed<ledger::BlockHash>("hash", message.hash())});
    case v1::GetBlockRequest::WHICH_NOT_SET: break;
  }
  return refuse("which", "a height or a hash is needed.");
}

void to_pb(const FinalizedBlock& value, v1::FinalizedBlock& out) {
  out.set_hash(text_of(value.hash.view()));
  out.set_block(text_of(value.block));
  out.set_certificate(text_of(value.certificate));
  out.set_height(value.height.value);
}

Converted<FinalizedBlock> from_pb(const v1::FinalizedBlock& message) {
  Fields fields;
  FinalizedBlock out;
  out.hash = fields.fixed<ledger::BlockHash>("hash", message.hash());
  out.block = fields.bounded("block", message.block(), kPartBytesMax);
  out.certificate = fields.bounded("certificate", message.certificate(), kPartBytesMax);
  out.height = {message.height()};
  return fields.finish(std::move(out));
}

void to_pb(const Head& value, v1::GetHeadResponse& out) {
  out.set_height(value.height.value);
  out.set_hash(text_of(value.hash.view()));
  out.set_header(text_of(value.header));
  out.set_timestamp_ms(value.timestamp.value);
}

Converted<Head> from_pb(const v1::GetHeadResponse& message) {
  Fields fields;
  Head out;
  out.height = {message.height()};
  out.hash = fields.fixed<ledger::BlockHash>("hash", message.hash());
  out.header = fields.bounded("header", message.header(), kPartBytesMax);
  out.timestamp = {message.timestamp_ms()};
  return fields.finish(std::move(out));
}

void to_pb(const GenesisFile& value, v1::GetGenesisResponse& out) {
  out.set_genesis(text_of(value.genesis));
  out.set_chain_id(text_of(value.chain.view()));
}

Converted<GenesisFile> from_pb(const v1::GetGenesisResponse& message) {
  Fields fields;
  GenesisFile out;
  out.genesis = bytes_of(message.genesis());
  out.chain = fields.fixed<ledger::ChainId>("chain_id", message.chain_id());
  return fields.finish(std::move(out));
}

void to_pb(const AssetSummary& value, v1::Asset& out) {
  out.set_id(value.id.value);
  out.set_code(value.code);
  out.set_scale(value.scale);
  out.set_issuer(text_of(value.issuer.view()));
  out.set_fee_per_operation(value.fee_per_operation.units());
}

Converted<AssetSummary> from_pb(const v1::Asset& message) {
  Fields fields;
  fields.check_at_most("scale", message.scale(), ledger::kAssetScaleMax);
  AssetSummary out;
  out.id = {message.id()};
  out.code = fields.bounded_text("code", message.code(), ledger::kAssetCodeLengthMax);
  out.scale = static_cast<std::uint8_t>(message.scale());
  out.issuer = fields.fixed<ledger::AccountId>("issuer", message.issuer());
  out.fee_per_operation = ledger::Amount{message.fee_per_operation()};
  return fields.finish(std::move(out));
}

void to_pb(const NodeStatus& value, v1::GetStatusResponse& out) {
  out.set_version(value.version);
  out.set_network(value.network);
  out.set_chain_id(text_of(value.chain.view()));
  out.set_validator(value.validator);
  out.set_height(value.height.value);
  out.set_view(value.view);
  out.set_finalized_view(value.finalized_view);
  out.set_syncing(value.syncing);
  for (const auto& peer : value.peers) {
    auto& entry = *out.add_peers();
    entry.set_name(peer.name);
    entry.set_connected(peer.connected);
  }
  out.set_mempool_transactions(value.mempool_transactions);
  out.set_mempool_bytes(value.mempool_bytes);
  out.set_uptime_ms(value.uptime_ms);
  for (const auto& asset : value.assets) to_pb(asset, *out.add_assets());
  out.set_timestamp_ms(value.timestamp.value);
  out.set_voting(value.voting);
}

Converted<NodeStatus> from_pb(const v1::GetStatusResponse& message) {
  Fields fields;
  NodeStatus out;
  out.version = fields.bounded_text("version", message.version(), kTextBytesMax);
  out.network = fields.bounded_text("network", message.network(), kTextBytesMax);
  out.chain = fields.fixed<ledger::ChainId>("chain_id", message.chain_id());
  out.validator = fields.bounded_text("validator", message.validator(), kTextBytesMax);
  out.height = {message.height()};
  out.view = message.view();
  out.finalized_view = message.finalized_view();
  out.syncing = message.syncing();
  fields.check_at_most("peers", static_cast<std::uint64_t>(message.peers_size()), kPeersMax);
  for (const auto& peer : message.peers()) out.peers.push_back({peer.name(), peer.connected()});
  out.mempool_transactions = message.mempool_transactions();
  out.mempool_bytes = message.mempool_bytes();
  out.uptime_ms = message.uptime_ms();
  auto assets = all_from_pb<AssetSummary>("assets", message.assets(), kBalancesMax);
  if (!assets) return base::Unexpected{assets.error()};
  out.assets = *std::move(assets);
  out.timestamp = {message.timestamp_ms()};
  out.voting = fields.bounded_text("voting", message.voting(), kTextBytesMax);
  return fields.finish(std::move(out));
}

}  // namespace peerpay::proto
