#include "wallet/cli/account_check.h"

#include <vector>

#include "ledger/block.h"
#include "ledger/limits.h"
#include "ledger/state_tree.h"
#include "wallet/verify/finalization.h"

namespace peerpay::wallet::cli {
namespace {

// At least one, all of this chain, each the parent of the next; empty otherwise.
std::vector<ledger::BlockHeader> linked_headers(const ledger::ChainId& chain,
                                                const std::vector<base::Bytes>& encoded) {
  std::vector<ledger::BlockHeader> out;
  if (encoded.size() > ledger::kReceiptChainMax) return {};
  for (const auto& bytes : encoded) {
    const auto header = ledger::decode_block_header(bytes);
    if (!header || header->chain != chain) return {};
    const bool is_linked = out.empty() || (header->parent == ledger::block_hash(out.back()) &&
                                           header->height == out.back().height.next());
    if (!is_linked) return {};
    out.push_back(*header);
  }
  return out;
}

}  // namespace

std::optional<CheckedAccount> check_account(const Network& network,
                                            const ledger::AccountId& account,
                                            const proto::AccountProof& proof) {
  const auto headers = linked_headers(network.chain, proof.headers);
  if (headers.empty()) return std::nullopt;
  const auto& first = headers.front();
  if (first == ledger::genesis_header(network.chain, network.genesis.timestamp, first.state_root)) {
    return CheckedAccount{{}, first.timestamp};
  }
  const auto last = ledger::block_hash(headers.back());
  if (!FinalizationCheck{network.genesis, network.chain}.signers(last, proof.certificate))
    return std::nullopt;
  const auto state = ledger::decode_state_proof(proof.proof);
  if (!state) return std::nullopt;
  const auto proved = ledger::verify_state_proof(first.state_root, account, *state);
  switch (proved.verdict) {
    case ledger::ProofVerdict::kInvalid: return std::nullopt;
    case ledger::ProofVerdict::kPresent:
      return CheckedAccount{proved.account->nonces, first.timestamp};
    case ledger::ProofVerdict::kAbsent: return CheckedAccount{{}, first.timestamp};
  }
  return std::nullopt;
}

}  // namespace peerpay::wallet::cli
