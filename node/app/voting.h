#pragma once
// Whether a validator votes, said to its operator.

#include <string>

#include "consensus/types.h"
#include "node/core/vote_guard.h"

namespace peerpay::app {

// One clause, for the log and for `peerpayd status`. `finalized` is the newest final view.
[[nodiscard]] std::string sentence(const node::VotingStatus& status, consensus::View finalized);

}  // namespace peerpay::app
