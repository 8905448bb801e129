// Our age files and those of the stock age program (Debian package age), each opened by the other.
// age asks for passphrases on its terminal only, so it runs on a pseudo-terminal here.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/rng.h"
#include "tests/support/temporary_directory.h"
#include "wallet/age.h"
#include "wallet/secret.h"

namespace peerpay::wallet {
namespace {

constexpr std::string_view kPassphrase = "correct horse battery staple";
constexpr int kAnswerTimeoutMs = 60'000;

struct Finished {
  int exit_code;
  std::string screen;
};

// Runs a program on a terminal of its own and types `line` whenever it asks for a passphrase.
Finished run_on_terminal(std::vector<std::string> arguments, const std::string& line) {
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(127);
  }
  Finished out{-1, {}};
  std::size_t answered = 0;
  pollfd ready{terminal, POLLIN, 0};
  char buffer[4096];
  while (poll(&ready, 1, kAnswerTimeoutMs) > 0) {
    const auto size = read(terminal, buffer, sizeof buffer);
    if (size <= 0) break;  // EIO: the program has ended
    out.screen.append(buffer, static_cast<std::size_t>(size));
    const auto asked = out.screen.find(": ", answered);
    if (asked == std::string::npos) continue;
    answered = asked + 2;
    const auto typed = line + "\n";
    if (write(terminal, typed.data(), typed.size()) < 0) break;
  }
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  close(terminal);
  if (WIFEXITED(status)) out.exit_code = WEXITSTATUS(status);
  return out;
}

base::Bytes read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_all(const std::string& path, base::ByteView content) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(content.data()),
            static_cast<std::streamsize>(content.size()));
}

base::Bytes sample(std::size_t size) {
  base::Rng rng(size);
  base::Bytes out(size);
  for (auto& byte : out) byte = static_cast<std::uint8_t>(rng.below(256));
  return out;
}

class AgeTool : public testing::Test {
 protected:
  test::TemporaryDirectory directory_;
  const std::string plain_ = directory_.file("plain");
  const std::string sealed_ = directory_.file("sealed.age");
  const std::string opened_ = directory_.file("opened");

  void expect_age_opens(base::ByteView plaintext, AgeWorkFactor work_factor) {
    const auto file =
        age_encrypt(plaintext, base::as_bytes(kPassphrase), sample(kAgeRandomBytes), work_factor);
    ASSERT_TRUE(file.has_value());
    write_all(sealed_, *file);
    const auto run =
        run_on_terminal({PEERPAY_AGE, "-d", "-o", opened_, sealed_}, std::string{kPassphrase});
    ASSERT_EQ(run.exit_code, 0) << run.screen;
    EXPECT_EQ(read_all(opened_), base::Bytes(plaintext.begin(), plaintext.end()));
  }

  void expect_we_open_what_age_made(std::vector<std::string> options) {
    const auto plaintext = sample(65'536 + 100);
    write_all(plain_, plaintext);
    std::vector<std::string> arguments = {PEERPAY_AGE, "-p", "-o", sealed_};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.push_back(plain_);
    const auto run = run_on_terminal(arguments, std::string{kPassphrase});
    ASSERT_EQ(run.exit_code, 0) << run.screen;
    const auto back = age_decrypt(read_all(sealed_), base::as_bytes(kPassphrase));
    ASSERT_TRUE(back.has_value()) << sentence(back.error());
    EXPECT_TRUE(std::ranges::equal((*back).view(), plaintext));
  }
};

TEST_F(AgeTool, OpensOurFiles) {
  for (const std::size_t size : {0U, 1U, 1000U, 65'536U, 65'537U, 200'000U}) {
    expect_age_opens(sample(size), AgeWorkFactor{6});
  }
}

TEST_F(AgeTool, OpensOurFilesOfTheDefaultWorkFactor) {
  expect_age_opens(base::as_bytes("peerpay-wallet 1\n"), kAgeWorkFactorDefault);
}

TEST_F(AgeTool, RefusesOurFilesWithAnotherPassphrase) {
  const auto file =
      age_encrypt(sample(10), base::as_bytes("another"), sample(kAgeRandomBytes), AgeWorkFactor{6});
  ASSERT_TRUE(file.has_value());
  write_all(sealed_, *file);
  const auto run =
      run_on_terminal({PEERPAY_AGE, "-d", "-o", opened_, sealed_}, std::string{kPassphrase});
  EXPECT_NE(run.exit_code, 0) << run.screen;
}

TEST_F(AgeTool, WritesFilesThatWeOpen) { expect_we_open_what_age_made({}); }

TEST_F(AgeTool, WritesArmoredFilesThatWeOpen) { expect_we_open_what_age_made({"-a"}); }

}  // namespace
}  // namespace peerpay::wallet
