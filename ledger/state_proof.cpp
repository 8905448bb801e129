// Proofs of the state tree: bytes, and the check that needs no tree. The hashes are in
// state_hash.h.

#include <algorithm>
#include <array>
#include <bit>

#include "ledger/codec.h"
#include "ledger/limits.h"
#include "ledger/state_hash.h"
#include "ledger/state_tree.h"

namespace peerpay::ledger {
namespace {

using base::BcsReader;
using base::BcsWriter;
using crypto::Hash;
using crypto::Tag;

constexpr std::uint8_t kKindAccount = 0;  // of record; each later kind has paths of its own
constexpr std::size_t kStepBytes = 2 + Hash::kSize;

StateProof::Step read_step(BcsReader& in) {
  StateProof::Step step;
  step.bit = in.u16();
  step.sibling = in.fixed<Hash>();
  return step;
}

StateProof::Leaf read_leaf(BcsReader& in) {
  StateProof::Leaf leaf;
  leaf.path = in.fixed<Hash>();
  const auto record = in.bytes(kAccountBytesMax);
  leaf.record.assign(record.begin(), record.end());
  return leaf;
}

StateProof read_proof(BcsReader& in) {
  StateProof proof;
  proof.steps.resize(in.length(kStatePathBits, kStepBytes));
  for (auto& step : proof.steps) step = read_step(in);
  if (in.boolean()) proof.leaf = read_leaf(in);
  return proof;
}

bool is_in_path(const StateProof::Step& step) { return step.bit < kStatePathBits; }

// The walk towards `path`, from the leaf that it ends at back to the root. That bits ascend and
// that the leaf stands on this path need no check: a root commits no other shape.
StateRoot root_of(const StateProof& proof, const Hash& path) {
  Hash hash = state_leaf_hash(proof.leaf->path, proof.leaf->record);
  for (auto step = proof.steps.rbegin(); step != proof.steps.rend(); ++step) {
    hash = path_bit(path, step->bit) ? state_node_hash(step->bit, step->sibling, hash)
                                     : state_node_hash(step->bit, hash, step->sibling);
  }
  return {hash.bytes};
}

}  // namespace

Hash state_path(const AccountId& id) {
  const std::array<std::uint8_t, 1> kind{kKindAccount};
  return crypto::tagged_hash(Tag::kStateKey, kind, id.view());
}

Hash state_leaf_hash(const Hash& path, base::ByteView record) {
  return crypto::tagged_hash(Tag::kStateLeaf, path.view(), record);
}

Hash state_node_hash(std::uint16_t bit, const Hash& left, const Hash& right) {
  const std::array<std::uint8_t, 2> index{static_cast<std::uint8_t>(bit),
                                          static_cast<std::uint8_t>(bit >> 8)};
  return crypto::tagged_hash(Tag::kStateNode, index, left.view(), right.view());
}

Hash state_empty_hash() { return crypto::tagged_hash(Tag::kStateEmpty, base::ByteView{}); }

bool path_bit(const Hash& path, std::uint16_t bit) {
  return ((path.bytes[bit / 8] >> (7 - bit % 8)) & 1) != 0;
}

std::uint16_t first_difference(const Hash& a, const Hash& b) {
  const auto [at, other] = std::mismatch(a.bytes.begin(), a.bytes.end(), b.bytes.begin());
  if (at == a.bytes.end()) return kStatePathBits;
  const auto differing = static_cast<std::uint8_t>(*at ^ *other);
  return static_cast<std::uint16_t>((at - a.bytes.begin()) * 8 + std::countl_zero(differing));
}

base::Bytes encode(const StateProof& proof) {
  BcsWriter out;
  out.uleb(static_cast<std::uint32_t>(proof.steps.size()));
  for (const auto& [bit, sibling] : proof.steps) {
    out.u16(bit);
    out.fixed(sibling);
  }
  out.boolean(proof.leaf.has_value());
  if (proof.leaf) {
    out.fixed(proof.leaf->path);
    out.bytes(proof.leaf->record);
  }
  return std::move(out).take();
}

base::Expected<StateProof, base::DecodeError> decode_state_proof(base::ByteView bytes) {
  return decode_whole(bytes, read_proof);
}

ProvedAccount verify_state_proof(const StateRoot& root, const AccountId& id,
                                 const StateProof& proof) {
  if (!proof.leaf) {
    const bool is_empty = proof.steps.empty() && root.bytes == state_empty_hash().bytes;
    return {is_empty ? ProofVerdict::kAbsent : ProofVerdict::kInvalid, std::nullopt};
  }
  const Hash path = state_path(id);
  if (!std::all_of(proof.steps.begin(), proof.steps.end(), is_in_path)) return {};
  if (root_of(proof, path) != root) return {};
  if (proof.leaf->path != path) return {ProofVerdict::kAbsent, std::nullopt};
  auto account = decode_account(proof.leaf->record);
  if (!account) return {};
  return {ProofVerdict::kPresent, std::move(*account)};
}

}  // namespace peerpay::ledger
