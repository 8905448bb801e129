#include "node/app/signer.h"

#include <utility>

#include "base/os/entropy.h"
#include "consensus/messages.h"
#include "crypto/signature.h"
#include "node/app/storage_failure.h"
#include "node/core/replica.h"

namespace peerpay::app {
namespace {

base::Unexpected<Failure> durability_lost(const storage::StorageError& error) {
  return base::Unexpected{Failure{ExitCode::kDurabilityLost, error.message}};
}

storage::SignerIdentity identity(const ledger::ChainId& chain, const crypto::PublicKey& key) {
  return {.network = {chain.bytes}, .validator = key};
}

}  // namespace

base::Expected<std::optional<Signer::Opened>, Failure> Signer::open(Home& home) {
  auto opened =
      storage::SignLog::open(storage::posix_files(), home.paths.sign_log,
                             identity(home.network.chain, home.validator_key.public_key()));
  if (!opened && opened.error().fault == storage::StorageFault::kMissing)
    return std::optional<Opened>{};
  if (!opened) return base::Unexpected{failure_of(opened.error())};
  Signer signer{std::move(opened->log), std::move(home.validator_key),
                node::consensus_context(home.network.chain),
                consensus::ValidatorIndex{home.validator_index}};
  return std::optional{Opened{std::move(signer), std::move(opened->records), opened->torn_bytes}};
}

base::Expected<void, Failure> Signer::create_log(const std::string& path,
                                                 const ledger::ChainId& chain,
                                                 const crypto::PublicKey& key, KeyHistory history) {
  std::vector<consensus::SafetyRecord> records;
  if (history == KeyHistory::kMayHaveVoted) records.emplace_back(consensus::HistoryLost{});
  storage::SignLogId instance;
  if (const auto filled = os::fill_with_entropy(instance.bytes); !filled) {
    return base::Unexpected{Failure{ExitCode::kError, filled.error().sentence()}};
  }
  const auto log = storage::SignLog::create(storage::posix_files(), path, identity(chain, key),
                                            instance, records);
  if (log) return {};
  if (log.error().fault == storage::StorageFault::kExists) {
    const auto present = storage::SignLog::open(storage::posix_files(), path, identity(chain, key));
    if (present && present->records == records && present->log.view_highest().value == 0) return {};
    return base::Unexpected{Failure{ExitCode::kError, log.error().message}};
  }
  return base::Unexpected{failure_of(log.error())};
}

base::Expected<void, Failure> Signer::persist(const std::vector<consensus::SafetyRecord>& records) {
  if (const auto appended = log_.append(records); !appended)
    return durability_lost(appended.error());
  return {};
}

consensus::Vote Signer::sign(const consensus::Subject& subject) const {
  return {subject, self_, crypto::sign(key_, consensus::signing_message(context_, subject))};
}

base::Expected<void, Failure> Signer::compact(const std::vector<consensus::SafetyRecord>& records) {
  if (const auto compacted = log_.compact(records); !compacted)
    return durability_lost(compacted.error());
  return {};
}

}  // namespace peerpay::app
