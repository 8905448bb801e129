#include "tests/sim/keyring.h"

#include <cstring>
#include <string>
#include <utility>

#include "base/check.h"
#include "tests/sim/mix.h"

namespace peerpay::sim {

namespace {

crypto::Signature stand_in(const crypto::PublicKey& key, const crypto::Hash& message) {
  std::uint64_t word = mix(mix(0, key.view()), message.view());
  crypto::Signature out;
  for (std::size_t i = 0; i < out.bytes.size(); i += sizeof word, word = mix(word)) {
    std::memcpy(out.bytes.data() + i, &word, sizeof word);
  }
  return out;
}

}  // namespace

Keyring::Keyring(SignatureScheme scheme, Size size)
    : scheme_{scheme},
      validators_{make_keys("validator", size.validators)},
      accounts_{make_keys("account", size.accounts)} {}

std::vector<crypto::PublicKey> Keyring::make_keys(const char* role, std::uint32_t count) {
  std::vector<crypto::PublicKey> out;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string name = "peerpay-sim " + std::string{role} + " " + std::to_string(i);
    auto secret = crypto::SecretKey::from_bytes(crypto::sha256(base::as_bytes(name)).view());
    PEERPAY_CHECK(secret.has_value(), "a hash is a scalar but with probability 2^-127");
    out.push_back(secret->public_key());
    secrets_.emplace(out.back(), std::move(*secret));
  }
  return out;
}

crypto::Signature Keyring::sign_really(const crypto::PublicKey& key,
                                       const crypto::Hash& message) const {
  return crypto::sign(secrets_.at(key), message);
}

crypto::Signature Keyring::sign(const crypto::PublicKey& key, const crypto::Hash& message) const {
  PEERPAY_CHECK(secrets_.contains(key), "only keys of the ring sign");
  return scheme_ == SignatureScheme::kReal ? sign_really(key, message) : stand_in(key, message);
}

bool Keyring::verify(const crypto::PublicKey& key, const crypto::Hash& message,
                     const crypto::Signature& signature) const {
  if (scheme_ == SignatureScheme::kReal) return crypto::verify(key, message, signature);
  return signature == stand_in(key, message);
}

bool Keyring::verify_vote(const consensus::Context& context, const consensus::ValidatorSet& set,
                          const consensus::Vote& vote) const {
  if (scheme_ == SignatureScheme::kReal) return consensus::verify_vote(context, set, vote);
  if (!set.contains(vote.signer)) return false;
  return verify(set.key(vote.signer), consensus::signing_message(context, vote.subject),
                vote.signature);
}

bool Keyring::verify_certificate(const consensus::Context& context,
                                 const consensus::ValidatorSet& set,
                                 const consensus::Certificate& certificate) const {
  if (scheme_ == SignatureScheme::kReal)
    return consensus::verify_certificate(context, set, certificate);
  if (certificate.signers.size() != (set.size() + 7) / 8) return false;
  if (certificate.signatures.size() < set.quorum()) return false;
  const crypto::Hash message = consensus::signing_message(context, certificate.subject);
  std::size_t used = 0;
  for (consensus::ValidatorIndex i; i.value < certificate.signers.size() * 8; i = i.next()) {
    if ((certificate.signers[i.value / 8] >> (i.value % 8) & 1) == 0) continue;
    if (!set.contains(i) || used == certificate.signatures.size()) return false;
    if (!verify(set.key(i), message, certificate.signatures[used++])) return false;
  }
  return used == certificate.signatures.size();
}

ledger::TransactionResult Keyring::verify_transaction(
    const ledger::SealedTransaction& sealed) const {
  using ledger::TransactionResult;
  if (scheme_ == SignatureScheme::kReal) return ledger::verify_signatures(sealed);
  const ledger::SignedTransaction& transaction = sealed.transaction;
  std::vector<ledger::AccountId> signers{transaction.body.sender};
  if (transaction.body.sponsor) signers.push_back(*transaction.body.sponsor);
  if (transaction.signatures.size() != signers.size()) return TransactionResult::kSignatureMissing;
  const crypto::Hash message = ledger::signing_message(sealed.id);
  for (std::size_t i = 0; i < signers.size(); ++i) {
    if (!verify(ledger::key_of(signers[i]), message, transaction.signatures[i])) {
      return TransactionResult::kSignatureInvalid;
    }
  }
  return TransactionResult::kApplied;
}

}  // namespace peerpay::sim
