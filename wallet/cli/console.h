#pragma once
// The terminal: data to stdout, everything else to stderr, and questions only where a person can
// answer.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/keys.h"
#include "wallet/cli/failure.h"

namespace peerpay::wallet::cli {

// Where passphrases come from when there is no terminal. Never from arguments or the environment,
// where other processes can read them.
struct PassphraseSource {
  std::optional<std::string> file;
  std::optional<int> descriptor;
};

// The descriptor is open. REQUIRES: nothing was opened yet, or it could be one of our own.
[[nodiscard]] Result<void> check_given(const PassphraseSource& source);

// One thread talks; restore() may come from any other.
class Console {
 public:
  Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;
  ~Console();

  // Both stdin and stderr are terminals.
  [[nodiscard]] bool is_interactive() const { return is_interactive_; }

  // To stdout; false when not all of it could be written.
  [[nodiscard]] bool data(std::string_view text);
  // To stderr, made printable, with a line feed.
  void message(std::string_view text);
  // stderr is a terminal.
  [[nodiscard]] bool has_screen() const { return has_screen_; }
  // To stderr as it is: what this program has drawn itself.
  void draw(std::string_view drawing);
  // To stderr as it is: for secrets that are shown once. REQUIRES: is_interactive().
  void show_secret(std::string_view text);

  // REQUIRES for all questions: is_interactive().
  [[nodiscard]] Result<bool> confirm(std::string_view question);
  [[nodiscard]] Result<crypto::SecretBytes> ask_hidden(std::string_view prompt);
  [[nodiscard]] Result<crypto::SecretBytes> ask_visible(std::string_view prompt);

  // Turns echo on again if a question had turned it off.
  void restore();

 private:
  class HiddenInput;
  Result<crypto::SecretBytes> read_line();

  bool has_screen_;
  bool is_interactive_;
  struct SavedMode;
  std::mutex mutex_;
  std::unique_ptr<SavedMode> saved_mode_;  // guarded by mutex_; set while echo is off
};

// Bounds what people type or pipe in.
inline constexpr std::size_t kInputBytesMax = 4096;

// Everything from stdin, up to kInputBytesMax.
[[nodiscard]] Result<crypto::SecretBytes> read_stdin();

// The passphrase of an existing keystore: from the source, else by a question.
[[nodiscard]] Result<crypto::SecretBytes> existing_passphrase(Console& console,
                                                              const PassphraseSource& source);
// A new one, at least kPassphraseBytesMin long; asked for twice.
inline constexpr std::size_t kPassphraseBytesMin = 8;
[[nodiscard]] Result<crypto::SecretBytes> new_passphrase(Console& console,
                                                         const PassphraseSource& source);

}  // namespace peerpay::wallet::cli
