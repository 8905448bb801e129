#pragma once
// CoreThread: the one thread that owns the Replica. It takes what has been posted, in order, runs
// the replica over it, and then does what the replica asked for, in the order that effects.h
// demands.
//
// A turn of the loop: take what waits; handle each; append all safety records with one sync; sign
// and send; pass blocks to storage; answer. If the sync fails nothing is sent and the node stops
// (promise P5). Payments, queries and what becomes of links keep their order but are taken a few
// in each turn (kPatientPerTurn): a vote waits for no more than that.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "base/time.h"
#include "node/app/exit_code.h"
#include "node/core/effects.h"
#include "node/core/event.h"
#include "node/core/replica.h"

namespace peerpay::app {

// Payments, and queries, that one turn takes: about a millisecond. The last event may exceed it.
inline constexpr std::size_t kPatientPerTurn = 64;

// What the core asks of the rest of the node. Called on the core thread; must not block but for the
// disk.
class EffectSink {
 public:
  virtual ~EffectSink() = default;
  // Durable when it returns. A failure is final.
  [[nodiscard]] virtual base::Expected<void, Failure> persist(
      const std::vector<consensus::SafetyRecord>& records) = 0;
  // REQUIRES: the record of this vote is durable.
  [[nodiscard]] virtual consensus::Vote sign(const consensus::Subject& subject) = 0;
  // In order, what one turn has to say.
  virtual void send(std::vector<node::Send> messages) = 0;
  virtual void store(node::BlockToStore block) = 0;
  virtual void commit(node::CommittedBlock block) = 0;
  virtual void reply(const node::SubmissionReply& reply) = 0;
  virtual void dropped(const node::DroppedTransaction& transaction) = 0;
  virtual void serve(const node::Serve& request) = 0;
  virtual void evidence(const consensus::Evidence& evidence) = 0;
  // Before fail(). Durable when it returns, if the disk lets it.
  virtual void contradiction(const consensus::Contradiction& contradiction) = 0;
  virtual void fault(const node::PeerFault& fault) = 0;
  // Once a turn, when all effects are done.
  virtual void turn_done(const node::Replica& replica) = 0;
  // The node can't go on. No more calls follow.
  virtual void fail(Failure failure) = 0;
};

class CoreThread {
 public:
  // Runs on the core thread, after the effects of the events that came before it; may read the
  // replica. So what the replica no longer holds has reached the sink by then.
  using Query = std::function<void(const node::Replica&)>;
  using Hold = std::shared_ptr<void>;

  // `sink` is borrowed until stop() returns.
  explicit CoreThread(EffectSink& sink) : sink_{sink} {}
  ~CoreThread();  // stops
  CoreThread(const CoreThread&) = delete;
  CoreThread& operator=(const CoreThread&) = delete;

  // Once. `bootstrap` is what Replica::start takes. What was posted before is handled then.
  void start(std::unique_ptr<node::Replica> replica, node::Bootstrap bootstrap);

  // Thread-safe. `hold` is released when the event has been handled.
  void post(node::Event event, Hold hold = {});
  void post(Query query);
  // Finishes the present turn and joins. What waits is dropped, as it is after a failure.
  void stop();

 private:
  struct Item {
    std::variant<node::Event, Query> work;
    Hold hold;
    std::size_t patience = 0;
  };
  void run(node::Bootstrap bootstrap);
  void post(Item item);
  void close();
  [[nodiscard]] std::vector<Item> take();
  // Returns the queries among them.
  [[nodiscard]] std::vector<Query> handle(std::vector<Item> items);
  void execute();
  void fail(const node::Effects& turn, Failure failure);

  std::unique_ptr<node::Replica> replica_;  // core thread only
  EffectSink& sink_;
  node::Effects turn_;                   // core thread only
  std::vector<consensus::Vote> signed_;  // core thread only: own votes to hand back
  bool failed_ = false;                  // core thread only

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Item> prompt_;  // guarded by mutex_
  std::deque<Item> patient_;  // guarded by mutex_
  bool stopping_ = false;     // guarded by mutex_
  std::thread thread_;
};

}  // namespace peerpay::app
