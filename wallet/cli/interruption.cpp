#include "wallet/cli/interruption.h"

#include <unistd.h>

#include <utility>

#include "wallet/cli/private_file.h"

namespace peerpay::wallet::cli {

Json error_json(const Failure& failure) {
  return Json::Object{{"code", failure.code},
                      {"message", failure.message},
                      {"next", failure.next},
                      {"exit_code", static_cast<std::uint64_t>(failure.exit)}};
}

std::string failure_json(const Failure& failure) {
  return Json{Json::Object{{"error", error_json(failure)}}}.serialized() + "\n";
}

std::string failure_text(const Failure& failure) {
  auto out = "error: " + failure.message;
  if (!failure.next.empty()) out += "\nnext:  " + failure.next;
  return out;
}

Result<std::unique_ptr<Interruption>> Interruption::watch(Console& console, Style style) {
  auto stop = os::StopSignal::block();
  if (!stop) return io_failed(stop.error());
  return std::unique_ptr<Interruption>{new Interruption(console, style, *std::move(stop))};
}

Interruption::Interruption(Console& console, Style style, os::StopSignal stop)
    : console_{console},
      style_{style},
      stop_{std::move(stop)},
      advice_{.exit = ExitCode::kInterrupted,
              .code = "interrupted",
              .message = "Interrupted.",
              .next = {}},
      thread_{[this] { run(); }} {}

Interruption::~Interruption() {
  stop_.request();
  thread_.join();
}

void Interruption::set_advice(Failure advice) {
  const std::lock_guard lock(mutex_);
  advice_ = std::move(advice);
}

void Interruption::run() {
  if (stop_.wait() == os::StopCause::kRequested) return;
  console_.restore();
  const std::lock_guard lock(mutex_);
  console_.message("\n" + failure_text(advice_));
  if (style_ == Style::kJson) (void)console_.data(failure_json(advice_));
  _exit(static_cast<int>(advice_.exit));
}

}  // namespace peerpay::wallet::cli
