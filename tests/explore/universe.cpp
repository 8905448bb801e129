#include "tests/explore/universe.h"

#include "base/check.h"

namespace peerpay::explore {

namespace {

using consensus::Proposal;
using consensus::Subject;
using consensus::View;
using consensus::VoteKind;

// Of a view's proposals: the views below have 2 + 4 + ... of them.
constexpr std::uint64_t first_number(std::uint64_t view) { return view * (view - 1); }

std::array<Subject, kSubjects> all_subjects() {
  std::array<Subject, kSubjects> out;
  for (std::uint64_t view = 1; view <= kViewsMax; ++view) {
    for (std::uint64_t i = 0; i < 2 * view; ++i) {
      const Proposal proposal = proposal_at(view, i / 2, i % 2 == 1);
      out[first_number(view) + i] = Subject::notarize(proposal);
      out[kProposals + first_number(view) + i] = Subject::finalize(proposal);
    }
    out[2 * kProposals + view - 1] = Subject::nullify(View{view});
  }
  return out;
}

}  // namespace

Proposal proposal_at(std::uint64_t view, std::uint64_t parent, bool second) {
  Proposal out{View{view}, View{parent}, {}};
  out.digest.bytes[0] = static_cast<std::uint8_t>(view);
  out.digest.bytes[1] = static_cast<std::uint8_t>(parent);
  out.digest.bytes[2] = second ? 2 : 1;
  return out;
}

bool is_second(const Proposal& proposal) { return proposal.digest.bytes[2] == 2; }

std::optional<std::uint32_t> number_of(const Proposal& proposal) {
  const std::uint64_t view = proposal.view.value;
  if (view == 0 || view > kViewsMax || proposal.parent.value >= view) return std::nullopt;
  const std::uint64_t second = is_second(proposal) ? 1 : 0;
  return static_cast<std::uint32_t>(first_number(view) + 2 * proposal.parent.value + second);
}

std::optional<std::uint32_t> number_of(const Subject& subject) {
  const std::uint64_t view = subject.view().value;
  if (view == 0 || view > kViewsMax) return std::nullopt;
  if (subject.kind == VoteKind::kNullify)
    return static_cast<std::uint32_t>(2 * kProposals + view - 1);
  const auto number = number_of(subject.proposal);
  if (!number || subject.kind == VoteKind::kNotarize) return number;
  return *number + kProposals;
}

const Subject& subject_of(std::uint32_t number) {
  static const std::array<Subject, kSubjects> kAll = all_subjects();
  PEERPAY_CHECK(number < kSubjects, "a subject of the exploration");
  return kAll[number];
}

Subjects subjects_of(VoteKind kind, std::uint64_t view) {
  if (kind == VoteKind::kNullify)
    return set_of(2 * kProposals + static_cast<std::uint32_t>(view) - 1);
  const Subjects all = (Subjects{1} << (2 * view)) - 1;
  const std::uint64_t offset = kind == VoteKind::kFinalize ? kProposals : 0;
  return all << (first_number(view) + offset);
}

std::string describe_subject(std::uint32_t number) {
  const Subject& subject = subject_of(number);
  const std::string view = "v" + std::to_string(subject.view().value);
  if (subject.kind == VoteKind::kNullify) return "nullify-" + view;
  const char* const kind = subject.kind == VoteKind::kNotarize ? "notarize-" : "finalize-";
  return kind + view + "p" + std::to_string(subject.proposal.parent.value) +
         (is_second(subject.proposal) ? "b" : "a");
}

std::optional<std::uint32_t> subject_named(std::string_view text) {
  for (std::uint32_t number = 0; number < kSubjects; ++number) {
    if (describe_subject(number) == text) return number;
  }
  return std::nullopt;
}

std::string_view take_word(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view word = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return word;
}

}  // namespace peerpay::explore
