// SimNode, outward: what its replica asked for.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/check.h"
#include "node/core/messages.h"
#include "node/evidence/proof_file.h"
#include "tests/sim/node.h"

namespace peerpay::sim {

namespace {

const char* kind_of(consensus::VoteKind kind) {
  switch (kind) {
    case consensus::VoteKind::kNotarize: return "notarize";
    case consensus::VoteKind::kNullify: return "nullify";
    case consensus::VoteKind::kFinalize: return "finalize";
  }
  PEERPAY_UNREACHABLE("every kind is named above");
}

const char* kind_of(const Answer& answer) {
  constexpr const char* kKinds[] = {"final", "never", "pending", "later"};
  return kKinds[answer.index()];
}

}  // namespace

// A balance goes astray between the replica and its disk.
void SimNode::lose_money(node::Effects& effects) const {
  for (node::CommittedBlock& block : effects.commit) {
    if (block.changes.empty()) continue;
    ledger::Account& account = block.changes.begin()->second;
    const ledger::AssetId asset =
        account.balances().empty() ? ledger::AssetId{} : account.balances().front().asset;
    account.set_balance(asset, ledger::Amount{account.balance(asset).units() ^ 1});
  }
}

// What must hold of the effects of any event, before they are carried out.
void SimNode::check_effects(const node::Effects& effects) {
  if (!is_checked()) return;
  Checkers& checkers = world_.checkers;
  for (const consensus::SafetyRecord& record : effects.persist) {
    const auto* held = std::get_if<consensus::HeldCertificate>(&record);
    if (held != nullptr && world_.quorums_hold())
      checkers.certificates.on_certificate(held->certificate);
    if (held != nullptr && held->certificate.subject.kind == consensus::VoteKind::kNullify) {
      world_.visited("nullification kept");
    }
  }
  for (const node::CommittedBlock& block : effects.commit) {
    trace("commit", {.view = block.block.header.view,
                     .height = block.block.header.height.value,
                     .id = short_id(block.hash.view())});
    world_.audit.add(AuditKind::kCommitted, {self_.value}, block.hash.view());
    if (!world_.quorums_hold()) continue;
    checkers.chain.on_commit(self_, block);
    if (block.certificate) checkers.certificates.on_certificate(*block.certificate);
    if (!block.certificate) world_.visited("block committed by a later one's certificate");
    for (const ledger::Outcome& outcome : block.outcomes) checkers.promises.on_applied(outcome.id);
  }
  if (!effects.commit.empty() && !effects.commit.back().certificate) {
    world_.verdict.fail(FailureClass::kSafety, "chain",
                        "the last of the blocks committed together has no certificate");
  }
  for (std::size_t i = 0; i < effects.evidence.size(); ++i)
    world_.visited("evidence against a Byzantine validator");
  for (std::size_t i = 0; i < effects.faults.size(); ++i)
    world_.visited("fault of a Byzantine peer");
  for (const consensus::Evidence& evidence : effects.evidence) {
    checkers.blame.on_evidence(self_, evidence);
    check_export(evidence, evidence.first.subject.view());
  }
  for (const node::PeerFault& fault : effects.faults) checkers.blame.on_fault(self_, fault);
  check_records(effects.persist);
  if (lacks_votes_ && !effects.sign.empty()) {
    world_.verdict.fail(FailureClass::kSafety, "votes", "a node whose sign log lacks votes votes");
  }
  if (effects.halt) check_halt(effects);
}

void SimNode::check_records(const std::vector<consensus::SafetyRecord>& records) {
  for (const consensus::SafetyRecord& record : records) {
    if (std::holds_alternative<consensus::UnknownOwnVote>(record)) {
      lacks_votes_ = true;
      world_.visited("forgotten votes noticed");
      if (!is_amnesiac_) {
        world_.verdict.fail(FailureClass::kSafety, "votes",
                            "a node with all its records takes one of its votes for unknown");
      }
      if (world_.options.behaviour == Behaviour::kForgetsOnDisk) world_.oracle.witnessed();
    }
    if (const auto* end = std::get_if<consensus::Rejoined>(&record)) rejoined(end->through);
  }
}

void SimNode::rejoined(consensus::View through) {
  world_.visited("rejoined");
  trace("rejoin", {.view = through.value});
  lacks_votes_ = is_amnesiac_ = false;
  world_.checkers.votes.forgiven().trust_above(self_, through);
  world_.checkers.blame.forgiven().trust_above(self_, through);
}

// What the node writes for others is what they take from it, and names the guilty alone.
void SimNode::check_export(const evidence::Proof& proof, consensus::View view) {
  const auto fail = [&](const std::string& why) {
    world_.verdict.fail(FailureClass::kSafety, "blame",
                        "the evidence file of n" + std::to_string(self_.value) + ": " + why);
  };
  const auto read =
      evidence::from_file(evidence::to_file(proof, world_.ledger_network), world_.ledger_network);
  if (!read) return fail(read.error());
  const auto guilty =
      evidence::guilty(*read, world_.ledger_network,
                       [this](const crypto::PublicKey& key, const crypto::Hash& message,
                              const crypto::Signature& signature) {
                         return world_.keyring.verify(key, message, signature);
                       });
  if (!guilty) return fail(guilty.error());
  world_.visited("evidence file verified");
  for (const NodeIndex one : *guilty) {
    if (!world_.checkers.blame.may_be_blamed(one, view))
      fail("n" + std::to_string(one.value) + " is honest");
  }
}

// Who came back with an older disk may notice so; and nobody can go on beside a proof that too many
// are Byzantine.
void SimNode::check_halt(const node::Effects& effects) {
  if (is_amnesiac_ && effects.halt_cause == node::HaltCause::kUnsafe) return;
  if (world_.quorums_hold()) return world_.checkers.blame.on_halt(self_, *effects.halt);
  has_halted_ = true;
  world_.visited("halted by a contradiction");
  if (!effects.contradiction ||
      !world_.checkers.blame.proves_contradiction(*effects.contradiction)) {
    return world_.oracle.fail("n" + std::to_string(self_.value) +
                              " halts without proof: " + *effects.halt);
  }
  const auto& [first, second] = *effects.contradiction;
  if (first.subject.view() == second.subject.view())
    check_export(*effects.contradiction, first.subject.view());
  world_.oracle.witnessed();
}

void SimNode::send(std::optional<NodeIndex> to, const base::Bytes& message) {
  world_.audit.add(AuditKind::kMessageSent, {self_.value, to ? to->value : UINT64_MAX}, message);
  if (!adversary_) {
    const SentMessagePtr sent = read(message);
    PEERPAY_CHECK(sent->content.has_value(), "what a node sends decodes");
    const auto* certificate = std::get_if<consensus::Certificate>(&*sent->content);
    if (certificate != nullptr && world_.quorums_hold()) {
      world_.checkers.certificates.on_certificate(*certificate);
    }
    return transmit(to, sent);
  }
  const auto decoded = node::decode_peer_message(world_.chain, message);
  for (const Adversary::Parcel& parcel : adversary_->instead_of(to, *decoded)) {
    const SentMessagePtr sent = read(node::encode(parcel.message));
    if (parcel.is_forged) world_.oracle.forbid(sent);
    transmit(parcel.to, sent);
  }
}

SentMessagePtr SimNode::read(const base::Bytes& message) const {
  SentMessage out;
  out.bytes = message.size();
  if (auto decoded = node::decode_peer_message(world_.chain, message)) {
    out.verifies = verifies(*decoded);
    out.content = std::move(*decoded);
  }
  return std::make_shared<const SentMessage>(std::move(out));
}

bool SimNode::verifies(const node::PeerMessage& message) const {
  const World& w = world_;
  const auto is_vote_good = [&w](const consensus::Vote& vote) {
    return w.keyring.verify_vote(w.context, w.validators, vote);
  };
  const auto is_certificate_good = [&w](const consensus::Certificate& certificate) {
    return w.keyring.verify_certificate(w.context, w.validators, certificate);
  };
  const auto are_good = [this](const std::vector<ledger::SealedTransaction>& transactions) {
    return std::ranges::all_of(transactions, [this](const ledger::SealedTransaction& one) {
      return check(one) == ledger::TransactionResult::kApplied;
    });
  };
  if (const auto* vote = std::get_if<consensus::Vote>(&message)) return is_vote_good(*vote);
  if (const auto* certificate = std::get_if<consensus::Certificate>(&message))
    return is_certificate_good(*certificate);
  if (const auto* standing = std::get_if<node::Standing>(&message)) {
    return std::ranges::all_of(standing->votes, is_vote_good) &&
           std::ranges::all_of(standing->certificates, is_certificate_good);
  }
  if (const auto* block = std::get_if<node::BlockMessage>(&message))
    return are_good(block->block.transactions);
  if (const auto* batch = std::get_if<node::SyncBatch>(&message))
    return !batch->certificate || is_certificate_good(*batch->certificate);
  const auto* gossip = std::get_if<node::TransactionBatch>(&message);
  return gossip == nullptr || are_good(gossip->transactions);
}

void SimNode::transmit(std::optional<NodeIndex> to, const SentMessagePtr& message) {
  for (NodeIndex process; process.value < processes(world_.options); process = process.next()) {
    const NodeIndex peer = validator_of(world_.options, process);
    if (peer == self_ || (to && *to != peer)) continue;
    if (world_.loses && message->content && world_.loses(process_, process, *message->content)) {
      continue;
    }
    world_.network.send(process_, process, message);
  }
}

void SimNode::sign(const consensus::Subject& subject) {
  const crypto::PublicKey& key = world_.keyring.validators()[self_.value];
  const crypto::Hash message = consensus::signing_message(world_.context, subject);
  const consensus::Vote vote{subject, self_, world_.keyring.sign(key, message)};
  trace("vote", {.object = kind_of(subject.kind),
                 .view = subject.view().value,
                 .id = short_id(subject.proposal.digest.view())});
  if (is_checked()) world_.checkers.votes.on_vote(self_, subject);
  const node::PeerMessage out{vote};
  send(std::nullopt, node::encode(out));
  signed_.push_back(vote);
  if (world_.options.canary == Canary::kConflictingVote) sign_conflicting(subject);
}

void SimNode::sign_conflicting(consensus::Subject subject) {
  if (self_.value != 0 || subject.kind != consensus::VoteKind::kNotarize) return;
  subject.proposal.digest.bytes[0] ^= 1;
  const crypto::PublicKey& key = world_.keyring.validators()[self_.value];
  const crypto::Hash message = consensus::signing_message(world_.context, subject);
  if (is_checked()) world_.checkers.votes.on_vote(self_, subject);
  send(std::nullopt, node::encode(node::PeerMessage{
                         consensus::Vote{subject, self_, world_.keyring.sign(key, message)}}));
}

void SimNode::serve(const node::Serve& request) {
  node::PeerMessage answer;
  if (const auto* wanted = std::get_if<node::BlockRequest>(&request.request)) {
    auto block = disk_.block(wanted->hash);
    if (!block) return;
    answer = node::BlockMessage{std::move(*block)};
    world_.visited("block served from disk");
  } else {
    node::SyncBatch batch =
        disk_.sync_batch(std::get<node::SyncRequest>(request.request).from, sync_blocks_max_);
    if (batch.blocks.empty()) return;
    world_.visited(batch.certificate ? "sync batch" : "sync batch without a certificate");
    answer = std::move(batch);
  }
  send(request.to, node::encode(answer));
}

void SimNode::reply(const node::SubmissionReply& reply) {
  world_.audit.add(AuditKind::kReplied, {self_.value, static_cast<std::uint64_t>(reply.admission)},
                   reply.id.view());
  switch (reply.admission) {
    case node::Admission::kAdmitted:
    case node::Admission::kAlreadyPending: return tell(reply.id, ToldPending{});
    case node::Admission::kPoolFull:
    case node::Admission::kExpiryTooFar:
    case node::Admission::kSenderShareFull: return tell(reply.id, ToldLater{});
    case node::Admission::kRefused: return refuse(reply.id, reply.result);
  }
}

// What happened before, or whose time is over by this node's clock, may have been applied, or yet
// be.
void SimNode::refuse(const ledger::TransactionId& id, ledger::TransactionResult result) {
  using ledger::TransactionResult;
  const bool may_have_been_applied = result == TransactionResult::kNonceUsed ||
                                     result == TransactionResult::kNonceTooOld ||
                                     result == TransactionResult::kExpired;
  if (!may_have_been_applied) return tell_refused(id, result);
  if (const auto height = disk_.find(id)) return tell(id, ToldFinal{*height});
  if (is_committing(id)) {
    world_.visited("submission of a payment on its way to the disk");
    return tell(id, ToldPending{});
  }
  const bool certain =
      result != TransactionResult::kExpired || submitted_.at(id) < disk_.head().timestamp;
  if (certain) return tell_refused(id, result);
  world_.visited("expired by the node's clock, not by the ledger's");
  tell(id, ToldLater{result});
}

// Final, and on its way to the disk.
bool SimNode::is_committing(const ledger::TransactionId& id) const {
  const auto holds = [&id](const StorageJob& job) {
    const auto* block = std::get_if<node::CommittedBlock>(&job);
    return block != nullptr &&
           std::any_of(block->outcomes.begin(), block->outcomes.end(),
                       [&id](const ledger::Outcome& outcome) { return outcome.id == id; });
  };
  return std::any_of(storage_queue_.begin(), storage_queue_.end(), holds) ||
         std::any_of(storage_busy_with_.begin(), storage_busy_with_.end(), holds);
}

void SimNode::tell_refused(const ledger::TransactionId& id, ledger::TransactionResult result) {
  const bool never = ledger::result_class(result) == ledger::ResultClass::kNever;
  tell(id, never ? Answer{ToldNever{result}} : Answer{ToldLater{result}});
}

void SimNode::tell(const ledger::TransactionId& id, const Answer& answer) {
  trace("answer", {.object = kind_of(answer), .id = short_id(id.view())});
  if (is_chain_checked()) {
    if (const auto* final = std::get_if<ToldFinal>(&answer)) {
      world_.checkers.promises.told_final(self_, id, final->height);
    }
    if (const auto* never = std::get_if<ToldNever>(&answer)) {
      world_.checkers.promises.told_never(self_, id, never->result);
    }
  }
  clients_.on_answer(self_, id, answer);
}

// The storage thread: one batch at a time, all that waits.
void SimNode::store_next() {
  if (!storage_busy_with_.empty() || storage_queue_.empty()) return;
  storage_busy_with_ = std::exchange(storage_queue_, {});
  later(draw_delay(world_.options.disk.commit, rng_), [this] {
    const auto jobs = std::exchange(storage_busy_with_, {});
    if (!write(jobs)) return stop("stopped: a write failed");
    announce(jobs);
    store_next();
  });
}

bool SimNode::write(const std::vector<StorageJob>& jobs) {
  for (const StorageJob& job : jobs) {
    if (const auto* block = std::get_if<node::BlockToStore>(&job)) {
      disk_.store(*block);
      continue;
    }
    if (!disk_.commit(std::get<node::CommittedBlock>(job))) return false;
    if (is_checked()) world_.checkers.chain.on_durable(self_, disk_.height());
  }
  return true;
}

void SimNode::announce(const std::vector<StorageJob>& jobs) {
  for (const StorageJob& job : jobs) {
    if (const auto* block = std::get_if<node::BlockToStore>(&job)) {
      post(node::BlockStored{block->hash});
      continue;
    }
    const auto& committed = std::get<node::CommittedBlock>(job);
    for (const ledger::Outcome& outcome : committed.outcomes) {
      tell(outcome.id, ToldFinal{committed.block.header.height});
    }
  }
}

void SimNode::flush_state_later() {
  later(world_.options.disk.state_flush_interval, [this] {
    disk_.flush_state();
    flush_state_later();
  });
}

}  // namespace peerpay::sim
