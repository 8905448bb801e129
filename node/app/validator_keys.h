#pragma once
// The keys of a new validator, its entry in a genesis, and the text form of that entry, which
// operators exchange.

#include <string>

#include "base/expected.h"
#include "crypto/keys.h"
#include "ledger/genesis.h"
#include "node/app/exit_code.h"
#include "node/app/home.h"
#include "node/app/signer.h"
#include "node/net/tls_identity.h"

namespace peerpay::app {

struct NewValidator {
  crypto::SecretKey key;
  net::TlsIdentity tls;
  ledger::Validator entry;
};

[[nodiscard]] base::Expected<crypto::SecretKey, Failure> new_secret_key();
// 64 hexadecimal digits and a line break.
[[nodiscard]] crypto::SecretBytes secret_hex_line(const crypto::SecretKey& key);

struct ValidatorName {
  std::string network;  // of the genesis it is for: the TLS binding names it
  std::string name;
  std::string peer_address;  // host:port
};
// Fresh keys. The fees it earns go to the account of its own key.
[[nodiscard]] base::Expected<NewValidator, Failure> new_validator(const ValidatorName& name);

// validator.key, tls.crt, tls.key and node.toml in a new directory. Replaces nothing.
[[nodiscard]] base::Expected<void, Failure> write_keys(const HomePaths& paths,
                                                       const NewValidator& validator,
                                                       const NodeConfig& config);
// genesis.bcs and a new sign log: from then on the home can run. A home that has a genesis is left
// alone; what a crash left half done is completed.
[[nodiscard]] base::Expected<void, Failure> write_genesis(const HomePaths& paths,
                                                          const ledger::Genesis& genesis,
                                                          const crypto::PublicKey& key,
                                                          KeyHistory history);

}  // namespace peerpay::app
