// Messages of the client service: whatever protobuf bytes come, what is taken keeps the bounds, and
// comes back the same when it is sent on.

#include <vector>

#include "peerpay/v1/node.pb.h"
#include "proto/client/convert.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;
using namespace peerpay::proto;

template <class Message>
void check_message(base::ByteView in) {
  Message message;
  if (!message.ParseFromArray(in.data(), static_cast<int>(in.size()))) return;
  const auto value = from_pb(message);
  if (!value) {
    PEERPAY_CHECK(!value.error().empty(), "it says why");
    return;
  }
  Message sent;
  to_pb(*value, sent);
  const auto again = from_pb(sent);
  PEERPAY_CHECK(again && *again == *value, "what is sent on comes back the same");
}

using Check = void (*)(base::ByteView);
constexpr Check kChecks[] = {
    check_message<v1::TransactionStatus>,
    check_message<v1::SubmitRequest>,
    check_message<v1::SubmitBatchRequest>,
    check_message<v1::SubmitBatchResponse>,
    check_message<v1::SubmitStreamResponse>,
    check_message<v1::WaitForFinalRequest>,
    check_message<v1::GetTransactionRequest>,
    check_message<v1::GetReceiptRequest>,
    check_message<v1::GetReceiptResponse>,
    check_message<v1::GetAccountRequest>,
    check_message<v1::GetAccountResponse>,
    check_message<v1::ListHistoryRequest>,
    check_message<v1::HistoryEntry>,
    check_message<v1::ListHistoryResponse>,
    check_message<v1::GetBlockRequest>,
    check_message<v1::FinalizedBlock>,
    check_message<v1::GetHeadResponse>,
    check_message<v1::GetGenesisResponse>,
    check_message<v1::Asset>,
    check_message<v1::GetStatusResponse>,
    check_message<v1::SubmitStreamRequest>,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool kIsQuiet = [] {
    google::protobuf::SetLogHandler(nullptr);
    return true;
  }();
  if (size == 0 || !kIsQuiet) return 0;
  kChecks[data[0] % std::size(kChecks)]({data + 1, size - 1});
  return 0;
}
