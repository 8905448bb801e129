#pragma once
// BlockVerifier: turns what a node sends into blocks that the network has agreed on, so that no
// single node can make an invoice paid. Pure.

#include <string>
#include <vector>

#include "base/expected.h"
#include "base/time.h"
#include "ledger/block.h"
#include "ledger/genesis.h"
#include "ledger/ids.h"
#include "proto/client/node_api.h"
#include "wallet/verify/finalization.h"

namespace peerpay::api {

// A block that the follower stands on.
struct ChainPoint {
  ledger::Height height;
  ledger::BlockHash block;
  base::UnixMillis timestamp;
  friend bool operator==(const ChainPoint&, const ChainPoint&) = default;
};

struct FollowedBlock {
  ledger::Block block;
  ledger::BlockHash hash;
};

// Blocks that wait for a certificate: a block without one is final by that of a descendant, and
// nodes send those soon after.
inline constexpr std::size_t kUncertifiedBlocksMax = 1'024;
inline constexpr std::size_t kUncertifiedBytesMax = std::size_t{64} << 20;

class BlockVerifier {
 public:
  // `genesis` must outlive it.
  BlockVerifier(const ledger::Genesis& genesis, const ledger::ChainId& chain);

  // Follows from `point` on, which is trusted.
  void start_at(const ChainPoint& point);
  // The next block as a node sends it. Gives the blocks that are proved final by it, oldest first:
  // none as long as the certificate is missing. One sentence when it is no such block; then what
  // waited is forgotten, and the node is to be asked from next_height() on again.
  [[nodiscard]] base::Expected<std::vector<FollowedBlock>, std::string> accept(
      const proto::FinalizedBlock& sent);
  // A first point to follow from: a certified block of this network, whatever came before it.
  [[nodiscard]] base::Expected<ChainPoint, std::string> anchor(
      const proto::FinalizedBlock& sent) const;

  // Height 0, which has no certificate and needs none. Takes time and memory with the number of
  // the genesis accounts.
  [[nodiscard]] ChainPoint genesis_point() const;

  [[nodiscard]] const ledger::Genesis& genesis() const { return *genesis_; }
  [[nodiscard]] const ChainPoint& point() const { return point_; }
  [[nodiscard]] ledger::Height next_height() const { return point_.height.next(); }

 private:
  [[nodiscard]] base::Unexpected<std::string> refuse(const char* why);

  const ledger::Genesis* genesis_;
  ledger::ChainId chain_;
  wallet::FinalizationCheck finalization_;
  ChainPoint point_;
  std::vector<FollowedBlock> uncertified_;  // above point_, linked
  std::size_t uncertified_bytes_ = 0;
};

}  // namespace peerpay::api
