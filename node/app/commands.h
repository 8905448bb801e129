#pragma once
// The subcommands of peerpayd: each knows its arguments and returns the process's exit code.
//
// How a network of independent operators comes to be:
//   each operator   init --home DIR --network NAME --name WHO --peer-address HOST:PORT
//                   writes DIR/entry.toml, which holds no secret
//   one of them     genesis --network NAME --validator entry.toml ... --output genesis.bcs
//   each operator   init --home DIR --genesis genesis.bcs --never-voted, then run --home DIR

#include <functional>

#include "node/app/exit_code.h"

namespace CLI {
class App;
}

namespace peerpay::app {

// Adds one subcommand; `selected` is called with what it returned when it was the one asked for.
using Command = std::function<ExitCode()>;
using Selected = std::function<void(Command)>;

void add_run(CLI::App& app, const Selected& selected);
void add_init(CLI::App& app, const Selected& selected);
void add_genesis(CLI::App& app, const Selected& selected);
void add_testnet(CLI::App& app, const Selected& selected);
void add_rejoin(CLI::App& app, const Selected& selected);
void add_status(CLI::App& app, const Selected& selected);
void add_evidence(CLI::App& app, const Selected& selected);

// Prints the sentence on standard error.
ExitCode report(const Failure& failure);

}  // namespace peerpay::app
