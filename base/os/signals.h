#pragma once
// StopSignal: how a long-running process learns that it should end.
//
//   auto stop = os::StopSignal::block();   // first in main(), before any thread
//   ... start threads ...
//   stop->wait();                          // SIGTERM, SIGINT, or stop->request() from any thread
//   ... shut down in order ...
//
// No code of ours ever runs inside a signal handler.

#include <utility>

#include "base/os/descriptor.h"
#include "base/os/io_error.h"

namespace peerpay::os {

enum class StopCause { kTerminate, kInterrupt, kRequested };

class StopSignal {
 public:
  // Holds SIGTERM and SIGINT back for wait(), and ignores SIGPIPE: a reader that goes away is an
  // error of the write, not the end of a node. REQUIRES: no other thread runs yet, since threads
  // inherit the mask.
  [[nodiscard]] static IoExpected<StopSignal> block();

  // Sleeps until the process should stop. Both signals stay blocked afterwards: a script that
  // forwards one of them twice must not cut an orderly shutdown short.
  StopCause wait();

  // Whether wait() would return at once; what it would say stays to be read.
  [[nodiscard]] bool is_due() const;

  // Makes this wait() and every later one return. Callable from any thread, any number of times.
  void request();

 private:
  StopSignal(Descriptor signals, Descriptor requests)
      : signals_{std::move(signals)}, requests_{std::move(requests)} {}
  // Waits at most so long, or for ever (-1).
  enum class Readiness { kNothing, kSignal, kRequest };
  [[nodiscard]] Readiness poll(int timeout_ms) const;

  Descriptor signals_;   // signalfd
  Descriptor requests_;  // eventfd
};

}  // namespace peerpay::os
