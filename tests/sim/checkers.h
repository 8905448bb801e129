#pragma once
// Checkers: what must hold in every run, restated without production predicates, so that a mistake
// in a shared helper can't hide itself. Each watches one thing; all report to one Verdict. They see
// honest nodes only.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "consensus/effects.h"
#include "consensus/messages.h"
#include "crypto/hash.h"
#include "ledger/genesis.h"
#include "node/core/effects.h"
#include "node/core/replica.h"
#include "tests/sim/bounds_checker.h"
#include "tests/sim/forgiven.h"
#include "tests/sim/keyring.h"
#include "tests/sim/ledger_model.h"
#include "tests/sim/network.h"
#include "tests/sim/verdict.h"

namespace peerpay::sim {

// Votes that count as a decision among n validators: a table, not the formula under test. REQUIRES:
// n of 1 to 13.
[[nodiscard]] std::uint32_t quorum_of(std::uint32_t validators);

// No honest node ever contradicts itself, whatever it forgot in a crash: one notarize vote a view
// and no first one after nullify, never both nullify and finalize, one finalize vote a view. Each
// vote is in its records before it leaves, and its records keep the same order.
class VoteChecker {
 public:
  explicit VoteChecker(Verdict& verdict) : verdict_{verdict} {}
  // `node` starts with these records.
  void on_start(NodeIndex node, const std::vector<consensus::SafetyRecord>& journal);
  void on_record(NodeIndex node, const consensus::SafetyRecord& record);
  // A vote of `node` has left it.
  void on_vote(NodeIndex node, const consensus::Subject& subject);
  [[nodiscard]] bool has_voted(NodeIndex node, const consensus::Subject& subject) const;
  Forgiven& forgiven() { return forgiven_; }
  // 0 when it has not voted.
  [[nodiscard]] consensus::View newest_view(NodeIndex node) const;

 private:
  struct InView {
    std::optional<consensus::Proposal> notarized;
    std::optional<consensus::Proposal> finalized;
    bool nullified = false;
  };
  void fail(NodeIndex node, const char* what, consensus::View view);

  Verdict& verdict_;
  std::map<std::pair<NodeIndex, consensus::View>, InView> votes_;
  std::map<NodeIndex, std::set<consensus::Subject>> records_;  // of the present life
  Forgiven forgiven_;
};

// Every certificate that an honest node keeps or sends is one: a quorum of members that did vote
// so. And no two contradict: one notarized and one finalized proposal a view, the same one, and
// none in a nullified view finalized.
class CertificateChecker {
 public:
  struct Network {
    consensus::Context context;
    std::vector<crypto::PublicKey> validators;
    std::uint32_t honest = 0;  // the first ones
  };
  // `votes` and `keyring` must outlive the checker.
  CertificateChecker(Verdict& verdict, Network network, const VoteChecker& votes,
                     const Keyring& keyring);
  void on_certificate(const consensus::Certificate& certificate);

 private:
  struct InView {
    std::optional<consensus::Proposal> notarized;
    std::optional<consensus::Proposal> finalized;
    bool nullified = false;
  };
  void check_signers(const consensus::Certificate& certificate);
  void check_view(const consensus::Subject& subject);

  Verdict& verdict_;
  Network network_;
  const VoteChecker& votes_;
  const Keyring& keyring_;
  std::set<std::uint64_t> seen_;  // mixes of their bytes
  std::map<consensus::View, InView> views_;
};

// Agreement: one block a height on all honest nodes, ever; each the child of the one below;
// executed to the same accounts everywhere and by an independent ledger; money conserved; no
// transaction twice.
class ChainChecker {
 public:
  // `genesis` must outlive the checker.
  ChainChecker(Verdict& verdict, const ledger::Genesis& genesis);
  // `node` starts with a finalized head.
  void on_start(NodeIndex node, const ledger::BlockHeader& head);
  void on_commit(NodeIndex node, const node::CommittedBlock& block);
  // What `node` committed last is durable.
  void on_durable(NodeIndex node, ledger::Height height);
  // What `node` would start from now is the agreed chain's end.
  void at_end(NodeIndex node, const node::Bootstrap& bootstrap);
  // The disk of `node` ends at this height from now on.
  void forgive(NodeIndex node, ledger::Height height) { durable_[node] = height; }

  [[nodiscard]] std::optional<ledger::Height> find(const ledger::TransactionId& id) const;
  // Blocks above a height that the first `honest` validators proposed after a moment.
  [[nodiscard]] std::uint64_t honest_blocks(ledger::Height above, base::UnixMillis after,
                                            std::uint32_t honest) const;
  [[nodiscard]] ledger::Height height() const { return {blocks_.size() - 1}; }
  [[nodiscard]] const LedgerModel& model() const { return model_; }

 private:
  struct Agreed {
    ledger::BlockHeader header;
    ledger::BlockHash hash;
    crypto::Hash result;  // of outcomes and changed accounts
  };
  void extend(const node::CommittedBlock& block, const crypto::Hash& result);
  void fail(const std::string& explanation) {
    verdict_.fail(FailureClass::kSafety, "chain", explanation);
  }

  Verdict& verdict_;
  LedgerModel model_;
  std::vector<Agreed> blocks_;  // by height
  std::map<ledger::TransactionId, ledger::Height> transactions_;
  std::map<NodeIndex, ledger::Height> height_;   // committed in this life
  std::map<NodeIndex, ledger::Height> durable_;  // ever
};

// What a client was told stays true: "final" is in every honest chain in the end, "never" in none,
// ever.
class PromiseChecker {
 public:
  explicit PromiseChecker(Verdict& verdict) : verdict_{verdict} {}
  void told_final(NodeIndex node, const ledger::TransactionId& id, ledger::Height height);
  void told_never(NodeIndex node, const ledger::TransactionId& id,
                  ledger::TransactionResult result);
  void on_applied(const ledger::TransactionId& id);
  // `find` gives the height at which the final chain of `node` holds a transaction.
  template <class Find>
  void at_end(NodeIndex node, Find&& find) {
    for (const auto& [id, height] : final_) {
      const std::optional<ledger::Height> found = find(id);
      if (found != height) fail_lost(node, id);
    }
  }
  [[nodiscard]] std::size_t finals() const { return final_.size(); }
  [[nodiscard]] std::size_t nevers() const { return never_.size(); }

 private:
  void fail_lost(NodeIndex node, const ledger::TransactionId& id);

  Verdict& verdict_;
  std::map<ledger::TransactionId, ledger::Height> final_;
  std::map<ledger::TransactionId, std::string> never_;  // and by whom, and why
  std::set<ledger::TransactionId> applied_;
};

// Only who broke the rules is blamed, and honest nodes never stop. `keyring` must outlive it.
class BlameChecker {
 public:
  BlameChecker(Verdict& verdict, CertificateChecker::Network network, const Keyring& keyring)
      : verdict_{verdict}, network_{std::move(network)}, keyring_{keyring} {}
  void on_evidence(NodeIndex node, const consensus::Evidence& evidence);
  void on_fault(NodeIndex node, const node::PeerFault& fault);
  void on_halt(NodeIndex node, const std::string& reason);
  Forgiven& forgiven() { return forgiven_; }
  // Whether a proof about `view` may name the node: it is Byzantine, or had forgotten its votes
  // there.
  [[nodiscard]] bool may_be_blamed(NodeIndex node, consensus::View view) const {
    return node.value >= network_.honest || forgiven_.covers(node, view);
  }
  // Whether these are two certificates, each of a quorum, of which at most one can exist: what an
  // operator hands to others as proof.
  [[nodiscard]] bool proves_contradiction(const consensus::Contradiction& both) const;

 private:
  Verdict& verdict_;
  CertificateChecker::Network network_;
  const Keyring& keyring_;
  Forgiven forgiven_;
};

// Two votes that exclude each other, both taken in while their view was open, are evidence at once;
// and who saw a leader propose twice casts no finalize vote in that view.
class EvidenceChecker {
 public:
  EvidenceChecker(Verdict& verdict, std::uint32_t validators)
      : verdict_{verdict}, validators_{validators} {}
  struct Place {
    consensus::View view;
    consensus::View finalized;
  };
  void on_start(NodeIndex node) { nodes_.erase(node); }
  // `node` is about to handle a vote of another one, and has handled an event.
  void before(NodeIndex node, const consensus::Vote& vote, const Place& place);
  void after(NodeIndex node, const node::Effects& effects);
  [[nodiscard]] std::uint64_t evidence_due() const { return due_; }

 private:
  struct Accusation {
    consensus::View view;
    NodeIndex signer;
    friend auto operator<=>(const Accusation&, const Accusation&) = default;
  };
  struct OfNode {
    // The first of each kind, while the view is not final.
    std::map<Accusation, std::vector<consensus::Subject>> votes;
    std::set<Accusation> accused;
    std::optional<Accusation> due;
    std::set<consensus::View> proposed_twice;
  };

  Verdict& verdict_;
  std::uint32_t validators_;
  std::map<NodeIndex, OfNode> nodes_;
  std::uint64_t due_ = 0;
};

struct Checkers {
  Checkers(Verdict& verdict, const ledger::Genesis& genesis,
           const CertificateChecker::Network& network, const Keyring& keyring);
  VoteChecker votes;
  CertificateChecker certificates;
  ChainChecker chain;
  PromiseChecker promises;
  BlameChecker blame;
  BoundsChecker bounds;
  EvidenceChecker evidence;
};

}  // namespace peerpay::sim
