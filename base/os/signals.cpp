#include "base/os/signals.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "base/check.h"

namespace peerpay::os {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

StopCause read_cause(const Descriptor& signals) {
  signalfd_siginfo info = {};
  const auto count = ::read(signals.number(), &info, sizeof info);
  PEERPAY_CHECK(count == sizeof info, "a readable signalfd holds a whole record");
  return info.ssi_signo == SIGINT ? StopCause::kInterrupt : StopCause::kTerminate;
}

}  // namespace

IoExpected<StopSignal> StopSignal::block() {
  const sigset_t set = stop_signals();
  errno = ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  if (errno != 0) return io_failure("block SIGTERM and SIGINT");
  if (::signal(SIGPIPE, SIG_IGN) == SIG_ERR) return io_failure("ignore SIGPIPE");
  Descriptor signals{::signalfd(-1, &set, SFD_CLOEXEC)};
  if (!signals.is_open()) return io_failure("watch SIGTERM and SIGINT");
  Descriptor requests{::eventfd(0, EFD_CLOEXEC)};
  if (!requests.is_open()) return io_failure("create an eventfd");
  return StopSignal{std::move(signals), std::move(requests)};
}

StopSignal::Readiness StopSignal::poll(int timeout_ms) const {
  std::array<pollfd, 2> watched = {
      {{signals_.number(), POLLIN, 0}, {requests_.number(), POLLIN, 0}}};
  int ready = 0;
  do {
    ready = ::poll(watched.data(), watched.size(), timeout_ms);
  } while (ready < 0 && errno == EINTR);
  PEERPAY_CHECK(ready >= 0, "poll on two open descriptors works");
  if (ready == 0) return Readiness::kNothing;
  return watched[0].revents != 0 ? Readiness::kSignal : Readiness::kRequest;
}

StopCause StopSignal::wait() {
  constexpr int kForEver = -1;
  return poll(kForEver) == Readiness::kSignal ? read_cause(signals_) : StopCause::kRequested;
}

bool StopSignal::is_due() const { return poll(0) != Readiness::kNothing; }

void StopSignal::request() {
  const std::uint64_t one = 1;
  const auto written = ::write(requests_.number(), &one, sizeof one);
  PEERPAY_CHECK(written == sizeof one, "an eventfd takes 2^64 - 2 requests");
}

}  // namespace peerpay::os
