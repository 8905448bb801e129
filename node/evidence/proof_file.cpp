#include "node/evidence/proof_file.h"

#include <optional>
#include <utility>

#include "base/check.h"
#include "base/json/json.h"
#include "consensus/limits.h"
#include "node/core/replica.h"

namespace peerpay::evidence {
namespace {

using consensus::Certificate;
using consensus::Subject;
using consensus::ValidatorIndex;
using consensus::Vote;
using consensus::VoteKind;
using json::Json;

constexpr std::string_view kFormat = "peerpay-evidence-1";
constexpr std::string_view kVote = "vote";
constexpr std::string_view kCertificate = "certificate";

base::Unexpected<std::string> refused(std::string why) { return base::Unexpected{std::move(why)}; }

std::string_view text_of(VoteKind kind) {
  switch (kind) {
    case VoteKind::kNotarize: return "notarize";
    case VoteKind::kNullify: return "nullify";
    case VoteKind::kFinalize: return "finalize";
  }
  PEERPAY_UNREACHABLE("every kind is named above");
}

// A member's name; its number when it is none.
Json name_of(ValidatorIndex index, const ledger::Network& network) {
  if (index.value >= network.genesis.validators.size()) return std::to_string(index.value);
  return network.genesis.validators[index.value].name;
}

Json statement(std::string_view type, const base::Bytes& bytes, const Subject& subject,
               Json::Array signers, Json::Array signatures) {
  return Json::Object{{"bytes", base::to_hex(bytes)},
                      {"type", type},
                      {"kind", text_of(subject.kind)},
                      {"view", subject.view().value},
                      {"parent", subject.proposal.parent.value},
                      {"digest", base::to_hex(subject.proposal.digest.view())},
                      {"signers", std::move(signers)},
                      {"signatures", std::move(signatures)}};
}

Json statement(const Vote& vote, const ledger::Network& network) {
  return statement(kVote, consensus::encode(vote), vote.subject, {name_of(vote.signer, network)},
                   {base::to_hex(vote.signature.view())});
}

Json statement(const Certificate& certificate, const ledger::Network& network) {
  Json::Array signers;
  for (ValidatorIndex i; i.value < consensus::kValidatorsMax; i = i.next()) {
    if (consensus::is_signed_by(certificate, i)) signers.push_back(name_of(i, network));
  }
  Json::Array signatures;
  for (const auto& signature : certificate.signatures)
    signatures.emplace_back(base::to_hex(signature.view()));
  return statement(kCertificate, consensus::encode(certificate), certificate.subject,
                   std::move(signers), std::move(signatures));
}

Json::Object document(const Proof& proof, const ledger::Network& network) {
  const auto context = node::consensus_context(network.chain);
  Json::Array validators;
  for (const auto& validator : network.genesis.validators) {
    validators.push_back(
        Json::Object{{"name", validator.name}, {"key", base::to_hex(validator.key.view())}});
  }
  Json::Array names;
  for (const auto index : accused(proof)) names.push_back(name_of(index, network));
  const auto side = [&](bool is_first) {
    return std::visit(
        [&](const auto& pair) { return statement(is_first ? pair.first : pair.second, network); },
        proof);
  };
  return {{"format", kFormat},
          {"network", network.genesis.network},
          {"chain_id", base::to_hex(context.network.view())},
          {"epoch", context.epoch},
          {"validators", std::move(validators)},
          {"accused", std::move(names)},
          {"first", side(true)},
          {"second", side(false)}};
}

std::optional<base::Bytes> bytes_of(const Json& document, std::string_view side,
                                    std::string_view type) {
  const Json* one = document.member(side);
  if (one == nullptr || one->member_text("type") != type) return std::nullopt;
  const auto hex = one->member_text("bytes");
  return hex ? base::from_hex(*hex) : std::nullopt;
}

template <class Pair, class Decode>
std::optional<Proof> pair_of(const Json& document, std::string_view type, Decode decode) {
  const auto first = bytes_of(document, "first", type);
  const auto second = bytes_of(document, "second", type);
  if (!first || !second) return std::nullopt;
  auto one = decode(*first);
  auto other = decode(*second);
  if (!one || !other) return std::nullopt;
  return Pair{*std::move(one), *std::move(other)};
}

}  // namespace

std::string to_file(const Proof& proof, const ledger::Network& network) {
  auto members = document(proof, network);
  members.insert(members.begin() + 1, {"sentence", sentence(proof, network)});
  return Json{std::move(members)}.serialized() + "\n";
}

base::Expected<Proof, std::string> from_file(std::string_view text,
                                             const ledger::Network& network) {
  if (text.size() > kProofFileBytesMax) return refused("it is too long");
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  const auto json = Json::parsed(text);
  if (!json || json->member_text("format") != kFormat)
    return refused("it is no evidence of peerpayd");
  const auto chain = base::to_hex(node::consensus_context(network.chain).network.view());
  if (json->member_text("chain_id") != chain) return refused("it is of another network");
  auto proof = pair_of<consensus::Evidence>(
      *json, kVote, [](base::ByteView bytes) { return consensus::decode_vote(bytes); });
  if (!proof) {
    proof = pair_of<consensus::Contradiction>(*json, kCertificate, [](base::ByteView bytes) {
      return consensus::decode_certificate(bytes);
    });
  }
  if (!proof) return refused("it does not hold two votes or two certificates");
  for (const auto& [name, value] : document(*proof, network)) {
    const Json* said = json->member(name);
    if (said == nullptr || said->serialized() != value.serialized())
      return refused("its \"" + name +
                     "\" is not what the bytes of its statements and the genesis say");
  }
  return *std::move(proof);
}

std::string file_prefix(ValidatorIndex signer) {
  return "validator-" + std::to_string(signer.value) + "-";
}

std::string file_name(const Proof& proof) {
  if (const auto* votes = std::get_if<consensus::Evidence>(&proof)) {
    return file_prefix(votes->first.signer) + "view-" +
           std::to_string(votes->first.subject.view().value) + ".json";
  }
  const auto& both = std::get<consensus::Contradiction>(proof);
  return "certificates-view-" + std::to_string(both.first.subject.view().value) + ".json";
}

}  // namespace peerpay::evidence
