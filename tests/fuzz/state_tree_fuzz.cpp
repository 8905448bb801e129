// The state tree against a plain map: any updates, in any order and batches, on any held version,
// give the root that the definition gives, and true proofs of presence and absence; altered proofs
// prove nothing that is not so.

#include <map>
#include <vector>

#include "ledger/state_tree.h"
#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"
#include "tests/support/ledger/naive_state_tree.h"

namespace {

using namespace peerpay;
using namespace peerpay::ledger;

constexpr std::size_t kVersionsMax = 4;
constexpr std::size_t kStepsMax = 40;

AccountId account_number(std::uint8_t number) {
  AccountId id;
  id.bytes[0] = number;
  return id;
}

class Forest {
 public:
  Forest() { versions_.emplace_back(); }
  ~Forest() {
    for (const auto& version : versions_) tree_.release(version.handle);
    PEERPAY_CHECK(tree_.nodes_live() == 0, "what is released is gone");
  }
  Forest(const Forest&) = delete;
  Forest& operator=(const Forest&) = delete;

  void update(fuzz::Draw& draw) {
    const auto& from = versions_[draw.below(versions_.size())];
    StateChanges changes;
    for (auto count = draw.below(6); count > 0; --count) {
      Account account;
      account.nonces.highest = draw.byte();
      account.set_balance({draw.byte() % 3U}, Amount{draw.integer(2)});
      changes[account_number(draw.byte())] = account;
    }
    Version next{tree_.update(from.handle, changes), from.truth};
    for (const auto& [id, account] : changes) next.truth[id] = account;
    check_root(next);
    if (versions_.size() == kVersionsMax) drop(draw.below(versions_.size()));
    versions_.push_back(std::move(next));
  }

  void check_proof(fuzz::Draw& draw) {
    const auto& version = versions_[draw.below(versions_.size())];
    const auto id = account_number(draw.byte());
    MemoryState state;
    state.apply(version.truth);
    const auto proof = tree_.prove(version.handle, id, state);
    const auto root = tree_.root(version.handle);
    PEERPAY_CHECK(claim_of(root, id, proof, version.truth) != ProofVerdict::kInvalid,
                  "every account has a proof");
    auto bytes = encode(proof);
    for (auto edits = draw.below(4) + 1; edits > 0; --edits) {
      auto& byte = bytes[draw.below(bytes.size())];
      byte = static_cast<std::uint8_t>(byte ^ draw.byte());
    }
    const auto doctored = decode_state_proof(bytes);
    if (!doctored) return;
    const auto other = draw.coin() ? id : account_number(draw.byte());
    (void)claim_of(root, other, *doctored, version.truth);
  }

 private:
  struct Version {
    StateTree::Version handle;
    StateChanges truth;
  };

  void check_root(const Version& version) const {
    PEERPAY_CHECK(tree_.root(version.handle) == test::naive_state_root(version.truth),
                  "the root is that of the definition");
  }

  // Ends the process when the proof claims what is not so.
  static ProofVerdict claim_of(const StateRoot& root, const AccountId& id, const StateProof& proof,
                               const StateChanges& truth) {
    const auto proved = verify_state_proof(root, id, proof);
    const auto found = truth.find(id);
    if (proved.verdict == ProofVerdict::kPresent) {
      PEERPAY_CHECK(found != truth.end() && proved.account == found->second, "it is this record");
    }
    PEERPAY_CHECK(proved.verdict != ProofVerdict::kAbsent || found == truth.end(), "it is absent");
    return proved.verdict;
  }

  void drop(std::size_t index) {
    tree_.release(versions_[index].handle);
    versions_.erase(versions_.begin() + static_cast<std::ptrdiff_t>(index));
    for (const auto& version : versions_) check_root(version);
  }

  StateTree tree_;
  std::vector<Version> versions_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Draw draw{{data, size}};
  Forest forest;
  for (std::size_t step = 0; step < kStepsMax && !draw.empty(); ++step) {
    if (draw.byte() % 3 == 0) {
      forest.check_proof(draw);
    } else {
      forest.update(draw);
    }
  }
  return 0;
}
