#include "node/core/messages.h"

#include <gtest/gtest.h>

#include "tests/unit/node/harness.h"

namespace peerpay::node::testing {
namespace {

class PeerMessages : public ::testing::Test {
 protected:
  ledger::Genesis genesis_ = test_genesis(4);
  ledger::ChainId chain_ = ledger::chain_id(genesis_);

  ledger::Block block() const {
    ledger::Block out;
    out.header.chain = chain_;
    out.header.height = {1};
    out.transactions = {test_pay(genesis_, {})};
    out.header.transaction_count = 1;
    out.header.transactions_root = ledger::transactions_root_of(out.transactions);
    return out;
  }
  std::vector<PeerMessage> one_of_each() const {
    const consensus::Vote vote{consensus::Subject::nullify({3}), {1}, {}};
    const consensus::Certificate certificate{vote.subject, {0x07}, {{}, {}, {}}};
    return {vote,
            certificate,
            consensus::RepairRequest{{9}},
            BlockMessage{block()},
            BlockRequest{},
            SyncRequest{{5}},
            SyncBatch{{block()}, certificate},
            TransactionBatch{{test_pay(genesis_, {}), test_pay(genesis_, {.nonce = 2})}},
            StandingRequest{{{1, 2, 3}}},
            Standing{{{1, 2, 3}}, {vote, vote}, {certificate, certificate}}};
  }
};

TEST_F(PeerMessages, SurviveTheWireUnchanged) {
  std::size_t kind = 0;
  for (const auto& message : one_of_each()) {
    const auto bytes = encode(message);
    EXPECT_EQ(bytes.front(), kind);
    const auto decoded = decode_peer_message(chain_, bytes);
    ASSERT_TRUE(decoded) << kind;
    EXPECT_EQ(decoded->index(), kind++);
    EXPECT_EQ(encode(*decoded), bytes);
  }
}

TEST_F(PeerMessages, RefuseEveryTruncationAndAnyTrailingByte) {
  for (const auto& message : one_of_each()) {
    auto bytes = encode(message);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(decode_peer_message(chain_, base::ByteView{bytes}.first(size)));
    }
    bytes.push_back(0);
    const auto decoded = decode_peer_message(chain_, bytes);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error(), base::DecodeError::kTrailingBytes);
  }
}

TEST_F(PeerMessages, RefuseUnknownKindsAndOtherChains) {
  const auto unknown = decode_peer_message(chain_, base::Bytes{10});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error(), base::DecodeError::kVariantUnknown);
  auto other = block();
  other.header.chain.bytes[0] ^= 1;
  const auto decoded = decode_peer_message(chain_, encode(PeerMessage{BlockMessage{other}}));
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error(), base::DecodeError::kValueInvalid);
}

}  // namespace
}  // namespace peerpay::node::testing
