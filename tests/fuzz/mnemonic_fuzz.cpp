// Recovery words: one canonical form, and every entropy comes back as words that are taken.

#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"
#include "wallet/mnemonic.h"
#include "wallet/secret.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peerpay;
  using namespace peerpay::wallet;
  const auto parsed = parse_mnemonic(fuzz::as_text({data, size}));
  if (parsed) {
    const auto again = parse_mnemonic(secret_text(*parsed));
    PEERPAY_CHECK(again && secret_text(*again) == secret_text(*parsed), "one canonical form");
    const auto count = mnemonic_word_count(*parsed);
    PEERPAY_CHECK(count >= 12 && count <= kWordsMax && count % 3 == 0, "a count there is");
  } else {
    const auto sentence = parsed.error().sentence();
    PEERPAY_CHECK(!sentence.empty(), "it says why");
  }
  fuzz::Draw draw{{data, size}};
  base::Bytes entropy(16 + 4 * draw.below(5));
  const auto rest = draw.rest();
  std::copy_n(rest.begin(), std::min(rest.size(), entropy.size()), entropy.begin());
  const auto words = mnemonic_from_entropy(entropy);
  const auto back = parse_mnemonic(secret_text(words));
  PEERPAY_CHECK(back && secret_text(*back) == secret_text(words), "every entropy has words");
  return 0;
}
