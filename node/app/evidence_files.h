#pragma once
// EvidenceFiles: keeps what proves others guilty in <home>/evidence, one file a proof, whole or not
// at all. Votes are written by its own thread, so that the core never waits for the disk; the two
// certificates that halt a node are written before it does.
//
// At most kFilesPerValidator about the votes of each validator, those of earlier runs included: one
// that misbehaves for ever fills no disk, and hides nobody else. Further ones are only counted.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/os/io_error.h"
#include "ledger/genesis.h"
#include "node/evidence/proof.h"

namespace peerpay::app {

class EvidenceFiles {
 public:
  static constexpr std::size_t kFilesPerValidator = 8;

  // Makes the directory when it is not there. What can't be written at the start could not be when
  // it matters most.
  [[nodiscard]] static os::IoExpected<void> prepare(const std::string& directory);

  // `network` is borrowed.
  EvidenceFiles(std::string directory, const ledger::Network& network);
  ~EvidenceFiles();  // stops
  EvidenceFiles(const EvidenceFiles&) = delete;
  EvidenceFiles& operator=(const EvidenceFiles&) = delete;

  // False when there are enough about this validator. Core thread.
  bool keep(const consensus::Evidence& evidence);
  // Durable when it returns, or in the log, with the error. Core thread.
  void keep_now(const consensus::Contradiction& contradiction);
  // How many keep() refused. Core thread.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  // Writes what waits, and joins. keep() afterwards writes nothing.
  void stop();

 private:
  void run();
  void write(const evidence::Proof& proof) const;

  const std::string directory_;
  const ledger::Network& network_;
  std::vector<std::size_t> kept_;  // by validator; core thread only, as the next
  std::uint64_t refused_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<evidence::Proof> queue_;  // guarded by mutex_
  bool stopping_ = false;              // guarded by mutex_
  std::thread thread_;
};

}  // namespace peerpay::app
