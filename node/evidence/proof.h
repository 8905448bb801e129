#pragma once
// Proof: two signed statements that cannot both come from honest validators, and who is proved
// guilty by them. Anyone who has the genesis can check one: nothing here rests on the word of the
// node that made it. Restates what a certificate is (spec: consensus C1), so that a mistake in the
// engine's own check can't hide behind itself.

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "base/expected.h"
#include "consensus/effects.h"
#include "crypto/signature.h"
#include "ledger/genesis.h"

namespace peerpay::evidence {

// Two votes of one validator, or two certificates; each pair excludes each other.
using Proof = std::variant<consensus::Evidence, consensus::Contradiction>;

// crypto::verify, but in a simulation with stand-in signatures.
using CheckSignature =
    std::function<bool(const crypto::PublicKey&, const crypto::Hash&, const crypto::Signature&)>;

// Who signed both statements, ascending; signatures are not looked at. Nobody when they are of two
// views: there honest validators sign both.
[[nodiscard]] std::vector<consensus::ValidatorIndex> accused(const Proof& proof);

// Who is proved guilty, ascending and never empty; or the sentence why nothing is proved. Checks
// everything: members, bitmaps, quorums, that the statements exclude each other, each signature.
[[nodiscard]] base::Expected<std::vector<consensus::ValidatorIndex>, std::string> guilty(
    const Proof& proof, const ledger::Network& network,
    const CheckSignature& check = crypto::verify);

// What a valid proof says, in one sentence. REQUIRES: every accused is a member.
[[nodiscard]] std::string sentence(const Proof& proof, const ledger::Network& network);

}  // namespace peerpay::evidence
