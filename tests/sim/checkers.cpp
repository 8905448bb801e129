#include "tests/sim/checkers.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "crypto/hash.h"
#include "tests/sim/mix.h"

namespace peerpay::sim {

namespace {

std::string at(NodeIndex node) { return "n" + std::to_string(node.value); }
std::string at(consensus::View view) { return "view " + std::to_string(view.value); }
std::string at(ledger::Height height) { return "height " + std::to_string(height.value); }

template <class Fixed>
std::string brief(const Fixed& id) {
  return base::to_hex(id.view()).substr(0, 8);
}

crypto::Hash result_of(const node::CommittedBlock& block) {
  base::BcsWriter out;
  for (const ledger::Outcome& outcome : block.outcomes) out.bytes(ledger::encode(outcome));
  for (const auto& [id, account] : block.changes) {
    out.fixed(id);
    out.bytes(ledger::encode(account));
  }
  return crypto::sha256(out.view());
}

}  // namespace

std::uint32_t quorum_of(std::uint32_t validators) {
  constexpr std::uint32_t kQuorums[] = {1, 2, 3, 3, 4, 5, 5, 6, 7, 7, 8, 9, 9};
  PEERPAY_CHECK(validators >= 1 && validators <= std::size(kQuorums),
                "the table ends at thirteen validators");
  return kQuorums[validators - 1];
}

void VoteChecker::fail(NodeIndex node, const char* what, consensus::View view) {
  verdict_.fail(FailureClass::kSafety, "votes", at(node) + " " + what + " in " + at(view));
}

void VoteChecker::on_start(NodeIndex node, const std::vector<consensus::SafetyRecord>& journal) {
  records_[node].clear();
  for (const consensus::SafetyRecord& record : journal) on_record(node, record);
}

void VoteChecker::on_record(NodeIndex node, const consensus::SafetyRecord& record) {
  const auto* own = std::get_if<consensus::OwnVote>(&record);
  if (own == nullptr || forgiven_.covers(node, own->subject.view())) return;
  auto& records = records_[node];
  const bool gave_up = records.contains(consensus::Subject::nullify(own->subject.view()));
  const bool is_new = records.insert(own->subject).second;
  if (is_new && gave_up && own->subject.kind == consensus::VoteKind::kNotarize) {
    fail(node, "records notarize after nullify", own->subject.view());
  }
}

void VoteChecker::on_vote(NodeIndex node, const consensus::Subject& subject) {
  if (forgiven_.covers(node, subject.view())) return;
  InView& own = votes_[{node, subject.view()}];
  const auto fail = [&](const char* what) { this->fail(node, what, subject.view()); };
  if (!records_[node].contains(subject)) fail("sends a vote that it has not recorded");
  switch (subject.kind) {
    case consensus::VoteKind::kNotarize:
      if (own.notarized && *own.notarized != subject.proposal) fail("notarized two proposals");
      if (!own.notarized && own.nullified) fail("voted notarize after nullify");
      own.notarized = subject.proposal;
      break;
    case consensus::VoteKind::kNullify:
      if (own.finalized) fail("voted nullify after finalize");
      own.nullified = true;
      break;
    case consensus::VoteKind::kFinalize:
      if (own.nullified) fail("voted finalize after nullify");
      if (own.finalized && *own.finalized != subject.proposal) fail("finalized two proposals");
      own.finalized = subject.proposal;
      break;
  }
}

consensus::View VoteChecker::newest_view(NodeIndex node) const {
  const auto after = votes_.upper_bound({node, consensus::View{UINT64_MAX}});
  if (after == votes_.begin() || std::prev(after)->first.first != node) return {};
  return std::prev(after)->first.second;
}

bool VoteChecker::has_voted(NodeIndex node, const consensus::Subject& subject) const {
  if (forgiven_.covers(node, subject.view())) return true;
  const auto found = votes_.find({node, subject.view()});
  if (found == votes_.end()) return false;
  switch (subject.kind) {
    case consensus::VoteKind::kNotarize: return found->second.notarized == subject.proposal;
    case consensus::VoteKind::kNullify: return found->second.nullified;
    case consensus::VoteKind::kFinalize: return found->second.finalized == subject.proposal;
  }
  PEERPAY_UNREACHABLE("every kind is named above");
}

CertificateChecker::CertificateChecker(Verdict& verdict, Network network, const VoteChecker& votes,
                                       const Keyring& keyring)
    : verdict_{verdict}, network_{std::move(network)}, votes_{votes}, keyring_{keyring} {}

void CertificateChecker::on_certificate(const consensus::Certificate& certificate) {
  if (!seen_.insert(mix(0, consensus::encode(certificate))).second) return;
  check_signers(certificate);
  check_view(certificate.subject);
}

void CertificateChecker::check_signers(const consensus::Certificate& certificate) {
  const auto fail = [&](const std::string& what) {
    verdict_.fail(FailureClass::kSafety, "certificates",
                  at(certificate.subject.view()) + ": " + what);
  };
  const auto n = static_cast<std::uint32_t>(network_.validators.size());
  if (certificate.signers.size() != (n + 7) / 8) return fail("a bitmap of the wrong size");
  const crypto::Hash message = consensus::signing_message(network_.context, certificate.subject);
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < certificate.signers.size() * 8; ++i) {
    if ((certificate.signers[i / 8] >> (i % 8) & 1) == 0) continue;
    if (i >= n) return fail("a signer that is no member");
    if (count == certificate.signatures.size()) return fail("more signers than signatures");
    if (!keyring_.verify(network_.validators[i], message, certificate.signatures[count++])) {
      return fail("a wrong signature of n" + std::to_string(i));
    }
    if (i < network_.honest && !votes_.has_voted(NodeIndex{i}, certificate.subject)) {
      return fail("n" + std::to_string(i) + " never voted so");
    }
  }
  if (count != certificate.signatures.size()) return fail("more signatures than signers");
  if (count < quorum_of(n)) return fail("no quorum");
}

void CertificateChecker::check_view(const consensus::Subject& subject) {
  InView& view = views_[subject.view()];
  const auto fail = [&](const char* what) {
    verdict_.fail(FailureClass::kSafety, "certificates", at(subject.view()) + " " + what);
  };
  const auto settle = [&](std::optional<consensus::Proposal>& slot, const char* what) {
    if (slot && *slot != subject.proposal) fail(what);
    slot = subject.proposal;
  };
  switch (subject.kind) {
    case consensus::VoteKind::kNotarize: settle(view.notarized, "notarized two proposals"); break;
    case consensus::VoteKind::kNullify: view.nullified = true; break;
    case consensus::VoteKind::kFinalize: settle(view.finalized, "finalized two proposals"); break;
  }
  if (view.finalized && view.nullified) fail("both finalized and nullified");
  if (view.finalized && view.notarized && view.finalized != view.notarized) {
    fail("finalized another proposal than it notarized");
  }
}

ChainChecker::ChainChecker(Verdict& verdict, const ledger::Genesis& genesis)
    : verdict_{verdict}, model_{genesis} {
  const ledger::BlockHeader header =
      ledger::genesis_header(ledger::chain_id(genesis), genesis.timestamp, model_.state_root());
  blocks_.push_back({header, ledger::block_hash(header), {}});
}

void ChainChecker::on_start(NodeIndex node, const ledger::BlockHeader& head) {
  if (head.height < durable_[node]) {
    fail(at(node) + " restarts at " + at(head.height) + ", below " + at(durable_[node]) +
         " that was durable");
  }
  if (head.height > height() || blocks_[head.height.value].header != head) {
    fail(at(node) + " restarts on a block that nobody finalized");
  }
  height_[node] = head.height;
}

void ChainChecker::on_commit(NodeIndex node, const node::CommittedBlock& block) {
  const ledger::Height height = block.block.header.height;
  if (height != height_[node].next()) {
    return fail(at(node) + " commits " + at(height) + " after " + at(height_[node]));
  }
  height_[node] = height;
  if (block.hash != ledger::block_hash(block.block.header)) {
    return fail(at(node) + " commits a block under a hash that is not its own");
  }
  const crypto::Hash result = result_of(block);
  if (height > this->height()) extend(block, result);
  if (verdict_.failure()) return;
  const Agreed& agreed = blocks_[height.value];
  if (agreed.hash != block.hash) {
    fail(at(node) + " commits " + brief(block.hash) + " at " + at(height) + ", another node " +
         brief(agreed.hash));
  }
  if (agreed.result != result) fail(at(node) + " executes " + at(height) + " to another result");
}

void ChainChecker::extend(const node::CommittedBlock& block, const crypto::Hash& result) {
  const ledger::BlockHeader& header = block.block.header;
  const Agreed& parent = blocks_.back();
  if (header.parent != parent.hash)
    return fail(at(header.height) + " is no child of the block below");
  if (header.view <= parent.header.view)
    return fail(at(header.height) + " has a view that did not grow");
  if (header.timestamp <= parent.header.timestamp)
    return fail(at(header.height) + " goes back in time");
  for (const auto& transaction : block.block.transactions) {
    if (!transactions_.emplace(transaction.id, header.height).second) {
      return fail("transaction " + brief(transaction.id) + " is applied twice");
    }
  }
  if (const auto reason = model_.apply(block.block, block.outcomes)) {
    return fail(at(header.height) + ": " + *reason);
  }
  if (const auto reason = model_.difference(block.changes))
    return fail(at(header.height) + ": " + *reason);
  if (model_.state_root() != header.state_root)
    return fail(at(header.height) + " has a wrong state root");
  blocks_.push_back({header, block.hash, result});
}

void ChainChecker::on_durable(NodeIndex node, ledger::Height height) { durable_[node] = height; }

void ChainChecker::at_end(NodeIndex node, const node::Bootstrap& bootstrap) {
  if (bootstrap.head != blocks_.back().header) fail(at(node) + " did not end on the agreed head");
  ledger::StateChanges accounts;
  for (const auto& [id, account] : bootstrap.state.accounts().accounts())
    accounts.emplace(id, account);
  if (const auto reason = model_.difference(accounts)) fail(at(node) + ": " + *reason);
}

std::optional<ledger::Height> ChainChecker::find(const ledger::TransactionId& id) const {
  const auto found = transactions_.find(id);
  if (found == transactions_.end()) return std::nullopt;
  return found->second;
}

std::uint64_t ChainChecker::honest_blocks(ledger::Height above, base::UnixMillis after,
                                          std::uint32_t honest) const {
  std::uint64_t out = 0;
  for (std::size_t i = above.value + 1; i < blocks_.size(); ++i) {
    const ledger::BlockHeader& header = blocks_[i].header;
    out += header.proposer < honest && header.timestamp > after;
  }
  return out;
}

void PromiseChecker::told_final(NodeIndex node, const ledger::TransactionId& id,
                                ledger::Height height) {
  const auto [entry, is_new] = final_.emplace(id, height);
  if (!is_new && entry->second != height) {
    verdict_.fail(
        FailureClass::kSafety, "promises",
        at(node) + " says that " + brief(id) + " is final at another height than said before");
  }
}

void PromiseChecker::told_never(NodeIndex node, const ledger::TransactionId& id,
                                ledger::TransactionResult result) {
  const std::string what = at(node) + " says " + std::string{ledger::code(result)};
  never_.emplace(id, what);
  if (applied_.contains(id)) {
    verdict_.fail(FailureClass::kSafety, "promises",
                  what + " of " + brief(id) + ", which is applied");
  }
}

void PromiseChecker::on_applied(const ledger::TransactionId& id) {
  applied_.insert(id);
  const auto told = never_.find(id);
  if (told == never_.end()) return;
  verdict_.fail(FailureClass::kSafety, "promises",
                brief(id) + " is applied, of which " + told->second);
}

void PromiseChecker::fail_lost(NodeIndex node, const ledger::TransactionId& id) {
  verdict_.fail(
      FailureClass::kSafety, "promises",
      brief(id) + " was acknowledged as final and is not where it was in the chain of " + at(node));
}

void BlameChecker::on_evidence(NodeIndex node, const consensus::Evidence& evidence) {
  const NodeIndex signer = evidence.first.signer;
  const bool may_be = may_be_blamed(signer, evidence.first.subject.view());
  if (may_be && signer == evidence.second.signer) return;
  verdict_.fail(FailureClass::kSafety, "blame",
                at(node) + " has evidence against the honest " + at(evidence.first.signer));
}

void BlameChecker::on_fault(NodeIndex node, const node::PeerFault& fault) {
  if (fault.peer.value >= network_.honest) return;
  verdict_.fail(FailureClass::kSafety, "blame",
                at(node) + " blames the honest " + at(fault.peer) + ": " + fault.reason);
}

void BlameChecker::on_halt(NodeIndex node, const std::string& reason) {
  verdict_.fail(FailureClass::kSafety, "blame", at(node) + " halts: " + reason);
}

bool BlameChecker::proves_contradiction(const consensus::Contradiction& both) const {
  const consensus::ValidatorSet set{network_.validators};
  for (const auto* one : {&both.first, &both.second}) {
    if (!keyring_.verify_certificate(network_.context, set, *one)) return false;
  }
  const consensus::Proposal& first = both.first.subject.proposal;
  const consensus::Proposal& second = both.second.subject.proposal;
  // Of two views, two finalizations: their blocks are at one height, or it would not have halted.
  return first.view == second.view ? first != second : first.digest != second.digest;
}

namespace {

// Restated: one kind and different, or finalize beside nullify or beside another proposal.
bool are_at_odds(const consensus::Subject& a, const consensus::Subject& b) {
  using consensus::VoteKind;
  if (a.kind == b.kind) return a.proposal != b.proposal;
  const auto is = [&](VoteKind kind) { return a.kind == kind || b.kind == kind; };
  return is(VoteKind::kFinalize) && (is(VoteKind::kNullify) || a.proposal != b.proposal);
}

}  // namespace

void EvidenceChecker::before(NodeIndex node, const consensus::Vote& vote, const Place& place) {
  const consensus::View view = vote.subject.view();
  if (vote.signer == node || view <= place.finalized || view.value > place.view.value + 1 ||
      view.value + 256 <= place.view.value) {
    return;
  }
  OfNode& own = nodes_[node];
  std::erase_if(own.votes, [&](const auto& e) { return e.first.view <= place.finalized; });
  std::erase_if(own.accused, [&](const auto& a) { return a.view <= place.finalized; });
  auto& earlier = own.votes[{view, vote.signer}];
  bool is_first = true;
  for (const consensus::Subject& subject : earlier) {
    if (subject.kind == vote.subject.kind) is_first = false;
    if (!are_at_odds(subject, vote.subject)) continue;
    own.due = Accusation{view, vote.signer};
    const bool leads = vote.signer.value == view.value % validators_;
    const bool two =
        subject.kind == vote.subject.kind && subject.kind == consensus::VoteKind::kNotarize;
    if (leads && two) own.proposed_twice.insert(view);
  }
  if (is_first) earlier.push_back(vote.subject);
}

void EvidenceChecker::after(NodeIndex node, const node::Effects& effects) {
  const auto found = nodes_.find(node);
  if (found == nodes_.end()) return;
  OfNode& own = found->second;
  for (const consensus::Evidence& evidence : effects.evidence) {
    const Accusation accusation{evidence.first.subject.view(), evidence.first.signer};
    if (own.accused.insert(accusation).second) continue;
    verdict_.fail(FailureClass::kSafety, "evidence",
                  at(node) + " has evidence against " + at(accusation.signer) + " twice in " +
                      at(accusation.view));
  }
  for (const consensus::SafetyRecord& record : effects.persist) {
    const auto* vote = std::get_if<consensus::OwnVote>(&record);
    if (vote == nullptr || vote->subject.kind != consensus::VoteKind::kFinalize ||
        !own.proposed_twice.contains(vote->subject.view())) {
      continue;
    }
    verdict_.fail(
        FailureClass::kSafety, "evidence",
        at(node) + " finalizes in " + at(vote->subject.view()) + ", whose leader proposed twice");
  }
  const auto due = std::exchange(own.due, std::nullopt);
  if (!due) return;
  ++due_;
  if (own.accused.contains(*due)) return;
  verdict_.fail(FailureClass::kSafety, "evidence",
                at(node) + " got two votes of " + at(due->signer) + " in " + at(due->view) +
                    " that exclude each other, and has no evidence");
}

Checkers::Checkers(Verdict& verdict, const ledger::Genesis& genesis,
                   const CertificateChecker::Network& network, const Keyring& keyring)
    : votes{verdict},
      certificates{verdict, network, votes, keyring},
      chain{verdict, genesis},
      promises{verdict},
      blame{verdict, network, keyring},
      bounds{verdict},
      evidence{verdict, static_cast<std::uint32_t>(network.validators.size())} {}

}  // namespace peerpay::sim
