#pragma once
// What the engine asks its owner to do after an event. The order of the members is the order of
// doing: `persist` is durable before anything in `sign` or `send` leaves the process (promise P5).

#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "base/bcs.h"
#include "consensus/messages.h"
#include "consensus/types.h"

namespace peerpay::consensus {

// The journal of one validator: what it promised and what it knew when it did (rule C29).
struct OwnVote {
  Subject subject;
  friend bool operator==(const OwnVote&, const OwnVote&) = default;
};
struct HeldCertificate {
  Certificate certificate;
  friend bool operator==(const HeldCertificate&, const HeldCertificate&) = default;
};
struct CertifyVerdict {
  Proposal proposal;
  bool certified = false;
  friend bool operator==(const CertifyVerdict&, const CertifyVerdict&) = default;
};
// A vote of ours that the journal did not hold: it is incomplete until Rejoined (rule C8).
struct UnknownOwnVote {
  Subject subject;
  friend bool operator==(const UnknownOwnVote&, const UnknownOwnVote&) = default;
};
// The journal before this was lost, whatever was in it: it is incomplete until Rejoined (rule C8).
struct HistoryLost {
  friend bool operator==(const HistoryLost&, const HistoryLost&) = default;
};
// Every vote that the journal may lack is in a view at or below `through`: it is complete again,
// and none is ever added there (rule C8).
struct Rejoined {
  View through;
  friend bool operator==(const Rejoined&, const Rejoined&) = default;
};
using SafetyRecord =
    std::variant<OwnVote, HeldCertificate, CertifyVerdict, UnknownOwnVote, HistoryLost, Rejoined>;
[[nodiscard]] base::Bytes encode(const SafetyRecord& record);
[[nodiscard]] base::Expected<SafetyRecord, base::DecodeError> decode_safety_record(
    base::ByteView bytes);
[[nodiscard]] View view_of(const SafetyRecord& record);
// Whether votes of ours may be missing from `journal`, and nothing after says where they end.
[[nodiscard]] bool is_incomplete(std::span<const SafetyRecord> journal);
// The first vote among the records that the journal lacked; null if there is none.
[[nodiscard]] const UnknownOwnVote* unknown_own_vote(std::span<const SafetyRecord> journal);

// To one validator, or to all others when `to` is empty.
struct Outbound {
  std::optional<ValidatorIndex> to;
  std::variant<Certificate, RepairRequest> message;
};

// Requests to the application. Each Verify and Certify is answered exactly once, unless it is
// dropped by a later finalization at or above its view; each Propose is answered or overtaken by a
// later view.
// Answer: Engine::on_proposed. The genesis as parent has view 0 and a zero digest.
struct ProposeRequest {
  View view;
  Proposal parent;
};
// Answer: Engine::on_verified; while the block or its parent is not known: no answer yet.
struct VerifyRequest {
  Proposal proposal;
  Proposal parent;
};
// Answer: Engine::on_certified, once the block is durable, executed and valid. Must come out the
// same on every honest node.
struct CertifyRequest {
  Proposal proposal;
};
using AppRequest = std::variant<ProposeRequest, VerifyRequest, CertifyRequest>;

// `finalization` finalizes its digest and all its ancestors.
struct Commit {
  Certificate finalization;
};

// Two signed votes that no honest validator sends. Proof for anyone who has the validator set.
struct Evidence {
  Vote first;
  Vote second;
};

// Two certificates of which at most one can exist while at most faulty_max validators are
// Byzantine.
struct Contradiction {
  Certificate first;
  Certificate second;
};

struct Effects {
  std::vector<SafetyRecord> persist;
  // Own votes: sign each, send it to all others, and hand it back by Engine::on_vote. May repeat a
  // vote that was signed before (rules C19, C26); signing is deterministic, so the bytes are the
  // same.
  std::vector<Subject> sign;
  std::vector<Outbound> send;
  std::vector<AppRequest> app;
  std::vector<Commit> commit;
  std::vector<Evidence> evidence;
  // The assumption that everything rests on has failed: export this and stop. The engine has
  // stopped already: it ignores every later event (rule C30).
  std::optional<Contradiction> contradiction;

  void append(Effects&& later);
  [[nodiscard]] bool empty() const;
};

}  // namespace peerpay::consensus
