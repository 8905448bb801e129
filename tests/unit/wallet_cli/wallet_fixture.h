#pragma once
// A practice network, and a wallet for it whose account "payer" holds money.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "base/json/json.h"
#include "ledger/address.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/wallet_cli/practice_server.h"
#include "tests/unit/wallet_cli/process.h"

namespace peerpay::wallet::cli {

using json::Json;

inline constexpr std::string_view kPassphrase = "canary passphrase 5309";
inline constexpr std::string_view kPassphraseLine = "canary passphrase 5309\n";
// Of test_account(0), which the genesis funds.
inline constexpr std::string_view kPayerKey =
    "0000000000000000000000000000000000000000000000000000000000000001";
inline constexpr std::string_view kWords =
    "legal winner thank year wave sausage worth useful legal winner thank yellow";

class WalletFixture : public testing::Test {
 protected:
  WalletFixture() {
    write("passphrase", kPassphraseLine, 0600);
    server_.with([&](PracticeState& state) {
      write("genesis.bcs", base::to_text(encode(state.node.genesis())), 0644);
      return 0;
    });
  }

  void write(std::string_view name, std::string_view content, mode_t mode) {
    std::ofstream(directory_.file(name), std::ios::binary) << content;
    EXPECT_EQ(chmod(directory_.file(name).c_str(), mode), 0);
  }

  // With --home, --node, the passphrase, and a quick work factor where it matters.
  Finished peerpay(Arguments arguments, std::string_view input = {}) {
    return run_peerpay(complete(std::move(arguments)), input);
  }
  Arguments complete(Arguments arguments) {
    for (const auto& more :
         {std::string{"--home"}, home(), std::string{"--node"}, server_.address(),
          std::string{"--passphrase-file"}, directory_.file("passphrase")}) {
      arguments.push_back(more);
    }
    return arguments;
  }

  void init() {
    const auto made = peerpay({"init", "--restore", "--work-factor", "10"}, kWords);
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }

  void init_with_money() {
    init();
    const auto imported = peerpay({"keys", "import", "payer"}, kPayerKey);
    ASSERT_EQ(imported.exit_code, 0) << imported.err;
  }

  Finished send(std::string_view amount, Arguments more = {}) {
    return peerpay(send_arguments(amount, std::move(more)));
  }
  static Arguments send_arguments(std::string_view amount, Arguments more) {
    Arguments out{"send", payee(), std::string{amount}, "EUR", "--from", "payer", "--yes"};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

  static std::string payee() {
    return ledger::format_address(ledger::NetworkKind::kTest,
                                  {ledger::test::test_account(1), std::nullopt});
  }
  std::size_t payments() {
    return server_.with([](PracticeState& state) { return state.node.payments_applied(); });
  }
  void set_mood(test::Mood mood) {
    server_.with([&](PracticeState& state) { return state.node.mood = mood; });
  }

  std::string home() const { return directory_.file("wallet"); }
  std::string in_home(const std::string& name) const { return home() + "/" + name; }

  static std::string error_code(const Finished& run) {
    const auto json = Json::parsed(run.out);
    if (!json || json->member("error") == nullptr) return "no error object in: " + run.out;
    return json->member("error")->member_text("code").value_or("no code");
  }

  peerpay::test::TemporaryDirectory directory_;
  PracticeServer server_;
};

}  // namespace peerpay::wallet::cli
