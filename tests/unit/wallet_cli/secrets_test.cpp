// Where secrets must not be: outputs, files but the keystore, core dumps; and who may read the
// files.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>

#include "tests/unit/wallet_cli/wallet_fixture.h"

namespace peerpay::wallet::cli {
namespace {

// The key of test_account(0) is the number 1, which is no good canary; this one is.
constexpr std::string_view kCanaryKey =
    "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee01";
// One byte too long.
constexpr std::string_view kCanaryMistyped =
    "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee01ff";

class Secrets : public WalletFixture {
 protected:
  static void expect_clean(const std::string& text, const std::string& where) {
    EXPECT_EQ(text.find(kPassphrase), std::string::npos) << where;
    EXPECT_EQ(text.find(kCanaryKey), std::string::npos) << where;
    // Any three words in a row are already a leak.
    EXPECT_EQ(text.find("wave sausage worth"), std::string::npos) << where;
    EXPECT_EQ(text.find("legal winner thank"), std::string::npos) << where;
  }
  void run_clean(const Arguments& arguments, std::string_view input = {}) {
    for (const bool is_json : {false, true}) {
      auto all = arguments;
      if (is_json) all.push_back("--json");
      const auto run = peerpay(all, input);
      expect_clean(run.out, arguments[0] + " stdout");
      expect_clean(run.err, arguments[0] + " stderr");
    }
  }
};

TEST_F(Secrets, NeverReachOutputsOrOtherFiles) {
  run_clean({"init", "--restore", "--work-factor", "10"}, kWords);
  run_clean({"keys", "import", "canary"}, kCanaryKey);
  ASSERT_EQ(peerpay({"keys", "import", "payer"}, kPayerKey).exit_code, 0);
  for (const auto& arguments :
       {Arguments{"keys", "ls"}, Arguments{"keys", "show", "canary"}, Arguments{"keys", "new", "x"},
        Arguments{"keys", "repair"}, Arguments{"address"}, Arguments{"balance"},
        Arguments{"send", payee(), "1.00", "EUR", "--from", "payer", "--yes"},
        Arguments{"history", "--account", "payer"}, Arguments{"outbox"},
        Arguments{"keys", "export", "canary"}}) {
    run_clean(arguments);
  }
  // Mistakes must not repeat what was typed.
  run_clean({"init", "--restore", "--home", directory_.file("b")}, "legal winner thank year");
  run_clean({"keys", "import", "bad"}, kCanaryMistyped);

  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(home())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    expect_clean({std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()},
                 entry.path().string());
    ++files;
  }
  EXPECT_GE(files, 5U);
}

TEST_F(Secrets, NewWordsAreNotPrintedWithoutATerminal) {
  const auto made = peerpay({"init", "--work-factor", "10", "--json"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const auto words = peerpay({"keys", "export", "--words", "--yes"}).out;
  const auto first_three =
      words.substr(0, words.find(' ', words.find(' ', words.find(' ') + 1) + 1));
  EXPECT_EQ(made.out.find(first_three), std::string::npos);
  EXPECT_EQ(made.err.find(first_three), std::string::npos);
}

TEST_F(Secrets, FilesAreForTheOwnerAlone) {
  init();
  const auto mode_of = [&](const std::string& path) {
    struct stat status {};
    EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777;
  };
  EXPECT_EQ(mode_of(home()), 0700U);
  EXPECT_EQ(mode_of(in_home("keystore.age")), 0600U);
  EXPECT_EQ(mode_of(in_home("accounts.json")), 0600U);
}

TEST_F(Secrets, AReadableKeystoreIsRefused) {
  init();
  ASSERT_EQ(chmod(in_home("keystore.age").c_str(), 0640), 0);
  const auto run = peerpay({"keys", "new", "second", "--json"});
  EXPECT_EQ(run.exit_code, 4);
  EXPECT_EQ(error_code(run), "file_not_private");
  EXPECT_NE(run.err.find("chmod 600"), std::string::npos) << run.err;
}

TEST_F(Secrets, AKeystoreBehindALinkIsRefused) {
  init();
  std::filesystem::rename(in_home("keystore.age"), in_home("elsewhere"));
  std::filesystem::create_symlink(in_home("elsewhere"), in_home("keystore.age"));
  EXPECT_NE(peerpay({"keys", "new", "second"}).exit_code, 0);
}

TEST_F(Secrets, AReadablePassphraseFileIsRefused) {
  init();
  write("passphrase", kPassphraseLine, 0644);
  const auto run = peerpay({"keys", "new", "second", "--json"});
  EXPECT_EQ(run.exit_code, 4);
  EXPECT_EQ(error_code(run), "file_not_private");
}

TEST_F(Secrets, AnOpenHomeIsRefused) {
  std::filesystem::create_directory(home());
  ASSERT_EQ(chmod(home().c_str(), 0755), 0);
  const auto run = peerpay({"init", "--restore", "--json"}, kWords);
  EXPECT_EQ(run.exit_code, 4);
  EXPECT_EQ(error_code(run), "home_not_private");
}

TEST_F(Secrets, AHomeThatWasOpenedLaterIsRefusedByEveryCommand) {
  init_with_money();
  ASSERT_EQ(chmod(home().c_str(), 0710), 0);
  for (const auto& arguments :
       {Arguments{"address"}, Arguments{"balance"}, Arguments{"history"},
        Arguments{"show", std::string(64, '0')}, Arguments{"outbox"}, Arguments{"resume"},
        Arguments{"keys", "ls"}, Arguments{"keys", "show", "payer"}, Arguments{"keys", "new", "x"},
        Arguments{"keys", "export", "payer", "--yes"}, Arguments{"keys", "repair"},
        Arguments{"receipt", "get", std::string(64, '0')}, send_arguments("1.00", {"--dry-run"})}) {
    auto all = arguments;
    all.push_back("--json");
    const auto run = peerpay(all);
    EXPECT_EQ(run.exit_code, 4) << arguments[0] << run.out;
    EXPECT_EQ(error_code(run), "home_not_private") << arguments[0];
  }
}

TEST_F(Secrets, AReadableKeyFileIsRefused) {
  init();
  write("key", kCanaryKey, 0640);
  const auto run =
      peerpay({"keys", "import", "canary", "--json", "--file", directory_.file("key")});
  EXPECT_EQ(run.exit_code, 4);
  EXPECT_EQ(error_code(run), "file_not_private");
}

TEST_F(Secrets, DamageIsToldFromAWrongPassphrase) {
  init();
  const auto path = in_home("keystore.age");
  std::fstream(path, std::ios::in | std::ios::out | std::ios::binary)
      .seekp(-1, std::ios::end)
      .put('x');
  const auto run = peerpay({"keys", "new", "second", "--json"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(error_code(run), "keystore_unreadable");
}

TEST_F(Secrets, TheProcessLeavesNoCoreFile) {
  init_with_money();
  set_mood(test::Mood::kHold);
  Running running(complete(send_arguments("1.00", {})));
  server_.await_submissions(1);
  std::ifstream in("/proc/" + std::to_string(running.pid()) + "/limits");
  const std::string limits{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const auto core = limits.find("Max core file size");
  ASSERT_NE(core, std::string::npos) << limits;
  EXPECT_EQ(limits.substr(core + 26, 1), "0") << limits;
}

}  // namespace
}  // namespace peerpay::wallet::cli
