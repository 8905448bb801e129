// Merkle paths: each leaf has one, and it proves this leaf at this position and nothing else.

#include "crypto/merkle.h"
#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;
using crypto::Hash;

constexpr auto kTag = crypto::Tag::kReceiptNode;

std::vector<Hash> draw_leaves(fuzz::Draw& draw) {
  std::vector<Hash> leaves(1 + draw.below(40));
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    leaves[i].bytes[0] = static_cast<std::uint8_t>(i);  // no two alike
    leaves[i].bytes[1] = draw.byte();
  }
  return leaves;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Draw draw{{data, size}};
  const auto leaves = draw_leaves(draw);
  const auto root = crypto::merkle_root(kTag, leaves);
  const auto index = draw.below(leaves.size());
  const crypto::MerklePosition position{index, leaves.size()};
  auto path = crypto::merkle_path(kTag, leaves, index);
  const auto proves = [&](const Hash& leaf, const crypto::MerklePosition& at) {
    return crypto::merkle_verify(kTag, root, leaf, at, path);
  };
  PEERPAY_CHECK(proves(leaves[index], position), "each leaf has a path");

  const auto other = draw.below(leaves.size());
  PEERPAY_CHECK(other == index || !proves(leaves[other], position), "no other leaf stands here");
  PEERPAY_CHECK(other == index || !proves(leaves[index], {other, leaves.size()}),
                "the leaf stands nowhere else");
  PEERPAY_CHECK(!proves(leaves[index], {leaves.size() + draw.below(9), leaves.size()}),
                "nothing stands behind the last");

  auto doctored = path;
  switch (draw.below(3)) {
    case 0: doctored.push_back(draw.fixed<Hash>()); break;
    case 1:
      if (!doctored.empty()) doctored.pop_back();
      break;
    default:
      if (!doctored.empty()) doctored[draw.below(doctored.size())] = draw.fixed<Hash>();
  }
  const bool is_same = doctored == path;
  path = doctored;
  PEERPAY_CHECK(proves(leaves[index], position) == is_same, "an altered path proves nothing");
  return 0;
}
