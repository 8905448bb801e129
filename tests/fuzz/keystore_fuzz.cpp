// The text in a keystore: what is taken is written as the same wallet.

#include <set>

#include "tests/fuzz/promises.h"
#include "wallet/keystore.h"
#include "wallet/secret.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peerpay;
  using namespace peerpay::wallet;
  const auto keystore = parse_keystore(fuzz::as_text({data, size}));
  if (!keystore) {
    PEERPAY_CHECK(!keystore.error().empty(), "it says why");
    return 0;
  }
  PEERPAY_CHECK(keystore->entries.size() <= kKeystoreEntriesMax, "entries are bounded");
  std::set<std::string> names;
  for (const auto& entry : keystore->entries) {
    PEERPAY_CHECK(is_account_name(entry.name) && names.insert(entry.name).second, "names differ");
  }
  const auto written = encode(*keystore);
  const auto again = parse_keystore(secret_text(written));
  PEERPAY_CHECK(again, "what is written is read");
  PEERPAY_CHECK(secret_text(encode(*again)) == secret_text(written), "and means the same");
  PEERPAY_CHECK(again->next_account_number() == keystore->next_account_number(), "no number twice");
  return 0;
}
