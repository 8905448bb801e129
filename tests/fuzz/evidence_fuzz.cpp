// Files that shall prove validators guilty: what is taken means what it prints, and who is proved
// guilty is accused. Nobody but whoever has the keys of the test genesis makes a proof.

#include "node/evidence/proof_file.h"
#include "tests/fuzz/promises.h"
#include "tests/support/ledger/ledger_world.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peerpay;
  static const auto kNetwork = ledger::network_of(ledger::test::test_genesis());
  const auto proof = evidence::from_file(fuzz::as_text({data, size}), kNetwork);
  if (!proof) {
    PEERPAY_CHECK(!proof.error().empty(), "it says why");
    return 0;
  }
  const auto text = evidence::to_file(*proof, kNetwork);
  PEERPAY_CHECK(text.size() <= evidence::kProofFileBytesMax, "what is written can be read");
  const auto again = evidence::from_file(text, kNetwork);
  PEERPAY_CHECK(again && evidence::to_file(*again, kNetwork) == text, "and means the same");
  const auto accused = evidence::accused(*proof);
  const auto guilty = evidence::guilty(*proof, kNetwork);
  if (!guilty) {
    PEERPAY_CHECK(!guilty.error().empty(), "it says why");
    return 0;
  }
  PEERPAY_CHECK(!guilty->empty() && std::ranges::includes(accused, *guilty), "they are accused");
  PEERPAY_CHECK(!evidence::sentence(*proof, kNetwork).empty(), "and it can be said of what");
  return 0;
}
