#include "consensus/safety.h"

#include "base/check.h"

namespace peerpay::consensus {
namespace {

// Rule C3.
Permission may_notarize(const SafetyFacts& facts, const Proposal& proposal) {
  if (facts.own.notarized) return Permission::kAlreadySent;
  if (facts.own.nullified) return Permission::kNullifySent;
  if (facts.own.finalized && *facts.own.finalized != proposal) return Permission::kFinalizeSent;
  if (facts.leader_equivocated) return Permission::kLeaderEquivocated;
  return Permission::kAllowed;
}

// Rule C4.
Permission may_nullify(const SafetyFacts& facts) {
  if (facts.own.nullified) return Permission::kAlreadySent;
  if (facts.own.finalized) return Permission::kFinalizeSent;
  return Permission::kAllowed;
}

// Rule C5.
Permission may_finalize(const SafetyFacts& facts, const Proposal& proposal) {
  if (facts.own.finalized) return Permission::kAlreadySent;
  if (facts.own.nullified) return Permission::kNullifySent;
  if (facts.own.notarized && *facts.own.notarized != proposal) return Permission::kOtherNotarized;
  if (facts.leader_equivocated) return Permission::kLeaderEquivocated;
  if (facts.notarized_by_quorum != proposal) return Permission::kNotNotarized;
  if (!facts.certified) return Permission::kNotCertified;
  return Permission::kAllowed;
}

}  // namespace

bool OwnVotes::contains(const Subject& subject) const {
  switch (subject.kind) {
    case VoteKind::kNotarize: return notarized == subject.proposal;
    case VoteKind::kNullify: return nullified;
    case VoteKind::kFinalize: return finalized == subject.proposal;
  }
  PEERPAY_UNREACHABLE("every VoteKind is recorded");
}

void OwnVotes::record(const Subject& subject) {
  switch (subject.kind) {
    case VoteKind::kNotarize: notarized = subject.proposal; return;
    case VoteKind::kNullify: nullified = true; return;
    case VoteKind::kFinalize: finalized = subject.proposal; return;
  }
  PEERPAY_UNREACHABLE("every VoteKind is recorded");
}

Permission may_sign(const SafetyFacts& facts, const Subject& subject) {
  if (subject.view() <= facts.closed_through) return Permission::kViewClosed;
  switch (subject.kind) {
    case VoteKind::kNotarize: return may_notarize(facts, subject.proposal);
    case VoteKind::kNullify: return may_nullify(facts);
    case VoteKind::kFinalize: return may_finalize(facts, subject.proposal);
  }
  PEERPAY_UNREACHABLE("every VoteKind has a rule");
}

bool exclude_each_other(const Subject& a, const Subject& b) {
  if (a.view() != b.view()) return false;
  if (a.kind == b.kind) return a != b;
  if (a.kind != VoteKind::kFinalize && b.kind != VoteKind::kFinalize) return false;
  const bool one_nullifies = a.kind == VoteKind::kNullify || b.kind == VoteKind::kNullify;
  return one_nullifies || a.proposal != b.proposal;
}

}  // namespace peerpay::consensus
