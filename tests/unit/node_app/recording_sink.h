#pragma once
// A sink of the core's effects that does nothing but remember.

#include <future>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "node/app/core_thread.h"

namespace peerpay::app::test {

class RecordingSink : public EffectSink {
 public:
  base::Expected<void, Failure> persist(const std::vector<consensus::SafetyRecord>&) override {
    if (persist_fails) return base::Unexpected{Failure{ExitCode::kDurabilityLost, "disk full"}};
    return {};
  }
  consensus::Vote sign(const consensus::Subject& subject) override { return {subject, {}, {}}; }
  void send(std::vector<node::Send>) override {}
  void store(node::BlockToStore) override {}
  void commit(node::CommittedBlock) override {}
  void reply(const node::SubmissionReply&) override { note("reply"); }
  void dropped(const node::DroppedTransaction&) override {}
  void serve(const node::Serve&) override {}
  void evidence(const consensus::Evidence&) override { note("evidence"); }
  void contradiction(const consensus::Contradiction&) override { note("contradiction"); }
  void fault(const node::PeerFault&) override {}
  void turn_done(const node::Replica&) override {}
  void fail(Failure failure) override {
    note("fail " + std::to_string(static_cast<int>(failure.code)));
    failed_.set_value();
  }

  // Once: ready when fail() was called.
  [[nodiscard]] std::future<void> failed() { return failed_.get_future(); }
  void note(std::string what) {
    const std::lock_guard lock{mutex_};
    notes_.push_back(std::move(what));
  }
  [[nodiscard]] std::vector<std::string> notes() const {
    const std::lock_guard lock{mutex_};
    return notes_;
  }

  bool persist_fails = false;  // to be set before the core starts

 private:
  std::promise<void> failed_;
  mutable std::mutex mutex_;
  std::vector<std::string> notes_;  // guarded by mutex_
};

}  // namespace peerpay::app::test
