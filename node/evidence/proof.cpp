#include "node/evidence/proof.h"

#include <optional>

#include "base/bytes.h"
#include "base/check.h"
#include "consensus/limits.h"
#include "node/core/replica.h"

namespace peerpay::evidence {
namespace {

using consensus::Certificate;
using consensus::Contradiction;
using consensus::Evidence;
using consensus::Subject;
using consensus::ValidatorIndex;
using consensus::Vote;
using consensus::VoteKind;

// Restated: one kind and different, or finalize beside nullify or beside another proposal.
bool are_at_odds(const Subject& a, const Subject& b) {
  if (a.view() != b.view()) return false;
  if (a.kind == b.kind) return a.proposal != b.proposal;
  const auto is = [&](VoteKind kind) { return a.kind == kind || b.kind == kind; };
  if (!is(VoteKind::kFinalize)) return false;
  return is(VoteKind::kNullify) || a.proposal != b.proposal;
}

struct Checker {
  const ledger::Network& network;
  const CheckSignature& check;
  const consensus::Context context = node::consensus_context(network.chain);

  std::uint32_t members() const {
    return static_cast<std::uint32_t>(network.genesis.validators.size());
  }
  std::uint32_t quorum() const { return members() - (members() - 1) / 3; }
  bool signed_by(std::uint32_t signer, const Subject& subject,
                 const crypto::Signature& signature) const {
    return check(network.genesis.validators[signer].key,
                 consensus::signing_message(context, subject), signature);
  }

  // Why the statement says nothing.
  std::optional<std::string> flaw(const Vote& vote) const {
    if (vote.signer.value >= members()) return "a vote is of nobody in the genesis";
    if (!signed_by(vote.signer.value, vote.subject, vote.signature))
      return "the signature of a vote is wrong";
    return std::nullopt;
  }
  std::optional<std::string> flaw(const Certificate& certificate) const {
    if (certificate.signers.size() != (members() + 7) / 8)
      return "a certificate's bitmap has the wrong size";
    std::uint32_t next = 0;
    for (std::uint32_t i = 0; i < certificate.signers.size() * 8; ++i) {
      if (!consensus::is_signed_by(certificate, {i})) continue;
      if (i >= members()) return "a certificate names a signer who is nobody in the genesis";
      if (next == certificate.signatures.size())
        return "a certificate has fewer signatures than signers";
      if (!signed_by(i, certificate.subject, certificate.signatures[next++]))
        return "a signature of a certificate is wrong";
    }
    if (next != certificate.signatures.size())
      return "a certificate has more signatures than signers";
    if (next < quorum()) return "a certificate has too few signers";
    return std::nullopt;
  }
};

std::string text_of(const Subject& subject) {
  const auto digest = base::to_hex(subject.proposal.digest.view());
  switch (subject.kind) {
    case VoteKind::kNotarize: return "notarize of " + digest;
    case VoteKind::kNullify: return "nullify";
    case VoteKind::kFinalize: return "finalize of " + digest;
  }
  PEERPAY_UNREACHABLE("every kind is named above");
}

std::string names_of(const std::vector<ValidatorIndex>& all, const ledger::Network& network) {
  std::string out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i > 0) out += i + 1 == all.size() ? " and " : ", ";
    out += network.genesis.validators[all[i].value].name;
  }
  return out;
}

}  // namespace

std::vector<ValidatorIndex> accused(const Proof& proof) {
  if (const auto* votes = std::get_if<Evidence>(&proof)) {
    if (votes->first.signer != votes->second.signer) return {};
    return {votes->first.signer};
  }
  const auto& both = std::get<Contradiction>(proof);
  std::vector<ValidatorIndex> out;
  if (both.first.subject.view() != both.second.subject.view()) return out;
  for (ValidatorIndex i; i.value < consensus::kValidatorsMax; i = i.next()) {
    const bool in_first = consensus::is_signed_by(both.first, i);
    if (in_first && consensus::is_signed_by(both.second, i)) out.push_back(i);
  }
  return out;
}

base::Expected<std::vector<ValidatorIndex>, std::string> guilty(const Proof& proof,
                                                                const ledger::Network& network,
                                                                const CheckSignature& check) {
  const Checker checker{network, check};
  return std::visit(
      [&](const auto& pair) -> base::Expected<std::vector<ValidatorIndex>, std::string> {
        for (const auto* one : {&pair.first, &pair.second}) {
          if (auto flaw = checker.flaw(*one)) return base::Unexpected{*std::move(flaw)};
        }
        if (pair.first.subject.view() != pair.second.subject.view())
          return base::Unexpected{
              std::string{"statements of two views prove nobody guilty: it takes "
                          "the blocks between them"}};
        if (!are_at_odds(pair.first.subject, pair.second.subject))
          return base::Unexpected{std::string{"an honest validator may sign both"}};
        auto out = accused(proof);
        if (out.empty()) return base::Unexpected{std::string{"nobody signed both"}};
        return out;
      },
      proof);
}

std::string sentence(const Proof& proof, const ledger::Network& network) {
  const auto told = [](const Subject& subject) {
    return text_of(subject) + " in view " + std::to_string(subject.view().value);
  };
  const auto n = network.genesis.validators.size();
  const auto too_many = "more than " + std::to_string((n - 1) / 3) + " of the " +
                        std::to_string(n) + " validators are faulty, and final is not final.";
  const auto names = names_of(accused(proof), network);
  if (const auto* votes = std::get_if<Evidence>(&proof)) {
    return names + " signed both " + told(votes->first.subject) + " and " +
           told(votes->second.subject) + ", which no honest validator does.";
  }
  const auto& [first, second] = std::get<Contradiction>(proof);
  const auto both = told(first.subject) + " and " + told(second.subject);
  if (first.subject.view() != second.subject.view()) {
    return "A quorum stands behind each of " + both +
           ", and this node met them as two blocks of one height: if the blocks between say so "
           "too, " +
           too_many;
  }
  return names + " signed both " + both +
         ", which no honest validator does; a quorum stands behind each, so " + too_many;
}

}  // namespace peerpay::evidence
