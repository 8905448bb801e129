#include "consensus/messages.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "base/check.h"
#include "consensus/limits.h"
#include "crypto/signature.h"

namespace peerpay::consensus {
namespace {

constexpr std::size_t kBitsPerByte = 8;

crypto::Tag tag_of(VoteKind kind) {
  switch (kind) {
    case VoteKind::kNotarize: return crypto::Tag::kVoteNotarize;
    case VoteKind::kNullify: return crypto::Tag::kVoteNullify;
    case VoteKind::kFinalize: return crypto::Tag::kVoteFinalize;
  }
  PEERPAY_UNREACHABLE("every VoteKind has a tag");
}

std::size_t signer_count(const Certificate& certificate) {
  std::size_t count = 0;
  for (const auto byte : certificate.signers)
    count += static_cast<std::size_t>(std::popcount(byte));
  return count;
}

std::size_t bitmap_size(const ValidatorSet& validators) {
  return (validators.size() + kBitsPerByte - 1) / kBitsPerByte;
}

// The one shape that a bitmap of these signers has.
bool has_valid_signers(const ValidatorSet& validators, const Certificate& certificate) {
  if (certificate.signers.size() != bitmap_size(validators)) return false;
  const auto bits_used = validators.size() % kBitsPerByte;
  if (bits_used != 0 && (certificate.signers.back() >> bits_used) != 0) return false;
  const auto count = signer_count(certificate);
  return count == certificate.signatures.size() && count >= validators.quorum();
}

template <class Message>
base::Bytes encoded(const Message& message) {
  base::BcsWriter out;
  encode_into(out, message);
  return std::move(out).take();
}

}  // namespace

bool is_well_formed(const Subject& subject) {
  const auto& p = subject.proposal;
  if (p.view.value == 0 || p.view.value == std::numeric_limits<std::uint64_t>::max()) return false;
  if (subject.kind == VoteKind::kNullify) return p.parent.value == 0 && p.digest.is_zero();
  return p.parent < p.view;
}

bool is_signed_by(const Certificate& certificate, ValidatorIndex signer) {
  const std::size_t byte = signer.value / kBitsPerByte;
  if (byte >= certificate.signers.size()) return false;
  return ((certificate.signers[byte] >> (signer.value % kBitsPerByte)) & 1U) != 0;
}

std::optional<Vote> vote_in(const Certificate& certificate, ValidatorIndex signer) {
  if (!is_signed_by(certificate, signer)) return std::nullopt;
  std::size_t place = 0;
  for (ValidatorIndex i; i < signer; i = i.next()) place += is_signed_by(certificate, i) ? 1 : 0;
  if (place >= certificate.signatures.size()) return std::nullopt;
  return Vote{certificate.subject, signer, certificate.signatures[place]};
}

void encode_into(base::BcsWriter& out, const Subject& subject) {
  out.uleb(static_cast<std::uint32_t>(subject.kind));
  out.u64(subject.proposal.view.value);
  if (subject.kind == VoteKind::kNullify) return;
  out.u64(subject.proposal.parent.value);
  out.fixed(subject.proposal.digest);
}

void encode_into(base::BcsWriter& out, const Vote& vote) {
  encode_into(out, vote.subject);
  out.u32(vote.signer.value);
  out.fixed(vote.signature);
}

void encode_into(base::BcsWriter& out, const Certificate& certificate) {
  encode_into(out, certificate.subject);
  out.bytes(certificate.signers);
  out.uleb(static_cast<std::uint32_t>(certificate.signatures.size()));
  for (const auto& signature : certificate.signatures) out.fixed(signature);
}

void encode_into(base::BcsWriter& out, const RepairRequest& request) {
  out.u64(request.view.value);
}

base::Bytes encode(const Vote& vote) { return encoded(vote); }
base::Bytes encode(const Certificate& certificate) { return encoded(certificate); }
base::Bytes encode(const RepairRequest& request) { return encoded(request); }

Subject read_subject(base::BcsReader& in) {
  Subject out;
  out.kind = static_cast<VoteKind>(in.variant(kVoteKinds));
  out.proposal.view = View{in.u64()};
  if (out.kind != VoteKind::kNullify) {
    out.proposal.parent = View{in.u64()};
    out.proposal.digest = in.fixed<Digest>();
  }
  if (in.ok() && !is_well_formed(out)) in.fail(base::DecodeError::kValueInvalid);
  return out;
}

Vote read_vote(base::BcsReader& in) {
  Vote out;
  out.subject = read_subject(in);
  out.signer = ValidatorIndex{in.u32()};
  out.signature = in.fixed<crypto::Signature>();
  if (in.ok() && out.signer.value >= kValidatorsMax) in.fail(base::DecodeError::kValueInvalid);
  return out;
}

Certificate read_certificate(base::BcsReader& in) {
  Certificate out;
  out.subject = read_subject(in);
  const auto signers = in.bytes(kSignerBytesMax);
  out.signers.assign(signers.begin(), signers.end());
  const auto count = in.length(kValidatorsMax, crypto::Signature::kSize);
  if (in.ok() && count != signer_count(out)) in.fail(base::DecodeError::kValueInvalid);
  if (!in.ok()) return out;
  out.signatures.reserve(count);
  for (std::size_t i = 0; i < count; ++i) out.signatures.push_back(in.fixed<crypto::Signature>());
  return out;
}

RepairRequest read_repair_request(base::BcsReader& in) { return RepairRequest{View{in.u64()}}; }

base::Expected<Vote, base::DecodeError> decode_vote(base::ByteView bytes) {
  base::BcsReader in{bytes};
  Vote out = read_vote(in);
  if (const auto status = in.finish(); !status) return base::Unexpected{status.error()};
  return out;
}

base::Expected<Certificate, base::DecodeError> decode_certificate(base::ByteView bytes) {
  base::BcsReader in{bytes};
  Certificate out = read_certificate(in);
  if (const auto status = in.finish(); !status) return base::Unexpected{status.error()};
  return out;
}

base::Expected<RepairRequest, base::DecodeError> decode_repair_request(base::ByteView bytes) {
  base::BcsReader in{bytes};
  RepairRequest out = read_repair_request(in);
  if (const auto status = in.finish(); !status) return base::Unexpected{status.error()};
  return out;
}

crypto::Hash signing_message(const Context& context, const Subject& subject) {
  base::BcsWriter out;
  out.fixed(context.network);
  out.u64(context.epoch);
  encode_into(out, subject);
  return crypto::tagged_hash(tag_of(subject.kind), out.view());
}

bool verify_vote(const Context& context, const ValidatorSet& validators, const Vote& vote) {
  if (!validators.contains(vote.signer) || !is_well_formed(vote.subject)) return false;
  return crypto::verify(validators.key(vote.signer), signing_message(context, vote.subject),
                        vote.signature);
}

bool verify_certificate(const Context& context, const ValidatorSet& validators,
                        const Certificate& certificate) {
  if (!is_well_formed(certificate.subject)) return false;
  if (!has_valid_signers(validators, certificate)) return false;
  const auto message = signing_message(context, certificate.subject);
  std::size_t next = 0;
  for (std::uint32_t i = 0; i < validators.size(); ++i) {
    const ValidatorIndex signer{i};
    if (!is_signed_by(certificate, signer)) continue;
    if (!crypto::verify(validators.key(signer), message, certificate.signatures[next++]))
      return false;
  }
  return true;
}

Certificate make_certificate(const ValidatorSet& validators, const Subject& subject,
                             const std::vector<Vote>& votes) {
  std::vector<const Vote*> ordered;
  ordered.reserve(votes.size());
  for (const auto& vote : votes) ordered.push_back(&vote);
  std::sort(ordered.begin(), ordered.end(),
            [](const Vote* a, const Vote* b) { return a->signer < b->signer; });
  Certificate out{subject, std::vector<std::uint8_t>(bitmap_size(validators)), {}};
  out.signatures.reserve(votes.size());
  for (const Vote* vote : ordered) {
    PEERPAY_CHECK(vote->subject == subject, "a certificate holds votes on one subject");
    PEERPAY_CHECK(validators.contains(vote->signer), "a certificate holds votes of members");
    PEERPAY_CHECK(!is_signed_by(out, vote->signer), "a certificate holds one vote of each signer");
    auto& byte = out.signers[vote->signer.value / kBitsPerByte];
    byte = static_cast<std::uint8_t>(byte | (1U << (vote->signer.value % kBitsPerByte)));
    out.signatures.push_back(vote->signature);
  }
  return out;
}

}  // namespace peerpay::consensus
