#include "node/app/voting.h"

#include <fmt/format.h>

#include "base/check.h"

namespace peerpay::app {
namespace {

std::string validators(std::uint32_t count) {
  return fmt::format("{} more validator{}", count, count == 1 ? "" : "s");
}

}  // namespace

std::string sentence(const node::VotingStatus& status, consensus::View finalized) {
  using node::VotingStage;
  if (status.stage > VotingStage::kAsking && !status.can_rejoin) {
    return "can't rejoin: with fewer than 4 validators nothing becomes final without this one";
  }
  switch (status.stage) {
    case VotingStage::kVoting: return "voting";
    case VotingStage::kAsking:
      return "starting: waiting for answers of " + validators(status.answers_missing);
    case VotingStage::kLocating:
      return "rejoining: waiting for answers of " + validators(status.answers_missing);
    case VotingStage::kListening:
      return fmt::format("rejoining: waiting until view {} is final (now {})",
                         status.final_wanted.value, finalized.value);
    case VotingStage::kConfirming:
      return "rejoining: waiting for the last answers of " + validators(status.answers_missing);
  }
  PEERPAY_UNREACHABLE("every stage has a sentence");
}

}  // namespace peerpay::app
