#include "consensus/effects.h"

#include <iterator>
#include <utility>

#include "base/check.h"

namespace peerpay::consensus {
namespace {

constexpr std::uint32_t kRecordKinds = std::variant_size_v<SafetyRecord>;

void encode_into(base::BcsWriter& out, const Proposal& proposal) {
  out.u64(proposal.view.value);
  out.u64(proposal.parent.value);
  out.fixed(proposal.digest);
}

void encode_fields(base::BcsWriter& out, const OwnVote& record) {
  encode_into(out, record.subject);
}
void encode_fields(base::BcsWriter& out, const HeldCertificate& record) {
  encode_into(out, record.certificate);
}
void encode_fields(base::BcsWriter& out, const CertifyVerdict& record) {
  encode_into(out, record.proposal);
  out.boolean(record.certified);
}

void encode_fields(base::BcsWriter& out, const UnknownOwnVote& record) {
  encode_into(out, record.subject);
}
void encode_fields(base::BcsWriter&, const HistoryLost&) {}
void encode_fields(base::BcsWriter& out, const Rejoined& record) { out.u64(record.through.value); }

CertifyVerdict read_certify_verdict(base::BcsReader& in) {
  CertifyVerdict out;
  out.proposal.view = View{in.u64()};
  out.proposal.parent = View{in.u64()};
  out.proposal.digest = in.fixed<Digest>();
  out.certified = in.boolean();
  if (in.ok() && !is_well_formed(Subject::notarize(out.proposal))) {
    in.fail(base::DecodeError::kValueInvalid);
  }
  return out;
}

SafetyRecord read_safety_record(base::BcsReader& in) {
  switch (in.variant(kRecordKinds)) {
    case 0: return OwnVote{read_subject(in)};
    case 1: return HeldCertificate{read_certificate(in)};
    case 2: return read_certify_verdict(in);
    case 3: return UnknownOwnVote{read_subject(in)};
    case 4: return HistoryLost{};
    case 5: return Rejoined{View{in.u64()}};
  }
  PEERPAY_UNREACHABLE("variant() is below its bound");
}

View view_of_fields(const OwnVote& record) { return record.subject.view(); }
View view_of_fields(const HeldCertificate& record) { return record.certificate.subject.view(); }
View view_of_fields(const CertifyVerdict& record) { return record.proposal.view; }
View view_of_fields(const UnknownOwnVote& record) { return record.subject.view(); }
View view_of_fields(const HistoryLost&) { return View{0}; }
View view_of_fields(const Rejoined& record) { return record.through; }

template <class T>
void move_onto(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

base::Bytes encode(const SafetyRecord& record) {
  base::BcsWriter out;
  out.uleb(static_cast<std::uint32_t>(record.index()));
  std::visit([&](const auto& fields) { encode_fields(out, fields); }, record);
  return std::move(out).take();
}

base::Expected<SafetyRecord, base::DecodeError> decode_safety_record(base::ByteView bytes) {
  base::BcsReader in{bytes};
  SafetyRecord out = read_safety_record(in);
  if (const auto status = in.finish(); !status) return base::Unexpected{status.error()};
  return out;
}

View view_of(const SafetyRecord& record) {
  return std::visit([](const auto& fields) { return view_of_fields(fields); }, record);
}

bool is_incomplete(std::span<const SafetyRecord> journal) {
  bool incomplete = false;
  for (const auto& record : journal) {
    if (std::holds_alternative<Rejoined>(record)) incomplete = false;
    incomplete |= std::holds_alternative<UnknownOwnVote>(record) ||
                  std::holds_alternative<HistoryLost>(record);
  }
  return incomplete;
}

const UnknownOwnVote* unknown_own_vote(std::span<const SafetyRecord> journal) {
  for (const auto& record : journal) {
    if (const auto* found = std::get_if<UnknownOwnVote>(&record)) return found;
  }
  return nullptr;
}

void Effects::append(Effects&& later) {
  move_onto(persist, later.persist);
  move_onto(sign, later.sign);
  move_onto(send, later.send);
  move_onto(app, later.app);
  move_onto(commit, later.commit);
  move_onto(evidence, later.evidence);
  if (!contradiction) contradiction = std::move(later.contradiction);
}

bool Effects::empty() const {
  return persist.empty() && sign.empty() && send.empty() && app.empty() && commit.empty() &&
         evidence.empty() && !contradiction;
}

}  // namespace peerpay::consensus
