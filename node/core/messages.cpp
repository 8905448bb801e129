#include "node/core/messages.h"

#include <utility>

#include "ledger/limits.h"
#include "node/core/limits.h"

namespace peerpay::node {
namespace {

enum class Kind : std::uint32_t {
  kVote = 0,
  kCertificate = 1,
  kRepairRequest = 2,
  kBlock = 3,
  kBlockRequest = 4,
  kSyncRequest = 5,
  kSyncBatch = 6,
  kTransactionBatch = 7,
  kStandingRequest = 8,
  kStanding = 9,
};
constexpr std::uint32_t kKinds = 10;
constexpr std::size_t kBlockBytesMax = ledger::kBlockBodyBytesMax + 1024;

void tag(base::BcsWriter& out, Kind kind) { out.uleb(static_cast<std::uint32_t>(kind)); }

struct Encoder {
  base::BcsWriter& out;

  void block(const ledger::Block& block) const {
    tag(out, Kind::kBlock);
    out.bytes(ledger::encode(block));
  }

  void operator()(const consensus::Vote& vote) const {
    tag(out, Kind::kVote);
    consensus::encode_into(out, vote);
  }
  void operator()(const consensus::Certificate& certificate) const {
    tag(out, Kind::kCertificate);
    consensus::encode_into(out, certificate);
  }
  void operator()(const consensus::RepairRequest& request) const {
    tag(out, Kind::kRepairRequest);
    out.u64(request.view.value);
  }
  void operator()(const BlockMessage& message) const { block(message.block); }
  void operator()(const BlockRequest& request) const {
    tag(out, Kind::kBlockRequest);
    out.fixed(request.hash);
  }
  void operator()(const SyncRequest& request) const {
    tag(out, Kind::kSyncRequest);
    out.u64(request.from.value);
  }
  void operator()(const SyncBatch& batch) const {
    tag(out, Kind::kSyncBatch);
    out.uleb(static_cast<std::uint32_t>(batch.blocks.size()));
    for (const auto& block : batch.blocks) out.bytes(ledger::encode(block));
    out.boolean(batch.certificate.has_value());
    if (batch.certificate) consensus::encode_into(out, *batch.certificate);
  }
  void operator()(const TransactionBatch& batch) const {
    tag(out, Kind::kTransactionBatch);
    out.uleb(static_cast<std::uint32_t>(batch.transactions.size()));
    for (const auto& transaction : batch.transactions) out.bytes(transaction.bytes);
  }
  void operator()(const StandingRequest& request) const {
    tag(out, Kind::kStandingRequest);
    out.fixed(request.token);
  }
  void operator()(const Standing& standing) const {
    tag(out, Kind::kStanding);
    out.fixed(standing.token);
    out.uleb(static_cast<std::uint32_t>(standing.votes.size()));
    for (const auto& vote : standing.votes) consensus::encode_into(out, vote);
    out.uleb(static_cast<std::uint32_t>(standing.certificates.size()));
    for (const auto& certificate : standing.certificates) consensus::encode_into(out, certificate);
  }
};

ledger::Block read_block(const ledger::ChainId& chain, base::BcsReader& in) {
  const auto bytes = in.bytes(kBlockBytesMax);
  if (!in.ok()) return {};
  auto block = ledger::decode_block(bytes);
  if (!block) {
    in.fail(block.error());
    return {};
  }
  if (block->header.chain != chain) in.fail(base::DecodeError::kValueInvalid);
  return std::move(*block);
}

SyncBatch read_sync_batch(const ledger::ChainId& chain, base::BcsReader& in) {
  SyncBatch out;
  const auto count = in.length(kSyncBlocksMax);
  for (std::size_t i = 0; i < count && in.ok(); ++i) out.blocks.push_back(read_block(chain, in));
  if (in.boolean() && in.ok()) out.certificate = consensus::read_certificate(in);
  return out;
}

TransactionBatch read_transaction_batch(const ledger::ChainId& chain, base::BcsReader& in) {
  TransactionBatch out;
  const auto count = in.length(kGossipBatchTransactionsMax, ledger::kSignedTransactionBytesMin + 1);
  out.transactions.reserve(count);
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    const auto bytes = in.bytes(ledger::kSignedTransactionBytesMax);
    if (!in.ok()) break;
    auto sealed = ledger::seal(chain, base::Bytes{bytes.begin(), bytes.end()});
    if (!sealed) {
      in.fail(sealed.error());
      break;
    }
    out.transactions.push_back(std::move(*sealed));
  }
  return out;
}

Standing read_standing(base::BcsReader& in) {
  Standing out;
  out.token = in.fixed<StandingToken>();
  const auto votes = in.length(kStandingVotesMax);
  for (std::size_t i = 0; i < votes && in.ok(); ++i) out.votes.push_back(consensus::read_vote(in));
  const auto certificates = in.length(kStandingCertificatesMax);
  for (std::size_t i = 0; i < certificates && in.ok(); ++i)
    out.certificates.push_back(consensus::read_certificate(in));
  return out;
}

PeerMessage read_message(const ledger::ChainId& chain, base::BcsReader& in) {
  switch (static_cast<Kind>(in.variant(kKinds))) {
    case Kind::kVote: return consensus::read_vote(in);
    case Kind::kCertificate: return consensus::read_certificate(in);
    case Kind::kRepairRequest: return consensus::RepairRequest{{in.u64()}};
    case Kind::kBlock: return BlockMessage{read_block(chain, in)};
    case Kind::kBlockRequest: return BlockRequest{in.fixed<ledger::BlockHash>()};
    case Kind::kSyncRequest: return SyncRequest{{in.u64()}};
    case Kind::kSyncBatch: return read_sync_batch(chain, in);
    case Kind::kTransactionBatch: return read_transaction_batch(chain, in);
    case Kind::kStandingRequest: return StandingRequest{in.fixed<StandingToken>()};
    case Kind::kStanding: return read_standing(in);
  }
  PEERPAY_UNREACHABLE("variant() refuses unknown kinds");
}

}  // namespace

base::Bytes encode(const PeerMessage& message) {
  base::BcsWriter out;
  std::visit(Encoder{out}, message);
  return std::move(out).take();
}

base::Bytes encode_block_message(const ledger::Block& block) {
  base::BcsWriter out;
  Encoder{out}.block(block);
  return std::move(out).take();
}

base::Expected<PeerMessage, base::DecodeError> decode_peer_message(const ledger::ChainId& chain,
                                                                   base::ByteView bytes) {
  if (bytes.size() > kPeerMessageBytesMax) return base::Unexpected{base::DecodeError::kTooLong};
  base::BcsReader in{bytes};
  auto message = read_message(chain, in);
  if (const auto end = in.finish(); !end) return base::Unexpected{end.error()};
  return message;
}

}  // namespace peerpay::node
