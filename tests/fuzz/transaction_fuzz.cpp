// Transactions: canonical bytes; the id covers the body and not the signatures; the rules that look
// at bytes alone never fail hard.

#include "ledger/apply.h"
#include "tests/fuzz/promises.h"
#include "tests/support/ledger/ledger_world.h"

namespace {

using namespace peerpay;
using namespace peerpay::ledger;

void check_sealed(const ChainId& chain, base::ByteView in) {
  const auto sealed = seal(chain, base::Bytes{in.begin(), in.end()});
  const auto decoded = decode_signed_transaction(in);
  PEERPAY_CHECK(sealed.has_value() == decoded.has_value(), "what decodes is sealed");
  if (!sealed) return;
  PEERPAY_CHECK(sealed->transaction == *decoded && std::ranges::equal(sealed->bytes, in),
                "it is sealed as it came");
  PEERPAY_CHECK(sealed->id == transaction_id(chain, decoded->body), "the id is of the body");
  const auto again = seal(chain, *decoded);
  PEERPAY_CHECK(again.bytes == sealed->bytes && again.leaf == sealed->leaf, "one way to seal");

  static const Genesis kGenesis = test::test_genesis();
  const auto shape = check_static(*sealed);
  if (shape != TransactionResult::kApplied) return;
  const auto offered = check_genesis(kGenesis, *sealed);
  if (offered != TransactionResult::kApplied) return;
  PEERPAY_CHECK(required_fee(kGenesis, decoded->body) <= decoded->body.fee.max, "the fee is paid");
  PEERPAY_CHECK(decoded->signatures.size() == signers_of(decoded->body), "everybody signed");
  PEERPAY_CHECK(verify_signatures(*sealed) != TransactionResult::kApplied ||
                    crypto::is_valid(key_of(decoded->body.sender)),
                "no key, no signature");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView in{data, size};
  static const ChainId kChain = chain_id(test::test_genesis());
  fuzz::check_canonical(in, decode_transaction);
  fuzz::check_canonical(in, decode_signed_transaction);
  check_sealed(kChain, in);
  return 0;
}
