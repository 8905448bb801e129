#pragma once
// Votes and certificates: values, canonical bytes (spec: docs/spec/consensus.md), and the checks of
// their signatures, which run outside the engine so that a simulation can replace them.

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/bcs.h"
#include "consensus/types.h"
#include "crypto/hash.h"

namespace peerpay::consensus {

// `digest` was proposed in `view` as the child of what was certified in `parent`.
struct Proposal {
  View view;
  View parent;
  Digest digest;
  friend auto operator<=>(const Proposal&, const Proposal&) = default;
};

enum class VoteKind : std::uint8_t { kNotarize = 0, kNullify = 1, kFinalize = 2 };
inline constexpr std::uint32_t kVoteKinds = 3;

// What is voted on. For kNullify, parent and digest are zero.
struct Subject {
  VoteKind kind = VoteKind::kNotarize;
  Proposal proposal;
  friend auto operator<=>(const Subject&, const Subject&) = default;

  [[nodiscard]] View view() const { return proposal.view; }
  static Subject notarize(const Proposal& p) { return {VoteKind::kNotarize, p}; }
  static Subject finalize(const Proposal& p) { return {VoteKind::kFinalize, p}; }
  static Subject nullify(View view) { return {VoteKind::kNullify, {view, {}, {}}}; }
};

struct Vote {
  Subject subject;
  ValidatorIndex signer;
  crypto::Signature signature;
  friend bool operator==(const Vote&, const Vote&) = default;
};

// A quorum of votes on one subject. Called notarization, nullification or finalization by its kind.
struct Certificate {
  Subject subject;
  std::vector<std::uint8_t> signers;  // bit i (of byte i / 8, least significant first): validator i
  std::vector<crypto::Signature> signatures;  // one for each set bit, ascending
  friend bool operator==(const Certificate&, const Certificate&) = default;
};

// Asks a peer for what settles `view` (rules C21 to C23).
struct RepairRequest {
  View view;
  friend bool operator==(const RepairRequest&, const RepairRequest&) = default;
};

// View from 1 to 2^64 - 2, parent below the view; for kNullify, parent and digest are zero.
// The decoders accept nothing else.
[[nodiscard]] bool is_well_formed(const Subject& subject);
[[nodiscard]] bool is_signed_by(const Certificate& certificate, ValidatorIndex signer);
// The vote of `signer` that is part of the certificate; empty if there is none.
[[nodiscard]] std::optional<Vote> vote_in(const Certificate& certificate, ValidatorIndex signer);

[[nodiscard]] base::Bytes encode(const Vote& vote);
[[nodiscard]] base::Bytes encode(const Certificate& certificate);
[[nodiscard]] base::Bytes encode(const RepairRequest& request);
void encode_into(base::BcsWriter& out, const Vote& vote);
void encode_into(base::BcsWriter& out, const Certificate& certificate);
void encode_into(base::BcsWriter& out, const RepairRequest& request);
void encode_into(base::BcsWriter& out, const Subject& subject);
[[nodiscard]] base::Expected<Vote, base::DecodeError> decode_vote(base::ByteView bytes);
[[nodiscard]] base::Expected<Certificate, base::DecodeError> decode_certificate(
    base::ByteView bytes);
[[nodiscard]] base::Expected<RepairRequest, base::DecodeError> decode_repair_request(
    base::ByteView bytes);
// Read one value from a longer message; errors stay in the reader.
[[nodiscard]] Vote read_vote(base::BcsReader& in);
[[nodiscard]] Certificate read_certificate(base::BcsReader& in);
[[nodiscard]] RepairRequest read_repair_request(base::BcsReader& in);
[[nodiscard]] Subject read_subject(base::BcsReader& in);

// The 32 bytes that a validator signs: one tag per kind, then network, epoch and subject.
[[nodiscard]] crypto::Hash signing_message(const Context& context, const Subject& subject);

// Signature and membership.
[[nodiscard]] bool verify_vote(const Context& context, const ValidatorSet& validators,
                               const Vote& vote);
// Distinct known signers, a quorum of them, a bitmap of exactly ceil(n/8) bytes, each signature
// valid.
[[nodiscard]] bool verify_certificate(const Context& context, const ValidatorSet& validators,
                                      const Certificate& certificate);

// REQUIRES: votes on one subject by distinct members.
[[nodiscard]] Certificate make_certificate(const ValidatorSet& validators, const Subject& subject,
                                           const std::vector<Vote>& votes);

}  // namespace peerpay::consensus
