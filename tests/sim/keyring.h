#pragma once
// Keyring: the keys of every validator and account of a run, and how they sign.
//
// The stand-in signature is a mix of (key, message): as cheap as it gets, different for every key
// and message but by an accident of 2^-64, and checked wherever the node checks the real one, so a
// forged or altered signature is refused. Nothing in the simulator calls it for a key that the
// signer would not hold. With real signatures (peerpay-sim --real-signatures) production code signs
// and verifies instead.

#include <cstdint>
#include <map>
#include <vector>

#include "consensus/messages.h"
#include "consensus/types.h"
#include "crypto/keys.h"
#include "crypto/signature.h"
#include "ledger/apply.h"
#include "ledger/transaction.h"

namespace peerpay::sim {

enum class SignatureScheme : std::uint8_t { kStandIn, kReal };

class Keyring {
 public:
  struct Size {
    std::uint32_t validators = 0;
    std::uint32_t accounts = 0;
  };
  // The keys are the same in every run.
  Keyring(SignatureScheme scheme, Size size);

  [[nodiscard]] const std::vector<crypto::PublicKey>& validators() const { return validators_; }
  [[nodiscard]] const std::vector<crypto::PublicKey>& accounts() const { return accounts_; }

  // REQUIRES for both: a key of this ring.
  [[nodiscard]] crypto::Signature sign(const crypto::PublicKey& key,
                                       const crypto::Hash& message) const;
  [[nodiscard]] crypto::Signature sign_really(const crypto::PublicKey& key,
                                              const crypto::Hash& message) const;

  [[nodiscard]] bool verify(const crypto::PublicKey& key, const crypto::Hash& message,
                            const crypto::Signature& signature) const;
  [[nodiscard]] bool verify_vote(const consensus::Context& context,
                                 const consensus::ValidatorSet& set,
                                 const consensus::Vote& vote) const;
  [[nodiscard]] bool verify_certificate(const consensus::Context& context,
                                        const consensus::ValidatorSet& set,
                                        const consensus::Certificate& certificate) const;
  [[nodiscard]] ledger::TransactionResult verify_transaction(
      const ledger::SealedTransaction& sealed) const;

 private:
  std::vector<crypto::PublicKey> make_keys(const char* role, std::uint32_t count);

  SignatureScheme scheme_;
  std::map<crypto::PublicKey, crypto::SecretKey> secrets_;
  std::vector<crypto::PublicKey> validators_;
  std::vector<crypto::PublicKey> accounts_;
};

}  // namespace peerpay::sim
