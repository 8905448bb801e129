#pragma once
// Signer: the only holder of the validator's key, together with the record of what it has promised.
// It signs a vote only when the sign log holds it (promise P5). Owned by the core thread.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "consensus/effects.h"
#include "crypto/keys.h"
#include "node/app/home.h"
#include "node/storage/schema.h"
#include "node/storage/sign_log.h"

namespace peerpay::app {

// Only the operator knows it: an empty sign log says "never voted", and says it whether it is true
// or the keys came back from a backup.
enum class KeyHistory : std::uint8_t {
  kNeverVoted,    // fresh keys: the node votes
  kMayHaveVoted,  // restored keys, or a lost log: it rejoins first (node/core/vote_guard.h)
};

class Signer {
 public:
  struct Opened;

  // Reads the sign log of the home and takes its key. Empty, with no failure, when there is no log:
  // such a node must not vote, but may follow.
  [[nodiscard]] static base::Expected<std::optional<Opened>, Failure> open(Home& home);
  // A new log at `path`, without votes; or the one that is there, if it is this validator's and the
  // same.
  [[nodiscard]] static base::Expected<void, Failure> create_log(const std::string& path,
                                                                const ledger::ChainId& chain,
                                                                const crypto::PublicKey& key,
                                                                KeyHistory history);

  // Durable on return.
  [[nodiscard]] base::Expected<void, Failure> persist(
      const std::vector<consensus::SafetyRecord>& records);
  // REQUIRES: persisted in this run or read from the log.
  [[nodiscard]] consensus::Vote sign(const consensus::Subject& subject) const;
  [[nodiscard]] bool wants_compaction() const { return log_.wants_compaction(); }
  // How far the log has come.
  [[nodiscard]] storage::SignLogMark mark() const {
    return {log_.header().instance, log_.view_highest()};
  }
  [[nodiscard]] const storage::SignLog& log() const { return log_; }
  [[nodiscard]] base::Expected<void, Failure> compact(
      const std::vector<consensus::SafetyRecord>& records);

 private:
  Signer(storage::SignLog log, crypto::SecretKey key, const consensus::Context& context,
         consensus::ValidatorIndex self)
      : log_{std::move(log)}, key_{std::move(key)}, context_{context}, self_{self} {}

  storage::SignLog log_;
  crypto::SecretKey key_;
  consensus::Context context_;
  consensus::ValidatorIndex self_;
};

struct Signer::Opened {
  Signer signer;
  std::vector<consensus::SafetyRecord> journal;
  std::uint64_t torn_bytes = 0;
};

}  // namespace peerpay::app
