#pragma once
// Why a command line was not understood, in one sentence.

#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): not ours
class App;
class ParseError;
}  // namespace CLI

namespace peerpay::program {

// `argc` and `argv` are main's, and `error` is what parsing them threw. A first word that names no
// command is told as that: the error itself would be about options that the command is missing.
[[nodiscard]] std::string usage_sentence(const CLI::App& app, int argc, const char* const* argv,
                                         const CLI::ParseError& error);

}  // namespace peerpay::program
