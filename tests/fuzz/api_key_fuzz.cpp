// The file of API keys: what is read is written as the same; a key opens nothing but its own entry.

#include "api/core/api_key.h"
#include "tests/fuzz/promises.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peerpay;
  const auto text = fuzz::as_text({data, size});
  if (const auto scope = api::parse_scope(text)) PEERPAY_CHECK(name(*scope) == text, "one name");
  fuzz::check_prints(text, api::parse_key_file, api::format_key_file);
  const auto keys = api::parse_key_file(text);
  if (!keys) {
    PEERPAY_CHECK(!keys.error().empty(), "it says why");
    return 0;
  }
  PEERPAY_CHECK(keys->size() <= api::kApiKeysMax, "the keys are bounded");
  const auto* found = api::find_api_key(*keys, text);
  PEERPAY_CHECK(found == nullptr || found->hash == api::hash_api_key(text), "it is this key");
  return 0;
}
