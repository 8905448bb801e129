#pragma once
// A node's home: the one directory that holds everything it needs, and who may read what.
//
//   genesis.bcs     the network (same on every node)          0644
//   node.toml       this node's configuration                 0644
//   validator.key   secret key that signs votes, 64 hex       0600
//   tls.crt         certificate of the peer link              0644
//   tls.key         its key                                   0600
//   sign.log        every promise made by votes               0600
//                   never delete or copy back: see docs/OPERATING.md, "Rejoining"
//   store/          blocks and accounts (RocksDB)             0700
//   evidence/       proofs that others broke the protocol     0755

#include <cstdint>
#include <string>

#include "base/expected.h"
#include "base/should_stop.h"
#include "crypto/keys.h"
#include "ledger/genesis.h"
#include "node/app/exit_code.h"
#include "node/app/node_config.h"
#include "node/net/tls_identity.h"

namespace peerpay::app {

struct HomePaths {
  explicit HomePaths(std::string directory);
  std::string directory;
  std::string genesis;
  std::string config;
  std::string validator_key;
  std::string tls_certificate;
  std::string tls_key;
  std::string sign_log;
  std::string store;
  std::string evidence;
};

inline constexpr std::size_t kGenesisBytesMax = std::size_t{1} << 31;

// What a node is, read and checked.
struct Home {
  HomePaths paths;
  ledger::Network network;
  NodeConfig config;
  std::uint32_t validator_index = 0;  // in the genesis
  crypto::SecretKey validator_key;
  net::TlsIdentity tls;
};

// Every failure names the file and what to do about it.
[[nodiscard]] base::Expected<Home, Failure> load_home(
    const std::string& directory, const base::ShouldStop& should_stop = base::never_stop);
// `path` may be a pipe.
[[nodiscard]] base::Expected<ledger::Genesis, Failure> load_genesis(
    const std::string& path, ledger::GenesisCheck check = ledger::GenesisCheck::kWhole);

[[nodiscard]] base::Expected<crypto::SecretKey, Failure> load_validator_key(
    const std::string& path);
// A file that nobody else may use: another mode, owner or kind is refused with what mends it.
[[nodiscard]] base::Expected<crypto::SecretBytes, Failure> read_secret(const std::string& path,
                                                                       std::size_t size_max);

// Writes a file of the home; secret ones with mode 0600. Refuses to replace what is there.
[[nodiscard]] base::Expected<void, Failure> write_new_file(const std::string& path,
                                                           base::ByteView content, bool secret);

}  // namespace peerpay::app
