#include "api/link/block_verifier.h"

#include <utility>

#include "ledger/state.h"
#include "ledger/state_tree.h"

namespace peerpay::api {

BlockVerifier::BlockVerifier(const ledger::Genesis& genesis, const ledger::ChainId& chain)
    : genesis_{&genesis}, chain_{chain}, finalization_{genesis, chain} {}

void BlockVerifier::start_at(const ChainPoint& point) {
  point_ = point;
  uncertified_.clear();
  uncertified_bytes_ = 0;
}

base::Unexpected<std::string> BlockVerifier::refuse(const char* why) {
  uncertified_.clear();
  uncertified_bytes_ = 0;
  return base::Unexpected{std::string{why}};
}

base::Expected<std::vector<FollowedBlock>, std::string> BlockVerifier::accept(
    const proto::FinalizedBlock& sent) {
  auto block = ledger::decode_block(sent.block);
  if (!block) return refuse("A block can't be read.");
  const auto& header = block->header;
  const auto hash = ledger::block_hash(header);
  const auto& parent_hash = uncertified_.empty() ? point_.block : uncertified_.back().hash;
  const auto parent_height =
      uncertified_.empty() ? point_.height : uncertified_.back().block.header.height;
  if (header.chain != chain_) return refuse("A block is of another network.");
  if (header.height != parent_height.next() || header.parent != parent_hash) {
    return refuse("A block does not follow the one before.");
  }
  uncertified_bytes_ += sent.block.size();
  uncertified_.push_back({*std::move(block), hash});
  if (sent.certificate.empty()) {
    if (uncertified_.size() < kUncertifiedBlocksMax && uncertified_bytes_ < kUncertifiedBytesMax) {
      return std::vector<FollowedBlock>{};
    }
    return refuse("No certificate comes for its blocks.");
  }
  if (!finalization_.signers(hash, sent.certificate)) {
    return refuse("The certificate of a block is not valid.");
  }
  auto proved = std::exchange(uncertified_, {});
  const auto& newest = proved.back();
  start_at({newest.block.header.height, newest.hash, newest.block.header.timestamp});
  return proved;
}

base::Expected<ChainPoint, std::string> BlockVerifier::anchor(
    const proto::FinalizedBlock& sent) const {
  const auto block = ledger::decode_block(sent.block);
  if (!block || block->header.chain != chain_) {
    return base::Unexpected{std::string{"Its newest block is none of this network."}};
  }
  const auto hash = ledger::block_hash(block->header);
  if (!finalization_.signers(hash, sent.certificate)) {
    return base::Unexpected{std::string{"Its newest block has no valid certificate."}};
  }
  return ChainPoint{block->header.height, hash, block->header.timestamp};
}

ChainPoint BlockVerifier::genesis_point() const {
  ledger::StateTree tree;
  const auto version = tree.update({}, ledger::genesis_changes(*genesis_));
  const auto header = ledger::genesis_header(chain_, genesis_->timestamp, tree.root(version));
  return {header.height, ledger::block_hash(header), header.timestamp};
}

}  // namespace peerpay::api
