#pragma once
// The only bridge between node_api.h and protobuf. For each message one pair: to_pb fills an empty
// message, from_pb checks sizes and bounds and gives the value or one sentence that names the
// field. BCS bytes pass through unread: whoever receives them decodes them once.

#include <string>
#include <vector>

#include "base/expected.h"
#include "proto/client/node_api.h"

namespace peerpay::v1 {
class Asset;
class FinalizedBlock;
class GetAccountRequest;
class GetAccountResponse;
class GetBlockRequest;
class GetGenesisResponse;
class GetHeadResponse;
class GetReceiptRequest;
class GetReceiptResponse;
class GetStatusResponse;
class GetTransactionRequest;
class HistoryEntry;
class ListHistoryRequest;
class ListHistoryResponse;
class SubmitBatchRequest;
class SubmitBatchResponse;
class SubmitRequest;
class SubmitStreamRequest;
class SubmitStreamResponse;
class TransactionStatus;
class WaitForFinalRequest;
}  // namespace peerpay::v1

namespace peerpay::proto {

// One sentence, for example "id: 32 bytes are needed, not 5."
using ConvertError = std::string;
template <class T>
using Converted = base::Expected<T, ConvertError>;

void to_pb(const TransactionStatus& value, v1::TransactionStatus& out);
[[nodiscard]] Converted<TransactionStatus> from_pb(const v1::TransactionStatus& message);

void to_pb(const Submission& value, v1::SubmitRequest& out);
[[nodiscard]] Converted<Submission> from_pb(const v1::SubmitRequest& message);
void to_pb(const std::vector<Submission>& value, v1::SubmitBatchRequest& out);
[[nodiscard]] Converted<std::vector<Submission>> from_pb(const v1::SubmitBatchRequest& message);
void to_pb(const std::vector<TransactionStatus>& value, v1::SubmitBatchResponse& out);
[[nodiscard]] Converted<std::vector<TransactionStatus>> from_pb(
    const v1::SubmitBatchResponse& message);

// REQUIRES: all of one chain. Does not bound a transaction's size: one that is too long is refused
// by itself, like any other malformed one, and does not end the stream.
void to_pb(const std::vector<Submission>& value, v1::SubmitStreamRequest& out);
[[nodiscard]] Converted<std::vector<Submission>> from_pb(const v1::SubmitStreamRequest& message);
void to_pb(const std::vector<StreamedStatus>& value, v1::SubmitStreamResponse& out);
[[nodiscard]] Converted<std::vector<StreamedStatus>> from_pb(
    const v1::SubmitStreamResponse& message);

void to_pb(const TransactionQuery& value, v1::WaitForFinalRequest& out);
[[nodiscard]] Converted<TransactionQuery> from_pb(const v1::WaitForFinalRequest& message);
// Drops wait_ms, which GetTransaction does not have.
void to_pb(const TransactionQuery& value, v1::GetTransactionRequest& out);
[[nodiscard]] Converted<TransactionQuery> from_pb(const v1::GetTransactionRequest& message);

void to_pb(const ledger::TransactionId& value, v1::GetReceiptRequest& out);
[[nodiscard]] Converted<ledger::TransactionId> from_pb(const v1::GetReceiptRequest& message);
// BCS Receipt.
void to_pb(base::ByteView receipt, v1::GetReceiptResponse& out);
[[nodiscard]] Converted<base::Bytes> from_pb(const v1::GetReceiptResponse& message);

void to_pb(const AccountQuery& value, v1::GetAccountRequest& out);
[[nodiscard]] Converted<AccountQuery> from_pb(const v1::GetAccountRequest& message);
void to_pb(const AccountSnapshot& value, v1::GetAccountResponse& out);
[[nodiscard]] Converted<AccountSnapshot> from_pb(const v1::GetAccountResponse& message);

// A limit of 0 on the wire reads as kHistoryLimitDefault.
void to_pb(const HistoryQuery& value, v1::ListHistoryRequest& out);
[[nodiscard]] Converted<HistoryQuery> from_pb(const v1::ListHistoryRequest& message);
void to_pb(const HistoryEntry& value, v1::HistoryEntry& out);
[[nodiscard]] Converted<HistoryEntry> from_pb(const v1::HistoryEntry& message);
void to_pb(const HistoryPage& value, v1::ListHistoryResponse& out);
[[nodiscard]] Converted<HistoryPage> from_pb(const v1::ListHistoryResponse& message);

void to_pb(const BlockQuery& value, v1::GetBlockRequest& out);
[[nodiscard]] Converted<BlockQuery> from_pb(const v1::GetBlockRequest& message);
void to_pb(const FinalizedBlock& value, v1::FinalizedBlock& out);
[[nodiscard]] Converted<FinalizedBlock> from_pb(const v1::FinalizedBlock& message);

void to_pb(const Head& value, v1::GetHeadResponse& out);
[[nodiscard]] Converted<Head> from_pb(const v1::GetHeadResponse& message);
void to_pb(const GenesisFile& value, v1::GetGenesisResponse& out);
[[nodiscard]] Converted<GenesisFile> from_pb(const v1::GetGenesisResponse& message);
void to_pb(const AssetSummary& value, v1::Asset& out);
[[nodiscard]] Converted<AssetSummary> from_pb(const v1::Asset& message);
void to_pb(const NodeStatus& value, v1::GetStatusResponse& out);
[[nodiscard]] Converted<NodeStatus> from_pb(const v1::GetStatusResponse& message);

}  // namespace peerpay::proto
