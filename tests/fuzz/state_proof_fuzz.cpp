// State proofs: canonical bytes. And under the root of a fixed state no bytes ever prove what that
// state does not say.

#include "ledger/state_tree.h"
#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"
#include "tests/support/ledger/ledger_world.h"

namespace {

using namespace peerpay;
using namespace peerpay::ledger;

struct World {
  test::LedgerWorld ledger;
  StateRoot root = ledger.tree().root(ledger.version());
  std::vector<AccountId> ids;  // half of them have no record

  World() {
    for (std::uint32_t i = 0; i < 20; ++i) ids.push_back(test::test_account(i));
  }
};

void check_claims(const World& world, const StateProof& proof) {
  for (const auto& id : world.ids) {
    const auto proved = verify_state_proof(world.root, id, proof);
    const Account* truth = world.ledger.state().account(id);
    switch (proved.verdict) {
      case ProofVerdict::kInvalid: continue;
      case ProofVerdict::kAbsent: PEERPAY_CHECK(truth == nullptr, "it is absent"); continue;
      case ProofVerdict::kPresent:
        PEERPAY_CHECK(truth != nullptr && proved.account == *truth, "it is this record");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World kWorld;
  const base::ByteView in{data, size};
  if (fuzz::check_canonical(in, decode_state_proof)) check_claims(kWorld, *decode_state_proof(in));

  fuzz::Draw draw{in};
  const auto& id = kWorld.ids[draw.below(kWorld.ids.size())];
  const auto honest =
      kWorld.ledger.tree().prove(kWorld.ledger.version(), id, kWorld.ledger.state());
  auto bytes = encode(honest);
  while (!draw.empty()) {
    auto& byte = bytes[draw.below(bytes.size())];
    byte = static_cast<std::uint8_t>(byte ^ draw.byte());
  }
  if (const auto doctored = decode_state_proof(bytes)) check_claims(kWorld, *doctored);
  return 0;
}
