// The program from outside: what it prints, where, and with which exit code.

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/wallet_cli/wallet_fixture.h"

namespace peerpay::wallet::cli {
namespace {

class Program : public WalletFixture {};

TEST_F(Program, HelpIsDataAndNamesTheExitCodes) {
  const auto help = run_peerpay({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.out.find("Examples:"), std::string::npos);
  EXPECT_NE(help.out.find("Exit codes:"), std::string::npos);
  EXPECT_EQ(help.err, "");
  EXPECT_EQ(run_peerpay({"version"}).exit_code, 0);
}

TEST_F(Program, UsageErrorsHaveExitCode2AndStayOffStdout) {
  for (const auto& arguments :
       {Arguments{}, Arguments{"nonsense"}, Arguments{"send"},
        Arguments{"send", "a", "b", "c", "d"}, Arguments{"balance", "--colour"}, Arguments{"keys"},
        Arguments{"keys", "export"}, Arguments{"history", "--limit", "0"},
        Arguments{"history", "--limit", "201"}, Arguments{"address", "--tag", "-1"}}) {
    const auto run = peerpay(arguments);
    EXPECT_EQ(run.exit_code, 2) << (arguments.empty() ? "nothing" : arguments.back()) << run.err;
    EXPECT_EQ(run.out, "");
    EXPECT_TRUE(run.err.starts_with("error: ")) << run.err;
  }
}

TEST_F(Program, WithJsonEveryErrorIsOneObjectOnStdout) {
  const auto usage = peerpay({"nonsense", "--json"});
  EXPECT_EQ(usage.exit_code, 2);
  EXPECT_EQ(error_code(usage), "usage");
  const auto missing = peerpay({"balance", "--json"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_EQ(error_code(missing), "wallet_missing");
  EXPECT_EQ(Json::parsed(missing.out)->member("error")->member_number("exit_code"), 1U);
}

TEST_F(Program, WhatIsPrintedIsValidUtf8WithoutControlCharacters) {
  init();
  const auto json = peerpay({"--json", "send", payee(), "1", "\xff\x1b[2J"});
  EXPECT_EQ(error_code(json), "asset_unknown");
  EXPECT_EQ(json.out.find('\xff'), std::string::npos);
  for (const auto& run : {json, peerpay({"send", payee(), "1", "\xff\x1b[2J"})}) {
    EXPECT_NE(run.err.find("\\xff\\x1b[2J"), std::string::npos) << run.err;
  }
}

TEST_F(Program, SuggestsTheCommandThatWasMeant) {
  const auto run = peerpay({"blance"});
  EXPECT_NE(run.err.find("peerpay balance"), std::string::npos) << run.err;
}

TEST_F(Program, NamesTheUnknownCommandWhateverStandsBeforeIt) {
  const auto after_option = peerpay({"--json", "frobnicate"});
  EXPECT_NE(after_option.err.find("There is no command \"frobnicate\""), std::string::npos)
      << after_option.err;
  const auto misspelt = run_peerpay({"--home", "x", "--yes", "blance"});
  EXPECT_NE(misspelt.err.find("next:  peerpay balance\n"), std::string::npos) << misspelt.err;
  const auto nested = peerpay({"keys", "lst"});
  EXPECT_NE(nested.err.find("There is no command \"lst\""), std::string::npos) << nested.err;
  EXPECT_NE(nested.err.find("next:  peerpay keys ls\n"), std::string::npos) << nested.err;
  EXPECT_NE(peerpay({"send", "a"}).err.find("peerpay send --help"), std::string::npos);
}

TEST_F(Program, InitLeavesTheRestOfAWalletAlone) {
  init();
  std::filesystem::remove(in_home("keystore.age"));
  for (const auto* file : {"accounts.json", "genesis.bcs"}) {
    const auto run = peerpay({"init", "--json"});
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(error_code(run), "keystore_missing");
    EXPECT_NE(run.err.find(in_home(file)), std::string::npos) << run.err;
    std::filesystem::remove(in_home(file));
  }
  std::ofstream(in_home("outbox/x.bcs")) << "x";
  EXPECT_EQ(error_code(peerpay({"init", "--json"})), "keystore_missing");
  std::filesystem::remove(in_home("outbox/x.bcs"));
  init();
}

TEST_F(Program, EveryCommandSaysThatTheKeystoreIsGone) {
  init();
  std::filesystem::remove(in_home("keystore.age"));
  for (const auto& arguments :
       {Arguments{"balance"}, Arguments{"address"}, Arguments{"keys", "ls"},
        Arguments{"keys", "new", "x"}, Arguments{"keys", "repair"}, Arguments{"history"},
        Arguments{"outbox"}, Arguments{"resume"}, Arguments{"show", std::string(64, '0')},
        Arguments{"request", "1", "EUR"}, Arguments{"send", payee(), "1", "EUR"},
        Arguments{"pay", "peerpay:" + payee() + "?amount=1&asset=EUR"}}) {
    auto with_json = arguments;
    with_json.push_back("--json");
    const auto run = peerpay(with_json);
    EXPECT_EQ(run.exit_code, 1) << arguments[0];
    EXPECT_EQ(error_code(run), "keystore_missing") << arguments[0];
    EXPECT_NE(run.err.find("put keystore.age back"), std::string::npos) << run.err;
  }
}

TEST_F(Program, DamagedFilesComeWithAdvice) {
  init();
  std::ofstream(in_home("genesis.bcs")) << "x";
  const auto network = peerpay({"balance"});
  EXPECT_NE(network.err.find("peerpay init --genesis FILE"), std::string::npos) << network.err;
  std::filesystem::remove(in_home("genesis.bcs"));
  EXPECT_EQ(peerpay({"init"}).exit_code, 0);
  std::ofstream(in_home("keystore.age")) << "x";
  const auto keystore = peerpay({"keys", "new", "second"});
  EXPECT_NE(keystore.err.find("peerpay init --restore"), std::string::npos) << keystore.err;
}

TEST_F(Program, AClosedDescriptorIsNamed) {
  init();
  const auto run =
      run_peerpay({"keys", "new", "second", "--home", home(), "--passphrase-fd", "9", "--json"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(error_code(run), "descriptor_closed");
}

TEST_F(Program, WarnsOfAKeyThatIsThereAlready) {
  init_with_money();
  const auto twice = peerpay({"keys", "import", "again"}, kPayerKey);
  EXPECT_EQ(twice.exit_code, 0);
  EXPECT_NE(twice.err.find("\"payer\" has this key already"), std::string::npos) << twice.err;
}

TEST_F(Program, WithoutAWalletEveryCommandSaysHowToStart) {
  for (const auto& arguments :
       {Arguments{"balance"}, Arguments{"address"}, Arguments{"keys", "ls"},
        Arguments{"keys", "new", "x"}, Arguments{"history"}, Arguments{"outbox"},
        Arguments{"resume"}, Arguments{"send", "a", "1", "EUR"}}) {
    const auto run = peerpay(arguments);
    EXPECT_EQ(run.exit_code, 1) << arguments[0];
    EXPECT_NE(run.err.find("peerpay init"), std::string::npos) << run.err;
  }
}

TEST_F(Program, InitPinsTheNetworkOfTheNode) {
  init();
  const auto chain =
      server_.with([](PracticeState& state) { return base::to_hex(state.node.chain().view()); });
  const auto again = peerpay({"init", "--json"});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_EQ(error_code(again), "wallet_exists");
  const auto other_home =
      run_peerpay({"init", "--restore", "--work-factor", "10", "--json", "--home",
                   directory_.file("second"), "--genesis", directory_.file("genesis.bcs"),
                   "--chain-id", chain, "--passphrase-file", directory_.file("passphrase")},
                  kWords);
  ASSERT_EQ(other_home.exit_code, 0) << other_home.err;
  EXPECT_EQ(Json::parsed(other_home.out)->member_text("chain_id"), chain);
}

TEST_F(Program, AWalletCanBeOlderThanItsNetwork) {
  const auto offline = [&](Arguments arguments, std::string_view input = {}) {
    for (const auto& more : {std::string{"--home"}, home(), std::string{"--passphrase-file"},
                             directory_.file("passphrase")}) {
      arguments.push_back(more);
    }
    return run_peerpay(arguments, input);
  };
  const auto made =
      offline({"init", "--kind", "test", "--restore", "--work-factor", "10", "--json"}, kWords);
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_EQ(Json::parsed(made.out)->member_text("kind"), "test");
  EXPECT_EQ(Json::parsed(made.out)->member("chain_id"), nullptr);
  const auto address = offline({"address"});
  EXPECT_TRUE(address.out.starts_with("tpeer1")) << address.err;
  EXPECT_EQ(offline({"keys", "new", "shop"}).exit_code, 0);
  EXPECT_EQ(error_code(offline({"outbox", "--json"})), "network_unknown");
  std::filesystem::remove(in_home("accounts.json"));
  ASSERT_EQ(offline({"keys", "repair"}).exit_code, 0);

  const auto first = peerpay({"balance"});
  EXPECT_EQ(first.exit_code, 0);
  EXPECT_NE(first.err.find("chain id"), std::string::npos) << first.err;
  EXPECT_TRUE(std::filesystem::exists(in_home("genesis.bcs")));
  EXPECT_EQ(offline({"balance"}).err, "");  // nothing to say again, and the node is remembered
  EXPECT_EQ(offline({"address"}).out, address.out);
  EXPECT_EQ(error_code(peerpay({"init", "--json"})), "wallet_exists");
}

TEST_F(Program, AWalletTakesNoNetworkOfAnotherKind) {
  const Arguments options{"--home", home(), "--passphrase-file", directory_.file("passphrase"),
                          "--json"};
  auto init = Arguments{"init", "--kind", "main", "--work-factor", "10"};
  init.insert(init.end(), options.begin(), options.end());
  ASSERT_EQ(run_peerpay(init).exit_code, 0);
  for (const auto& arguments :
       {Arguments{"balance", "--json"}, Arguments{"init", "--json"},
        Arguments{"init", "--json", "--genesis", directory_.file("genesis.bcs")}}) {
    const auto run = peerpay(arguments);
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(error_code(run), "network_kind_wrong");
  }
  EXPECT_EQ(error_code(peerpay({"init", "--json", "--restore"})), "wallet_exists");
  EXPECT_FALSE(std::filesystem::exists(in_home("genesis.bcs")));
  EXPECT_EQ(peerpay({"init", "--kind", "test"}).exit_code, 2);  // with --node
  EXPECT_EQ(run_peerpay({"init", "--kind", "real", "--home", home()}).exit_code, 2);
}

TEST_F(Program, InitRefusesTheWrongNetworkAndNonsense) {
  const auto wrong = peerpay({"init", "--json", "--chain-id", std::string(64, '0')});
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_EQ(error_code(wrong), "chain_id_wrong");
  const auto nonsense = peerpay({"init", "--json", "--genesis", directory_.file("passphrase")});
  EXPECT_EQ(error_code(nonsense), "genesis_malformed");
  const auto words = peerpay({"init", "--json", "--restore"}, "legal winner thank");
  EXPECT_EQ(words.exit_code, 2);
  EXPECT_EQ(error_code(words), "words_invalid");
  write("short", "1234567", 0600);
  const auto passphrase =
      run_peerpay({"init", "--json", "--restore", "--home", home(), "--node", server_.address(),
                   "--passphrase-file", directory_.file("short")},
                  kWords);
  EXPECT_EQ(error_code(passphrase), "passphrase_too_short");
  EXPECT_FALSE(std::filesystem::exists(in_home("keystore.age")));
}

TEST_F(Program, RemembersTheNodeOfInit) {
  init();
  const auto run = run_peerpay({"balance", "--home", home()});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "no money yet\n");
}

TEST_F(Program, RefusesANodeOfAnotherNetwork) {
  init();
  auto genesis = server_.with([](PracticeState& state) { return state.node.genesis(); });
  genesis.timestamp.value += 1;
  std::ofstream(in_home("genesis.bcs"), std::ios::binary) << base::to_text(encode(genesis));
  for (const auto& arguments :
       {Arguments{"balance"}, Arguments{"send", payee(), "1", "EUR", "--yes"}}) {
    auto with_json = arguments;
    with_json.push_back("--json");
    const auto run = peerpay(with_json);
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(error_code(run), "chain_id_wrong");
  }
}

TEST_F(Program, AnUnreachableNodeIsOneLineAndExitCode5) {
  init();
  server_.stop();
  const auto run = peerpay({"balance"});
  EXPECT_EQ(run.exit_code, 5);
  EXPECT_EQ(run.err, "error: Node " + server_.address() +
                         " can't be reached.\nnext:  check --node, and that the node runs\n");
}

TEST_F(Program, NamesNoNodeWhenNoneIsKnown) {
  init();
  std::filesystem::remove(in_home("config.toml"));
  const auto run = run_peerpay({"balance", "--home", home(), "--json"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(error_code(run), "node_unknown");
}

TEST_F(Program, MisspeltSettingsAreErrors) {
  init();
  std::ofstream(in_home("config.toml")) << "nodes = \"127.0.0.1:1\"\n";
  const auto run = run_peerpay({"balance", "--home", home(), "--json"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(error_code(run), "config_malformed");
}

TEST_F(Program, WrongPassphraseIsExitCode4) {
  init();
  write("wrong", "another passphrase\n", 0600);
  const auto run = run_peerpay({"keys", "new", "second", "--home", home(), "--passphrase-file",
                                directory_.file("wrong"), "--json"});
  EXPECT_EQ(run.exit_code, 4);
  EXPECT_EQ(error_code(run), "passphrase_wrong");
  const auto none = run_peerpay({"keys", "new", "second", "--home", home(), "--json"});
  EXPECT_EQ(none.exit_code, 4);
  EXPECT_EQ(error_code(none), "passphrase_missing");
}

TEST_F(Program, AMissingPassphraseFileIsExitCode4) {
  init();
  const auto run = run_peerpay({"keys", "new", "second", "--home", home(), "--passphrase-file",
                                directory_.file("nothing"), "--json"});
  EXPECT_EQ(run.exit_code, 4);
  EXPECT_EQ(error_code(run), "passphrase_missing");
  EXPECT_NE(run.err.find("--passphrase-file"), std::string::npos) << run.err;
}

TEST_F(Program, PassphraseComesFromADescriptorToo) {
  init();
  const auto run =
      run_peerpay({"keys", "new", "second", "--home", home(), "--passphrase-fd", "0"}, kPassphrase);
  EXPECT_EQ(run.exit_code, 0) << run.err;
}

TEST_F(Program, KeysAreMadeImportedListedAndExported) {
  init_with_money();
  ASSERT_EQ(peerpay({"keys", "new", "shop"}).exit_code, 0);
  EXPECT_EQ(peerpay({"keys", "new", "shop", "--json"}).exit_code, 2);
  const auto list = peerpay({"keys", "ls", "--json"});
  const auto json = Json::parsed(list.out);
  ASSERT_TRUE(json && json->member("accounts")->array() != nullptr) << list.out;
  const auto& accounts = *json->member("accounts")->array();
  ASSERT_EQ(accounts.size(), 3U);
  EXPECT_EQ(accounts[0].member_text("origin"), "m/44'/1'/0'");
  EXPECT_EQ(accounts[1].member_text("origin"), "imported");
  EXPECT_EQ(accounts[2].member_text("origin"), "m/44'/1'/1'");
  EXPECT_EQ(peerpay({"keys", "export", "payer", "--yes"}).out, std::string{kPayerKey} + "\n");
  EXPECT_EQ(peerpay({"keys", "export", "--words", "--yes"}).out, std::string{kWords} + "\n");
  EXPECT_EQ(peerpay({"keys", "export", "payer", "--yes", "--json"}).out,
            "{\"secret_key\":\"" + std::string{kPayerKey} + "\"}\n");
  EXPECT_EQ(peerpay({"keys", "export", "payer"}).exit_code, 2);  // no terminal to confirm on
  EXPECT_EQ(peerpay({"keys", "show", "nobody"}).exit_code, 2);
  EXPECT_EQ(peerpay({"keys", "import", "bad"}, "zz").exit_code, 2);
  EXPECT_EQ(peerpay({"keys", "import", "bad"}, std::string(64, '0')).exit_code, 2);
}

TEST_F(Program, RepairsTheListOfAccounts) {
  init_with_money();
  const auto before = peerpay({"keys", "ls"}).out;
  std::ofstream(in_home("accounts.json")) << "{";
  const auto damaged = peerpay({"keys", "ls", "--json"});
  EXPECT_EQ(error_code(damaged), "accounts_damaged");
  ASSERT_EQ(peerpay({"keys", "repair"}).exit_code, 0);
  EXPECT_EQ(peerpay({"keys", "ls"}).out, before);
}

TEST_F(Program, AddressesCarryTags) {
  init();
  const auto plain = peerpay({"address"});
  const auto tagged = peerpay({"address", "--tag", "42"});
  EXPECT_TRUE(plain.out.starts_with("tpeer1"));
  auto text = tagged.out;
  text.pop_back();
  const auto parsed = ledger::parse_address(ledger::NetworkKind::kTest, text);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->tag, 42U);
}

}  // namespace
}  // namespace peerpay::wallet::cli
