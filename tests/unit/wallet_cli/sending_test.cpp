// Payments through the program: what happens when the node, the network or the person lets go.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "tests/unit/wallet_cli/wallet_fixture.h"

namespace peerpay::wallet::cli {
namespace {

class SendingProgram : public WalletFixture {
 protected:
  std::size_t files_in(const std::string& folder) const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(in_home(folder))) {
      count += entry.path().extension() == ".bcs" ? 1U : 0U;
    }
    return count;
  }
};

TEST_F(SendingProgram, PaysAndSaysSoInOneLine) {
  init_with_money();
  const auto run = send("12.50", {"--ref", "INV-7", "--memo", "thanks"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_TRUE(run.out.starts_with("paid 12.50 EUR to " + payee() + " · id ")) << run.out;
  EXPECT_NE(run.out.find(" · final in "), std::string::npos) << run.out;
  EXPECT_TRUE(run.out.ends_with(" · block 1\n")) << run.out;
  EXPECT_EQ(payments(), 1U);
  EXPECT_EQ(files_in("outbox"), 0U);
  EXPECT_EQ(files_in("sent"), 1U);
}

TEST_F(SendingProgram, JsonHasEveryFact) {
  init_with_money();
  const auto run = send("12.50", {"--ref", "INV-7", "--json"});
  const auto json = Json::parsed(run.out);
  ASSERT_TRUE(json.has_value()) << run.out;
  EXPECT_EQ(json->member_text("state"), "final");
  EXPECT_EQ(json->member_number("height"), 1U);
  EXPECT_EQ(json->member("payment")->member_text("to"), payee());
  EXPECT_EQ(json->member("payment")->member_text("reference"), "INV-7");
  EXPECT_EQ(json->member("payment")->member("amount")->member_text("amount"), "12.50");
  EXPECT_EQ(json->member("payment")->member("amount")->member_text("units"), "1250");
  EXPECT_EQ(json->member("fee")->member_text("amount"), "0.02");
}

TEST_F(SendingProgram, MistakesAreCaughtBeforeAnythingIsSigned) {
  init_with_money();
  const auto refused = [&](Arguments arguments, std::string_view code) {
    arguments.insert(arguments.end(), {"--from", "payer", "--yes", "--json"});
    const auto run = peerpay(arguments);
    EXPECT_EQ(run.exit_code, 2) << run.out;
    EXPECT_EQ(error_code(run), code);
  };
  refused({"send", "tpeer1qqqq", "1", "EUR"}, "address_malformed");
  auto mistyped = payee();
  mistyped.back() = mistyped.back() == 'q' ? 'p' : 'q';
  refused({"send", mistyped, "1", "EUR"}, "address_malformed");
  refused({"send", "12.50", payee(), "EUR"}, "address_malformed");
  refused({"send", payee(), "1.234", "EUR"}, "amount_malformed");
  refused({"send", payee(), "99999999999999999999999", "EUR"}, "amount_malformed");
  refused({"send", payee(), "0", "EUR"}, "amount_zero");
  refused({"send", payee(), "92233720368547758.08", "EUR"}, "amount_overflow");
  refused({"send", payee(), "1e3", "EUR"}, "amount_malformed");
  refused({"send", payee(), "1,50", "EUR"}, "amount_malformed");
  refused({"send", payee(), "1", "DOGE"}, "asset_unknown");
  refused({"send", payee(), "1", "EUR", "--ref", std::string(33, 'x')}, "text_too_long");
  refused({"send", payee(), "1", "EUR", "--memo", std::string(257, 'x')}, "text_too_long");
  refused({"send", payee(), "1", "EUR", "--valid-for", "soon"}, "usage");
  refused({"send", payee(), "1", "EUR", "--valid-for", "8d"}, "usage");
  EXPECT_EQ(files_in("outbox"), 0U);
}

TEST_F(SendingProgram, MistakesNameWhatIsWrong) {
  init_with_money();
  const auto told = [&](Arguments arguments) { return peerpay(std::move(arguments)).err; };
  EXPECT_TRUE(told({"send", "12.50", payee(), "EUR"})
                  .starts_with("error: TO \"12.50\" is not an address: "));
  EXPECT_NE(told({"send", payee(), "99999999999999999999999", "EUR"}).find("92233720368547758.07"),
            std::string::npos);
  EXPECT_NE(told({"send", payee(), "1", "EUR", "--valid-for", "8d"}).find("7d"), std::string::npos);
  const auto self = ledger::format_address(ledger::NetworkKind::kTest,
                                           {ledger::test::test_account(0), std::nullopt});
  const auto to_self = peerpay({"send", self, "1", "EUR", "--from", "payer", "--yes"});
  EXPECT_EQ(to_self.exit_code, 2);
  EXPECT_NE(to_self.err.find("--from NAME"), std::string::npos) << to_self.err;
  EXPECT_EQ(send("184467440737095516.15").exit_code, 2);
  EXPECT_EQ(send("92233720368547758.07").exit_code, 3) << "the largest amount that there can be";
}

TEST_F(SendingProgram, NeedsYesWithoutATerminal) {
  init_with_money();
  const auto run = peerpay({"send", payee(), "1", "EUR", "--from", "payer", "--json"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(error_code(run), "confirmation_missing");
  EXPECT_EQ(payments(), 0U);
}

TEST_F(SendingProgram, ADryRunSignsNothing) {
  init_with_money();
  const auto run = send("12.50", {"--dry-run"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("pay        12.50 EUR"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("leaves     9987.48 EUR"), std::string::npos) << run.out;
  EXPECT_EQ(payments(), 0U);
  EXPECT_EQ(files_in("outbox"), 0U);
}

TEST_F(SendingProgram, TooLittleMoneyIsExitCode3) {
  init_with_money();
  const auto run = send("10000.00", {"--json"});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_EQ(error_code(run), "funds_insufficient");
}

TEST_F(SendingProgram, LostAnswersEndInOnePayment) {
  init_with_money();
  server_.with([](PracticeState& state) { return state.is_losing_answers = true; });
  const auto lost = send("12.50", {"--wait", "1s", "--json"});
  EXPECT_EQ(lost.exit_code, 6) << lost.out;
  EXPECT_EQ(error_code(lost), "pending");
  EXPECT_EQ(files_in("outbox"), 1U);
  server_.with([](PracticeState& state) { return state.is_losing_answers = false; });
  const auto again = send("12.50");
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_NE(again.err.find("resuming payment"), std::string::npos);
  EXPECT_EQ(payments(), 1U);
}

TEST_F(SendingProgram, ResumingNeedsNoPassphrase) {
  init_with_money();
  set_mood(test::Mood::kHold);
  EXPECT_EQ(send("12.50", {"--wait", "1s"}).exit_code, 6);
  server_.with([](PracticeState& state) {
    state.node.release_held();
    return 0;
  });
  const auto again = run_peerpay({"send", payee(), "12.50", "EUR", "--from", "payer", "--home",
                                  home(), "--node", server_.address()});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(payments(), 1U);
}

TEST_F(SendingProgram, CtrlCTellsWhatIsSafeAndLosesNothing) {
  init_with_money();
  set_mood(test::Mood::kHold);
  Running running(complete(send_arguments("12.50", {"--json"})));
  server_.await_submissions(1);
  running.send_signal(SIGINT);
  const auto interrupted = running.wait();
  EXPECT_EQ(interrupted.exit_code, 130);
  EXPECT_EQ(error_code(interrupted), "interrupted");
  EXPECT_NE(interrupted.err.find("may have been sent"), std::string::npos) << interrupted.err;
  set_mood(test::Mood::kHonest);
  EXPECT_EQ(send("12.50").exit_code, 0);
  EXPECT_EQ(payments(), 1U);
  EXPECT_EQ(server_.with([](PracticeState& s) { return s.node.distinct_submissions(); }), 1U);
}

// The signals that would end it are blocked, and nobody listens to them any more: a node that does
// not answer would hold it up.
TEST_F(SendingProgram, NothingIsAskedOnceTheAnswerIsOut) {
  init_with_money();
  set_mood(test::Mood::kRefuseFunds);
  EXPECT_EQ(send("5.00").exit_code, 3);
  set_mood(test::Mood::kHonest);
  EXPECT_EQ(send("7.00").exit_code, 0);
  EXPECT_EQ(server_.with([](PracticeState& state) { return state.lookups; }), 0U);
  EXPECT_EQ(files_in("outbox"), 1U);
  // The next command finds that the one that was refused has ended.
  EXPECT_EQ(send("1.00").exit_code, 0);
  EXPECT_EQ(files_in("outbox"), 0U);
  EXPECT_EQ(payments(), 2U);
}

TEST_F(SendingProgram, KilledAfterSendingResumesWithTheSameBytes) {
  init_with_money();
  set_mood(test::Mood::kHold);
  Running running(complete(send_arguments("12.50", {})));
  server_.await_submissions(1);
  running.send_signal(SIGKILL);
  EXPECT_EQ(running.wait().exit_code, 128 + SIGKILL);
  set_mood(test::Mood::kHonest);
  EXPECT_EQ(send("12.50").exit_code, 0);
  EXPECT_EQ(payments(), 1U);
  EXPECT_EQ(server_.with([](PracticeState& s) { return s.node.distinct_submissions(); }), 1U);
}

TEST_F(SendingProgram, TwoSendsInOneWalletDoNotMix) {
  init_with_money();
  set_mood(test::Mood::kHold);
  Running running(complete(send_arguments("12.50", {})));
  server_.await_submissions(1);
  const auto second = send("12.50", {"--json"});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_EQ(error_code(second), "wallet_busy");
}

TEST_F(SendingProgram, ResumeFinishesEverything) {
  init_with_money();
  set_mood(test::Mood::kHold);
  EXPECT_EQ(send("1.00", {"--wait", "1s"}).exit_code, 6);
  EXPECT_EQ(send("2.00", {"--wait", "1s"}).exit_code, 6);
  const auto listed = Json::parsed(peerpay({"outbox", "--json"}).out);
  ASSERT_TRUE(listed.has_value());
  EXPECT_EQ(listed->member("payments")->array()->size(), 2U);
  EXPECT_EQ(peerpay({"resume", "--wait", "1s"}).exit_code, 6);
  set_mood(test::Mood::kHonest);
  const auto resumed = peerpay({"resume", "--json"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(payments(), 2U);
  EXPECT_EQ(files_in("outbox"), 0U);
  EXPECT_EQ(peerpay({"resume"}).out, "no payment is pending\n");
}

TEST_F(SendingProgram, ResumeWaitsOnceForAllAndTellsEachAsItGoes) {
  init_with_money();
  set_mood(test::Mood::kHold);
  for (const auto* amount : {"1.00", "2.00", "3.00", "4.00"}) {
    EXPECT_EQ(send(amount, {"--wait", "1s"}).exit_code, 6);
  }
  const auto start = std::chrono::steady_clock::now();
  const auto run = peerpay({"resume", "--wait", "2s"});
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{6});
  EXPECT_EQ(run.exit_code, 6);
  std::size_t told = 0;
  for (auto at = run.err.find(": pending\n"); at != std::string::npos;
       at = run.err.find(": pending\n", at + 1)) {
    ++told;
  }
  EXPECT_EQ(told, 4U) << run.err;
}

TEST_F(SendingProgram, ExpiredIsExitCode7AndTheNextSendIsNew) {
  init_with_money();
  set_mood(test::Mood::kHold);
  EXPECT_EQ(send("12.50", {"--wait", "1s", "--valid-for", "1s"}).exit_code, 6);
  server_.with([](PracticeState& state) {
    state.node.set_ledger_time({4'000'000'000'000});
    return 0;
  });
  const auto expired = send("12.50", {"--json"});
  EXPECT_EQ(expired.exit_code, 7) << expired.out;
  EXPECT_EQ(error_code(expired), "expired");
  EXPECT_EQ(payments(), 0U);
  set_mood(test::Mood::kHonest);
  EXPECT_EQ(send("12.50").exit_code, 0);
  EXPECT_EQ(payments(), 1U);
}

// Whoever did not get the answer gets it from the same command, and nothing is paid again.
TEST_F(SendingProgram, AnAnswerThatCanNotBeWrittenIsGivenAgain) {
  init_with_money();
  std::string command = PEERPAY_PROGRAM;
  for (const auto& argument : complete(send_arguments("12.50", {}))) command += " " + argument;
  EXPECT_EQ(std::system((command + " > /dev/full 2> /dev/null").c_str()), 6 << 8);
  EXPECT_EQ(payments(), 1U);
  EXPECT_EQ(files_in("outbox"), 1U);
  const auto again = send("12.50");
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_TRUE(again.out.starts_with("paid 12.50 EUR")) << again.out;
  EXPECT_EQ(payments(), 1U);
  EXPECT_EQ(files_in("sent"), 1U);
}

TEST_F(SendingProgram, ResumeEndsAsTheWorstOfItsPaymentsWould) {
  init_with_money();
  const auto resume_expecting = [&](int exit_code, std::string_view code) {
    const auto run = peerpay({"resume", "--json", "--wait", "1s"});
    EXPECT_EQ(run.exit_code, exit_code) << run.out;
    EXPECT_EQ(error_code(run), code);
    const auto json = Json::parsed(run.out);
    return json && json->member("payments") ? json->member("payments")->array()->size() : 0;
  };
  set_mood(test::Mood::kRefuseFunds);
  EXPECT_EQ(send("1.00").exit_code, 3);
  EXPECT_EQ(resume_expecting(3, "refused_for_now"), 1U);
  set_mood(test::Mood::kHold);
  EXPECT_EQ(send("2.00", {"--wait", "1s"}).exit_code, 6);
  EXPECT_EQ(resume_expecting(6, "pending"), 2U);
  server_.with([](PracticeState& state) {
    state.node.set_ledger_time({4'000'000'000'000});
    return 0;
  });
  EXPECT_EQ(resume_expecting(7, "expired"), 2U);
  EXPECT_EQ(peerpay({"resume"}).exit_code, 0);
}

// One question takes as long as a call may; with the second the wait is long over.
TEST_F(SendingProgram, ResumeDoesNotSayRefusedWithoutAnAnswer) {
  init_with_money();
  set_mood(test::Mood::kRefuseFunds);
  EXPECT_EQ(send("1.00").exit_code, 3);
  EXPECT_EQ(send("2.00").exit_code, 3);
  const auto lookups_before = server_.with([](PracticeState& state) { return state.lookups; });
  server_.be_silent(true);
  const auto run = peerpay({"resume", "--wait", "1s"});
  EXPECT_EQ(run.exit_code, 6) << run.out << run.err;
  EXPECT_NE(run.out.find("did not answer in time"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("was not asked about"), std::string::npos) << run.out;
  EXPECT_EQ(run.out.find("was refused ("), std::string::npos) << run.out;
  EXPECT_EQ(server_.with([](PracticeState& state) { return state.lookups; }), lookups_before + 1);
  server_.be_silent(false);
  const auto answered = peerpay({"resume", "--wait", "1s"});
  EXPECT_EQ(answered.exit_code, 3) << answered.out;
}

// It is the second question that proves whether a refused payment has ended.
TEST_F(SendingProgram, ResumeDoesNotSayRefusedWithoutAProof) {
  init_with_money();
  set_mood(test::Mood::kRefuseFunds);
  EXPECT_EQ(send("1.00").exit_code, 3);
  const auto set_proving = [&](bool is_proving) {
    server_.with([&](PracticeState& state) { return state.node.is_proving = is_proving; });
  };
  set_proving(false);
  const auto run = peerpay({"resume", "--wait", "1s", "--json"});
  EXPECT_EQ(run.exit_code, 6) << run.out << run.err;
  EXPECT_EQ(error_code(run), "pending");
  EXPECT_NE(run.err.find("next:  repeat the same command, or: peerpay resume"), std::string::npos)
      << run.err;
  EXPECT_EQ(files_in("outbox"), 1U);
  set_proving(true);
  EXPECT_EQ(peerpay({"resume", "--wait", "1s"}).exit_code, 3);
}

// A node may have passed it on in spite of its refusal: "nothing is under way" would be a guess.
TEST_F(SendingProgram, ANodeThatIsAwayLeavesARefusedOrderOpen) {
  init_with_money();
  set_mood(test::Mood::kRefuseFunds);
  EXPECT_EQ(send("1.00").exit_code, 3);
  server_.stop();
  const auto same = send("1.00", {"--json"});
  EXPECT_EQ(same.exit_code, 6) << same.out;
  EXPECT_NE(same.err.find("peerpay resume"), std::string::npos) << same.err;
  EXPECT_EQ(send("2.00", {"--json"}).exit_code, 5);
  EXPECT_EQ(files_in("outbox"), 1U);
}

TEST_F(SendingProgram, ResumeTellsEachThatItClosesInALine) {
  init_with_money();
  set_mood(test::Mood::kRefuseFunds);
  EXPECT_EQ(send("1.00").exit_code, 3);
  set_mood(test::Mood::kHold);
  EXPECT_EQ(send("2.00", {"--wait", "1s"}).exit_code, 6);
  EXPECT_EQ(send("3.00", {"--wait", "1s", "--valid-for", "1s"}).exit_code, 6);
  server_.with([](PracticeState& state) {
    state.node.release_held();
    state.node.set_ledger_time({4'000'000'000'000});
    return 0;
  });
  const auto run = peerpay({"resume", "--wait", "1s"});
  EXPECT_NE(run.out.find("paid 2.00 EUR"), std::string::npos) << run.out << run.err;
  EXPECT_NE(run.out.find("was refused, and another payment took its place."), std::string::npos)
      << run.out << run.err;
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 3) << run.out;
}

TEST_F(SendingProgram, ResumeClosesWhatThePaymentsItFinishesReplace) {
  init_with_money();
  set_mood(test::Mood::kRefuseFunds);
  EXPECT_EQ(send("1.00").exit_code, 3);
  set_mood(test::Mood::kHold);
  EXPECT_EQ(send("2.00", {"--wait", "1s"}).exit_code, 6);
  set_mood(test::Mood::kHonest);
  const auto run = peerpay({"resume"});
  EXPECT_NE(run.out.find("paid 2.00 EUR"), std::string::npos) << run.out << run.err;
  EXPECT_NE(run.out.find("another payment took its place."), std::string::npos) << run.out;
  EXPECT_EQ(files_in("outbox"), 0U);
}

TEST_F(SendingProgram, BalanceHistoryAndShowAgree) {
  init_with_money();
  const auto paid = Json::parsed(send("12.50", {"--ref", "INV-7", "--json"}).out);
  ASSERT_TRUE(paid.has_value());
  const auto id = *paid->member_text("id");
  EXPECT_NE(peerpay({"balance", "--account", "payer"}).out.find("9987.48 EUR\n"),
            std::string::npos);
  const auto history = peerpay({"history", "--account", "payer"});
  EXPECT_NE(history.out.find("-12.50 EUR to " + payee() + " ref INV-7"), std::string::npos)
      << history.out;
  EXPECT_NE(history.out.find(id), std::string::npos);
  const auto shown = Json::parsed(peerpay({"show", id, "--json"}).out);
  ASSERT_TRUE(shown.has_value());
  EXPECT_EQ(shown->member("wallet")->member_text("state"), "final");
  EXPECT_EQ(shown->member("node")->member_text("state"), "final");
  EXPECT_EQ(peerpay({"show", "12"}).exit_code, 2);
  const auto unknown = peerpay({"show", std::string(64, '0'), "--json"});
  EXPECT_EQ(unknown.exit_code, 0) << unknown.err;
  EXPECT_EQ(Json::parsed(unknown.out)->member("node")->member_text("state"), "unknown");
}

TEST_F(SendingProgram, ReceiptsAreCheckedOffline) {
  init_with_money();
  const auto paid = Json::parsed(send("12.50", {"--json"}).out);
  ASSERT_TRUE(paid.has_value());
  const auto file = directory_.file("payment.receipt");
  const auto got = peerpay({"receipt", "get", *paid->member_text("id"), "-o", file});
  ASSERT_EQ(got.exit_code, 0) << got.err;
  server_.stop();
  const auto verified = run_peerpay(
      {"receipt", "verify", file, "--genesis", directory_.file("genesis.bcs"), "--json"});
  ASSERT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_EQ(Json::parsed(verified.out)->member_text("id"), paid->member_text("id"));
  EXPECT_EQ(Json::parsed(verified.out)->member_number("signers"), 3U);

  std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(60).put('\x7f');
  const auto forged = peerpay({"receipt", "verify", file, "--json"});
  EXPECT_EQ(forged.exit_code, 1);
  EXPECT_EQ(error_code(forged), "receipt_invalid");
}

TEST_F(SendingProgram, AReceiptGoesToStdoutOrToANewFile) {
  init_with_money();
  const auto paid = Json::parsed(send("12.50", {"--memo", "two coffees", "--json"}).out);
  ASSERT_TRUE(paid.has_value());
  const auto id = *paid->member_text("id");
  const auto get = [&](Arguments more) {
    Arguments arguments{"receipt", "get", id};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return peerpay(arguments);
  };
  const auto file = directory_.file("payment.receipt");
  const auto saved = get({"-o", file});
  ASSERT_EQ(saved.exit_code, 0) << saved.err;
  EXPECT_NE(saved.out.find("two coffees"), std::string::npos) << saved.out;
  const auto piped = get({"-o", "-"});
  ASSERT_EQ(piped.exit_code, 0) << piped.err;
  std::ifstream content{file, std::ios::binary};
  EXPECT_EQ(piped.out, std::string(std::istreambuf_iterator<char>{content}, {}));
  EXPECT_NE(piped.err.find("valid: finalized by"), std::string::npos) << piped.err;

  const auto failed = [&](Arguments more, int exit_code, std::string_view code) {
    more.push_back("--json");
    const auto run = get(more);
    EXPECT_EQ(run.exit_code, exit_code) << run.out;
    EXPECT_EQ(error_code(run), code);
    EXPECT_NE(run.err.find("next:"), std::string::npos) << run.err;
  };
  failed({"-o", file}, 1, "file_exists");
  failed({"-o", ""}, 2, "usage");
  failed({"-o", "-"}, 2, "usage");
}

TEST_F(SendingProgram, AReceiptOfNothingIsNotFound) {
  init_with_money();
  const auto run = peerpay({"receipt", "get", std::string(64, '0'), "--json"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(error_code(run), "receipt_not_found");
}

}  // namespace
}  // namespace peerpay::wallet::cli
