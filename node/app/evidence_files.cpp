#include "node/app/evidence_files.h"

#include <spdlog/spdlog.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/os/file.h"
#include "base/os/process.h"
#include "node/evidence/proof_file.h"

namespace peerpay::app {
namespace {

namespace fs = std::filesystem;

std::vector<std::size_t> count_files(const std::string& directory, std::size_t validators) {
  std::vector<std::size_t> out(validators, 0);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{directory, error}) {
    const auto name = entry.path().filename().string();
    for (std::uint32_t i = 0; i < validators; ++i)
      out[i] += name.rfind(evidence::file_prefix({i}), 0) == 0;
  }
  return out;
}

}  // namespace

os::IoExpected<void> EvidenceFiles::prepare(const std::string& directory) {
  if (auto made = os::create_directories(directory, 0755); !made) return made;
  return os::check_writable(directory);
}

EvidenceFiles::EvidenceFiles(std::string directory, const ledger::Network& network)
    : directory_{std::move(directory)},
      network_{network},
      kept_{count_files(directory_, network.genesis.validators.size())},
      thread_{[this] { run(); }} {}

EvidenceFiles::~EvidenceFiles() { stop(); }

bool EvidenceFiles::keep(const consensus::Evidence& evidence) {
  auto& kept = kept_[evidence.first.signer.value];
  if (kept >= kFilesPerValidator) {
    ++refused_;
    return false;
  }
  ++kept;
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) return true;
    queue_.emplace_back(evidence);
  }
  wake_.notify_one();
  return true;
}

void EvidenceFiles::keep_now(const consensus::Contradiction& contradiction) {
  write(contradiction);
}

void EvidenceFiles::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void EvidenceFiles::run() {
  os::name_this_thread("evidence");
  for (;;) {
    std::unique_lock lock{mutex_};
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const auto proof = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    write(proof);
  }
}

// What an earlier run wrote of the same view is as good.
void EvidenceFiles::write(const evidence::Proof& proof) const {
  const auto path = directory_ + "/" + evidence::file_name(proof);
  const auto text = evidence::to_file(proof, network_);
  auto done = os::create_directories(directory_, 0755);
  if (done) {
    done = os::write_file_atomically(path, base::as_bytes(text),
                                     {.mode = 0644, .existing = os::Existing::kRefuse});
  }
  if (!done && done.error().errno_value != EEXIST) {
    // The log is the only place left for it.
    spdlog::error("[consensus] evidence is not kept: {} It is {}", done.error().sentence(), text);
    return;
  }
  spdlog::warn("[consensus] {} proof in {}", evidence::sentence(proof, network_), path);
}

}  // namespace peerpay::app
