#pragma once
// The file of a proof: JSON that people can read, and that says everything a verifier needs but the
// genesis. Only the bytes of the two statements count; the rest is made from them, and a file in
// which it says anything else is refused, but for the sentence: a reader makes its own.
//
//   {"format": "peerpay-evidence-1", "sentence": "...", "network": "paynet", "chain_id": HEX,
//    "epoch": 0, "validators": [{"name": "north", "key": HEX}, ...], "accused": ["south"],
//    "first": STATEMENT, "second": STATEMENT}
//   STATEMENT: {"bytes": HEX, "type": "vote" or "certificate", "kind": "notarize", "nullify" or
//    "finalize", "view": 7, "parent": 6, "digest": HEX, "signers": ["south"], "signatures": [HEX]}
//
// "bytes" is the canonical encoding (spec: docs/spec/consensus.md).

#include <string>
#include <string_view>

#include "base/expected.h"
#include "ledger/genesis.h"
#include "node/evidence/proof.h"

namespace peerpay::evidence {

// Of the largest validator set, twice what a file can have.
inline constexpr std::size_t kProofFileBytesMax = std::size_t{256} * 1024;

// One line. REQUIRES: `proof` is of this network's validators.
[[nodiscard]] std::string to_file(const Proof& proof, const ledger::Network& network);

// Or the sentence that says why it is none. Nothing is verified: see guilty().
[[nodiscard]] base::Expected<Proof, std::string> from_file(std::string_view text,
                                                           const ledger::Network& network);

// "validator-2-view-7.json" or "certificates-view-7.json".
[[nodiscard]] std::string file_name(const Proof& proof);
// What the names of all files about the votes of one validator begin with.
[[nodiscard]] std::string file_prefix(consensus::ValidatorIndex signer);

}  // namespace peerpay::evidence
