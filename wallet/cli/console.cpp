#include "wallet/cli/console.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <memory>

#include "base/utf8.h"
#include "crypto/symmetric.h"
#include "wallet/cli/private_file.h"
#include "wallet/secret.h"

namespace peerpay::wallet::cli {
namespace {

// A terminal gives at most 4,095 bytes of a line and drops the rest in silence (termios(3)).
constexpr std::size_t kLineBytesMax = 4094;

bool write_fully(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

// A passphrase file is one line; the line end is not part of it.
crypto::SecretBytes first_line(const crypto::SecretBytes& content) {
  auto text = secret_text(content);
  text = text.substr(0, std::min(text.find('\n'), text.size()));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return secret_from(text);
}

Result<std::optional<crypto::SecretBytes>> passphrase_from(const PassphraseSource& source) {
  if (source.file) {
    const auto content = read_secret_input(*source.file, kInputBytesMax);
    if (!content && content.error().code == "io_error") {
      return fail(ExitCode::kLocked, "passphrase_missing", content.error().message,
                  "check --passphrase-file");
    }
    if (!content) return base::Unexpected{content.error()};
    return std::optional{first_line(*content)};
  }
  if (source.descriptor) {
    const auto content = read_descriptor(*source.descriptor, kInputBytesMax,
                                         "descriptor " + std::to_string(*source.descriptor));
    if (!content) return base::Unexpected{content.error()};
    return std::optional{first_line(*content)};
  }
  return std::optional<crypto::SecretBytes>{};
}

base::Unexpected<Failure> no_passphrase() {
  return fail(ExitCode::kLocked, "passphrase_missing",
              "The keystore needs its passphrase, and there is no terminal to ask on.",
              "add --passphrase-file FILE, or --passphrase-fd N");
}

Result<void> check_new(const crypto::SecretBytes& passphrase) {
  if (passphrase.view().size() >= kPassphraseBytesMin) return {};
  return fail(ExitCode::kUsage, "passphrase_too_short",
              "A passphrase has at least " + std::to_string(kPassphraseBytesMin) + " characters.");
}

}  // namespace

Result<void> check_given(const PassphraseSource& source) {
  if (!source.descriptor || fcntl(*source.descriptor, F_GETFD) != -1) return {};
  return fail(ExitCode::kUsage, "descriptor_closed",
              "--passphrase-fd " + std::to_string(*source.descriptor) + " is not open.");
}

struct Console::SavedMode {
  termios mode;
};

// Echo is off while this lives, and Ctrl-Z does nothing: a shell would get the terminal without it.
class Console::HiddenInput {
 public:
  explicit HiddenInput(Console& console) : console_{console} {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGTSTP, &ignore, &stop_action_);
    termios mode{};
    if (tcgetattr(STDIN_FILENO, &mode) != 0) return;
    const std::lock_guard lock(console_.mutex_);
    console_.saved_mode_ = std::make_unique<SavedMode>(SavedMode{mode});
    mode.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode);
  }
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;
  ~HiddenInput() {
    console_.restore();
    sigaction(SIGTSTP, &stop_action_, nullptr);
    write_fully(STDERR_FILENO, "\n");
  }

 private:
  Console& console_;
  struct sigaction stop_action_ {};  // before
};

Console::Console()
    : has_screen_{isatty(STDERR_FILENO) == 1},
      is_interactive_{has_screen_ && isatty(STDIN_FILENO) == 1} {}

Console::~Console() { restore(); }

bool Console::data(std::string_view text) { return write_fully(STDOUT_FILENO, text); }

void Console::message(std::string_view text) {
  write_fully(STDERR_FILENO, base::printable_lines(text) + "\n");
}

void Console::draw(std::string_view drawing) { write_fully(STDERR_FILENO, drawing); }

void Console::show_secret(std::string_view text) { write_fully(STDERR_FILENO, text); }

Result<crypto::SecretBytes> Console::read_line() {
  crypto::SecretBytes buffer{kLineBytesMax + 1};
  const auto room = buffer.mutable_view();
  std::size_t size = 0;
  while (size < room.size()) {
    const auto count = ::read(STDIN_FILENO, room.data() + size, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0 && size == 0) {
      return fail(ExitCode::kError, "input_ended", "The input ended before an answer.");
    }
    if (count <= 0 || room[size] == '\n') break;
    ++size;
  }
  if (size > kLineBytesMax) {
    tcflush(STDIN_FILENO, TCIFLUSH);  // the rest is no answer to the next question
    return fail(ExitCode::kUsage, "input_too_long",
                "A line has at most " + std::to_string(kLineBytesMax) + " bytes.");
  }
  return secret_concat({buffer.view().first(size)});
}

Result<crypto::SecretBytes> Console::ask_visible(std::string_view prompt) {
  write_fully(STDERR_FILENO, prompt);
  return read_line();
}

Result<crypto::SecretBytes> Console::ask_hidden(std::string_view prompt) {
  const HiddenInput hidden(*this);
  write_fully(STDERR_FILENO, prompt);
  return read_line();
}

Result<bool> Console::confirm(std::string_view question) {
  const auto answer = ask_visible(std::string{question} + " [y/N] ");
  if (!answer) return base::Unexpected{answer.error()};
  const auto text = secret_text(*answer);
  return text == "y" || text == "Y" || text == "yes";
}

void Console::restore() {
  const std::lock_guard lock(mutex_);
  if (saved_mode_ == nullptr) return;
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved_mode_->mode);
  saved_mode_.reset();
}

Result<crypto::SecretBytes> read_stdin() {
  return read_descriptor(STDIN_FILENO, kInputBytesMax, "The input");
}

Result<crypto::SecretBytes> existing_passphrase(Console& console, const PassphraseSource& source) {
  auto given = passphrase_from(source);
  if (!given) return base::Unexpected{given.error()};
  if (*given) return *std::move(*given);
  if (!console.is_interactive()) return no_passphrase();
  return console.ask_hidden("Passphrase: ");
}

Result<crypto::SecretBytes> new_passphrase(Console& console, const PassphraseSource& source) {
  auto given = passphrase_from(source);
  if (!given) return base::Unexpected{given.error()};
  if (*given) {
    if (const auto checked = check_new(**given); !checked) return base::Unexpected{checked.error()};
    return *std::move(*given);
  }
  if (!console.is_interactive()) return no_passphrase();
  auto first = console.ask_hidden("New passphrase: ");
  if (!first) return first;
  if (const auto checked = check_new(*first); !checked) return base::Unexpected{checked.error()};
  const auto second = console.ask_hidden("The same again: ");
  if (!second) return base::Unexpected{second.error()};
  if (!crypto::equal_constant_time((*first).view(), (*second).view())) {
    return fail(ExitCode::kUsage, "passphrases_differ", "The two passphrases are not the same.");
  }
  return first;
}

}  // namespace peerpay::wallet::cli
