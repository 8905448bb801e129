// The program on a terminal: questions, hidden input, and the words that are shown once.

#include <gtest/gtest.h>

#include <cctype>
#include <csignal>
#include <map>
#include <sstream>

#include "tests/unit/wallet_cli/wallet_fixture.h"

namespace peerpay::wallet::cli {
namespace {

class OnTerminal : public WalletFixture {
 protected:
  Arguments with_home(Arguments arguments) {
    arguments.insert(arguments.end(), {"--home", home(), "--node", server_.address()});
    return arguments;
  }

  static void type_line(Terminal& terminal, std::string_view text) {
    terminal.type(std::string{text} + "\n");
  }
};

// "   1 legal    2 winner ..." as shown by init: number -> word.
std::map<std::string, std::string> words_on(const std::string& screen) {
  std::map<std::string, std::string> out;
  std::istringstream in(screen);
  std::string number;
  std::string word;
  while (in >> number >> word) out[number] = word;
  return out;
}

TEST_F(OnTerminal, InitShowsTheWordsAndChecksTheBackup) {
  Terminal terminal(PEERPAY_PROGRAM, with_home({"init", "--work-factor", "10"}));
  ASSERT_TRUE(terminal.expect("they are not shown again."));
  const auto table = terminal.expect("Word ");
  ASSERT_TRUE(table.has_value());
  auto words = words_on(*table);
  ASSERT_EQ(words.size(), 24U) << *table;

  ASSERT_TRUE(terminal.expect(": "));
  type_line(terminal, "notaword");
  ASSERT_TRUE(terminal.expect("That is another word."));
  for (int asked = 0; asked < 3; ++asked) {
    ASSERT_TRUE(terminal.expect("Word "));
    const auto number = terminal.expect(": ");
    ASSERT_TRUE(number.has_value());
    type_line(terminal, words[*number]);
  }
  ASSERT_TRUE(terminal.expect("New passphrase: "));
  EXPECT_FALSE(terminal.is_echoing());
  type_line(terminal, kPassphrase);
  ASSERT_TRUE(terminal.expect("The same again: "));
  type_line(terminal, kPassphrase);
  ASSERT_TRUE(terminal.expect("tpeer1"));
  EXPECT_TRUE(terminal.is_echoing());
  const auto done = terminal.wait();
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.err.find(kPassphrase), std::string::npos);

  std::string shown;
  for (std::size_t number = 1; number <= 24; ++number) {
    shown += (number == 1 ? "" : " ") + words[std::to_string(number)];
  }
  EXPECT_EQ(peerpay({"keys", "export", "--words", "--yes"}).out, shown + "\n");
}

TEST_F(OnTerminal, InitStopsWhenThePassphrasesDiffer) {
  Terminal terminal(PEERPAY_PROGRAM, with_home({"init", "--yes", "--work-factor", "10"}));
  ASSERT_TRUE(terminal.expect("New passphrase: "));
  type_line(terminal, kPassphrase);
  ASSERT_TRUE(terminal.expect("The same again: "));
  type_line(terminal, "something else");
  EXPECT_EQ(terminal.wait().exit_code, 2);
  EXPECT_EQ(peerpay({"keys", "ls"}).exit_code, 1);  // no wallet was made
}

TEST_F(OnTerminal, SendShowsWhatIsSignedAndAsks) {
  init_with_money();
  const auto arguments = with_home({"send", payee(), "12.50", "EUR", "--from", "payer"});
  {
    Terminal terminal(PEERPAY_PROGRAM, arguments);
    ASSERT_TRUE(terminal.expect("12.50 EUR"));
    ASSERT_TRUE(terminal.expect("you have not paid this address before"));
    ASSERT_TRUE(terminal.expect("Pay? [y/N] "));
    type_line(terminal, "");
    EXPECT_EQ(terminal.wait().exit_code, 1);
  }
  EXPECT_EQ(payments(), 0U);
  Terminal terminal(PEERPAY_PROGRAM, arguments);
  ASSERT_TRUE(terminal.expect("Pay? [y/N] "));
  type_line(terminal, "y");
  ASSERT_TRUE(terminal.expect("Passphrase: "));
  EXPECT_FALSE(terminal.is_echoing());
  type_line(terminal, kPassphrase);
  ASSERT_TRUE(terminal.expect("paid 12.50 EUR"));
  EXPECT_EQ(terminal.wait().exit_code, 0);
  EXPECT_EQ(payments(), 1U);
}

TEST_F(OnTerminal, CtrlCAtThePassphraseGivesTheEchoBack) {
  init();
  Terminal terminal(PEERPAY_PROGRAM, with_home({"keys", "new", "second"}));
  ASSERT_TRUE(terminal.expect("Passphrase: "));
  EXPECT_FALSE(terminal.is_echoing());
  terminal.type("\x03");
  ASSERT_TRUE(terminal.expect("Interrupted."));
  EXPECT_TRUE(terminal.is_echoing());
  EXPECT_EQ(terminal.wait().exit_code, 130);
}

// Echo would stay off in the shell. (The program of a terminal of its own can't be stopped at all,
// so what is seen is what it ignores.)
TEST_F(OnTerminal, CtrlZAtThePassphraseDoesNothing) {
  init();
  Terminal terminal(PEERPAY_PROGRAM, with_home({"keys", "new", "second"}));
  ASSERT_TRUE(terminal.expect("Passphrase: "));
  std::ifstream in("/proc/" + std::to_string(terminal.pid()) + "/status");
  const std::string status{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const auto at = status.find("SigIgn:\t");
  ASSERT_NE(at, std::string::npos);
  const auto ignored = std::stoull(status.substr(at + 8, 16), nullptr, 16);
  EXPECT_NE(ignored & (1ULL << (SIGTSTP - 1)), 0U);
  terminal.type("\x1a");
  type_line(terminal, kPassphrase);
  EXPECT_EQ(terminal.wait().exit_code, 0);
}

TEST_F(OnTerminal, ALineThatTheTerminalWouldCutIsAnError) {
  init();
  Terminal terminal(PEERPAY_PROGRAM, with_home({"keys", "new", "second"}));
  ASSERT_TRUE(terminal.expect("Passphrase: "));
  type_line(terminal, std::string(5000, 'x'));
  ASSERT_TRUE(terminal.expect("at most 4094 bytes"));
  EXPECT_EQ(terminal.wait().exit_code, 2);
}

TEST_F(OnTerminal, ExportAsksBeforeItShowsASecret) {
  init();
  Terminal terminal(PEERPAY_PROGRAM, with_home({"keys", "export", "--words"}));
  ASSERT_TRUE(terminal.expect("Print it? [y/N] "));
  type_line(terminal, "n");
  const auto done = terminal.wait();
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(done.err.find("legal winner"), std::string::npos);
}

// Recovery without peerpay: the stock age program and the words.
TEST_F(OnTerminal, AgeOpensTheKeystore) {
  init_with_money();
  Terminal age(PEERPAY_AGE, {"-d", "-o", directory_.file("opened"), in_home("keystore.age")});
  ASSERT_TRUE(age.expect(": "));
  type_line(age, kPassphrase);
  const auto done = age.wait();
  ASSERT_EQ(done.exit_code, 0) << done.err;
  std::ifstream in(directory_.file("opened"));
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  EXPECT_TRUE(text.starts_with("peerpay-wallet 1\n")) << text;
  EXPECT_NE(text.find("mnemonic: " + std::string{kWords} + "\n"), std::string::npos);
  EXPECT_NE(text.find("key: payer " + std::string{kPayerKey} + "\n"), std::string::npos);
}

}  // namespace
}  // namespace peerpay::wallet::cli
