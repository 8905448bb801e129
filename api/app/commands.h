#pragma once
// The subcommands of peerpay-gateway: each knows its arguments and returns the exit code.

#include <functional>

#include "api/app/exit_code.h"

namespace CLI {
class App;
}

namespace peerpay::api {

using Command = std::function<ExitCode()>;
// Called with what a subcommand returned when it was the one asked for.
using Selected = std::function<void(Command)>;

void add_run(CLI::App& app, const Selected& selected);
void add_keys(CLI::App& app, const Selected& selected);

// Prints the sentence on standard error.
ExitCode report(const Failure& failure);

}  // namespace peerpay::api
