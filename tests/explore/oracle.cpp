#include "tests/explore/oracle.h"

#include <bit>
#include <string>

namespace peerpay::explore {

namespace {

using consensus::VoteKind;

constexpr std::uint32_t kQuorum = 3;
static_assert(kQuorum == kMembers - (kMembers - 1) / 3);

void fail(sim::Verdict& verdict, std::string_view checker, const std::string& what) {
  verdict.fail(sim::FailureClass::kSafety, checker, what);
}

std::string first_of(Subjects subjects) {
  return describe_subject(static_cast<std::uint32_t>(std::countr_zero(subjects)));
}

// The proposals of `subjects` of one kind in one view, as bits of notarize subjects.
Subjects proposals(Subjects subjects, VoteKind kind, std::uint64_t view) {
  const Subjects here = subjects & subjects_of(kind, view);
  return kind == VoteKind::kFinalize ? here >> kProposals : here;
}

// Of each view: one notarization, one finalization of the same block, and no nullification beside.
void check_view(Subjects certificates, std::uint64_t view, sim::Verdict& verdict) {
  const Subjects notarized = proposals(certificates, VoteKind::kNotarize, view);
  const Subjects final = proposals(certificates, VoteKind::kFinalize, view);
  const std::string where = " in view " + std::to_string(view);
  if (std::popcount(notarized) > 1) fail(verdict, "certificates", "two blocks notarized" + where);
  if (std::popcount(final) > 1) fail(verdict, "certificates", "two blocks final" + where);
  if (final == 0) return;
  if ((certificates & subjects_of(VoteKind::kNullify, view)) != 0)
    fail(verdict, "certificates", "finalized and nullified" + where);
  if ((final & ~notarized) != 0)
    fail(verdict, "certificates", "final without a notarization" + where);
}

// Every notarized block above a final one has it as an ancestor. REQUIRES: one block a view.
void check_descent(Subjects certificates, std::uint64_t final_view, std::uint64_t view,
                   sim::Verdict& verdict) {
  const Subjects notarized = proposals(certificates, VoteKind::kNotarize, view);
  if (notarized == 0) return;
  std::uint64_t at = view;
  while (at > final_view) {
    const Subjects here = proposals(certificates, VoteKind::kNotarize, at);
    if (here == 0) return fail(verdict, "chain", "a block stands on one that nobody notarized");
    const std::uint64_t parent =
        subject_of(static_cast<std::uint32_t>(std::countr_zero(here))).proposal.parent.value;
    for (std::uint64_t between = parent + 1; between < at; ++between) {
      if ((certificates & subjects_of(VoteKind::kNullify, between)) == 0)
        return fail(verdict, "chain", first_of(here) + " leaves out a view not nullified");
    }
    at = parent;
  }
  if (at != final_view)
    fail(verdict, "chain",
         first_of(notarized) + " leaves out final view " + std::to_string(final_view));
}

}  // namespace

void check_vote(const Testimony& before, std::uint32_t number, sim::Verdict& verdict) {
  const consensus::Subject& subject = subject_of(number);
  const std::uint64_t view = subject.view().value;
  const std::string what = describe_subject(number);
  if ((before.promised & set_of(number)) == 0)
    fail(verdict, "votes", what + " was not recorded before it left");
  const Subjects notarized = proposals(before.sent, VoteKind::kNotarize, view);
  const Subjects final = proposals(before.sent, VoteKind::kFinalize, view);
  const bool nullified = (before.sent & subjects_of(VoteKind::kNullify, view)) != 0;
  const Subjects own =
      subject.kind == VoteKind::kNullify ? 0 : proposals(set_of(number), subject.kind, view);
  if (subject.kind == VoteKind::kNullify) {
    if (final != 0) fail(verdict, "votes", what + " after finalize");
    return;
  }
  if ((notarized & ~own) != 0) fail(verdict, "votes", what + " after notarizing another block");
  if ((final & ~own) != 0) fail(verdict, "votes", what + " after finalizing another block");
  const bool is_new = (before.sent & set_of(number)) == 0;
  if (nullified && is_new) fail(verdict, "votes", what + " after nullify");
}

void check_agreement(const std::array<Testimony, kHonest>& all, const World& world,
                     sim::Verdict& verdict) {
  const Subjects certificates = certifiable(all[0].sent, all[1].sent, all[2].sent);
  for (std::uint64_t view = 1; view <= world.views; ++view) {
    check_view(certificates, view, verdict);
    if (proposals(certificates, VoteKind::kFinalize, view) == 0 || verdict.failure()) continue;
    for (std::uint64_t later = view + 1; later <= world.views; ++later)
      check_descent(certificates, view, later, verdict);
  }
  for (const Testimony& one : all) {
    const Subjects forged = one.held & ~certificates;
    if (forged != 0)
      fail(verdict, "certificates",
           first_of(forged) + " is held, and fewer than " + std::to_string(kQuorum) +
               " voted for it");
  }
}

}  // namespace peerpay::explore
