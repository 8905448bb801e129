// Requests and their payment through the program: `peerpay request` and `peerpay pay`.

#include <gtest/gtest.h>

#include <csignal>

#include "tests/unit/wallet_cli/wallet_fixture.h"

namespace peerpay::wallet::cli {
namespace {

class RequestingProgram : public WalletFixture {
 protected:
  // Of the account "main".
  std::string requested(Arguments more = {}) {
    Arguments arguments{"request", "12.5", "EUR", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto run = peerpay(arguments);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return Json::parsed(run.out)->member_text("uri").value_or("");
  }
  Finished pay(const std::string& target, Arguments more = {}) {
    return peerpay(pay_arguments(target, std::move(more)));
  }
  static Arguments pay_arguments(const std::string& target, Arguments more) {
    Arguments out{"pay", target, "--from", "payer", "--yes"};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }
  std::string main_address() {
    const auto run = peerpay({"address"});
    return run.out.substr(0, run.out.find('\n'));
  }
  void expect_refusal(const Finished& run, int exit_code, std::string_view code) {
    EXPECT_EQ(run.exit_code, exit_code) << run.out << run.err;
    EXPECT_EQ(error_code(run), code);
  }
};

TEST_F(RequestingProgram, ARequestIsAUriOnStdout) {
  init();
  const auto run = peerpay({"request", "12.5", "EUR", "--label", "Corner Shop"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_TRUE(run.out.starts_with("peerpay:" + main_address() + "?amount=12.50&asset=EUR&ref=R-"))
      << run.out;
  EXPECT_NE(run.out.find("&label=Corner%20Shop&exp="), std::string::npos) << run.out;
  EXPECT_EQ(run.err.find("\x1b["), std::string::npos) << "a QR code without a terminal";
  EXPECT_NE(requested(), requested()) << "references tell requests apart";
}

TEST_F(RequestingProgram, TheQrCodeGoesToStderr) {
  init();
  const auto run = peerpay({"request", "1", "EUR", "--qr"});
  EXPECT_NE(run.err.find("\x1b[38;5;16;48;5;231m"), std::string::npos);
  EXPECT_EQ(run.out.find('\x1b'), std::string::npos);
  Terminal terminal(PEERPAY_PROGRAM, complete({"request", "1", "EUR"}));
  EXPECT_TRUE(terminal.expect("\u2580"));
  EXPECT_TRUE(terminal.expect("peerpay:tpeer1"));
  EXPECT_EQ(terminal.wait().exit_code, 0);
}

TEST_F(RequestingProgram, JsonHasEveryFact) {
  init();
  const auto run = peerpay({"request", "12.5", "EUR", "--json", "--ref", "INV-7", "--tag", "42",
                            "--message", "two\u00a0coffees", "--expires", "1h"});
  const auto json = Json::parsed(run.out);
  ASSERT_TRUE(json.has_value()) << run.out;
  EXPECT_EQ(json->member_text("state"), "open");
  EXPECT_EQ(json->member_text("reference"), "INV-7");
  EXPECT_EQ(json->member("amount")->member_text("units"), "1250");
  EXPECT_EQ(json->member_text("account"), "main");
  EXPECT_TRUE(json->member_number("expires_ms").has_value());
  const auto tagged = peerpay({"address", "--tag", "42"}).out;
  EXPECT_EQ(*json->member_text("address") + "\n", tagged);
}

TEST_F(RequestingProgram, MistakesInRequestsAreUsage) {
  init();
  const auto refused = [&](Arguments arguments, std::string_view code) {
    arguments.insert(arguments.begin(), {"request", "--json"});
    expect_refusal(peerpay(arguments), 2, code);
  };
  refused({"0", "EUR"}, "amount_zero");
  refused({"1.234", "EUR"}, "amount_malformed");
  refused({"1", "DOGE"}, "asset_unknown");
  refused({"1", "EUR", "--ref", std::string(33, 'x')}, "text_too_long");
  refused({"1", "EUR", "--label", "\x1b[2J"}, "request_malformed");
  refused({"1", "EUR", "--label", std::string(3000, 'x')}, "request_malformed");
  refused({"1", "EUR", "--expires", "8d"}, "usage");
  refused({"1", "EUR", "--wait=soon"}, "usage");
  refused({"1", "EUR", "--qr", "--no-qr"}, "usage");
}

TEST_F(RequestingProgram, PayingTheUriPaysTheRequest) {
  init_with_money();
  const auto uri = requested({"--ref", "INV-7"});
  const auto paid = pay(uri, {"--json"});
  ASSERT_EQ(paid.exit_code, 0) << paid.err;
  const auto json = Json::parsed(paid.out);
  EXPECT_EQ(json->member_text("state"), "final");
  EXPECT_EQ(json->member("payment")->member_text("to"), main_address());
  EXPECT_EQ(json->member("payment")->member_text("reference"), "INV-7");
  EXPECT_EQ(json->member("payment")->member("amount")->member_text("amount"), "12.50");

  const auto waited = peerpay({"request", "12.5", "EUR", "--ref", "INV-7", "--wait", "--json"});
  ASSERT_EQ(waited.exit_code, 0) << waited.err;
  const auto received = Json::parsed(waited.out);
  EXPECT_EQ(received->member_text("state"), "paid");
  EXPECT_EQ(received->member("payment")->member_text("id"), json->member_text("id"));
  EXPECT_EQ(received->member("payment")->member_text("from"),
            json->member("payment")->member_text("from"));
}

TEST_F(RequestingProgram, WaitReturnsWhenItIsPaid) {
  init_with_money();
  Running waiting(complete({"request", "3", "EUR", "--ref", "W-1", "--wait"}));
  const auto uri = requested({"--ref", "W-1"});
  ASSERT_EQ(pay(uri).exit_code, 0);
  const auto done = waiting.wait();
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("peerpay:tpeer1")) << done.out;
  EXPECT_NE(done.out.find("\npaid 12.50 EUR by tpeer1"), std::string::npos) << done.out;
}

TEST_F(RequestingProgram, WaitEndsUnpaidOrExpired) {
  init();
  const auto unpaid = peerpay({"request", "1", "EUR", "--wait=1s", "--json"});
  expect_refusal(unpaid, 6, "unpaid");
  EXPECT_EQ(Json::parsed(unpaid.out)->member_text("state"), "open");
  server_.with([](PracticeState& state) {
    state.node.set_ledger_time({4'000'000'000'000});
    return 0;
  });
  const auto expired = peerpay({"request", "1", "EUR", "--wait", "--json"});
  expect_refusal(expired, 7, "expired_unpaid");
  EXPECT_EQ(Json::parsed(expired.out)->member_text("state"), "expired");
}

TEST_F(RequestingProgram, CtrlCSaysHowToWaitOn) {
  init();
  Terminal terminal(PEERPAY_PROGRAM, complete({"request", "1", "EUR", "--ref", "W-2", "--wait"}));
  ASSERT_TRUE(terminal.expect("peerpay:tpeer1"));
  kill(terminal.pid(), SIGINT);
  ASSERT_TRUE(terminal.expect("--ref 'W-2' --wait"));
  EXPECT_EQ(terminal.wait().exit_code, 130);
}

TEST_F(RequestingProgram, TheConfirmationTellsClaimsFromFacts) {
  init_with_money();
  const auto uri = requested({"--label", "Corner Shop", "--message", "two coffees"});
  const auto shown = pay(uri, {"--dry-run"});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  const auto claims = shown.out.find("The payee says, and nobody has checked:\n");
  ASSERT_NE(claims, std::string::npos) << shown.out;
  EXPECT_LT(shown.out.find("  pay        12.50 EUR\n"), claims);
  EXPECT_LT(shown.out.find("  reference  R-"), claims);
  EXPECT_GT(shown.out.find("  who        Corner Shop\n"), claims);
  EXPECT_GT(shown.out.find("  what for   two coffees\n"), claims);
  EXPECT_EQ(payments(), 0U);
}

TEST_F(RequestingProgram, NothingIsPaidBeforeAPersonAgrees) {
  init_with_money();
  const auto uri = requested({"--label", "Corner Shop"});
  const auto without = peerpay({"pay", uri, "--from", "payer", "--json"});
  expect_refusal(without, 2, "confirmation_missing");
  Terminal terminal(PEERPAY_PROGRAM, complete({"pay", uri, "--from", "payer"}));
  ASSERT_TRUE(terminal.expect("who        Corner Shop"));
  ASSERT_TRUE(terminal.expect("Pay? [y/N]"));
  terminal.type("n\n");
  EXPECT_EQ(terminal.wait().exit_code, 1);
  EXPECT_EQ(payments(), 0U);
}

TEST_F(RequestingProgram, APaymentNeverOutlivesItsRequest) {
  init_with_money();
  const auto uri = requested({"--expires", "1m"});
  const auto until = std::stoull(uri.substr(uri.find("&exp=") + 5)) * 1000;
  const auto dry = Json::parsed(pay(uri, {"--dry-run", "--valid-for", "1h", "--json"}).out);
  EXPECT_EQ(dry->member_number("valid_until_ms"), until);
}

TEST_F(RequestingProgram, AnExpiredRequestIsNotPaid) {
  init_with_money();
  const auto open = requested();
  const auto past = open.substr(0, open.find("&exp=")) + "&exp=1700000001";
  expect_refusal(pay(past, {"--json"}), 3, "request_expired");
  server_.with([](PracticeState& state) {  // by the ledger's time
    state.node.set_ledger_time({4'000'000'000'000});
    return 0;
  });
  expect_refusal(pay(open, {"--json"}), 3, "request_expired");
  EXPECT_EQ(payments(), 0U);
}

TEST_F(RequestingProgram, ARequestIsPaidOnce) {
  init_with_money();
  const auto uri = requested();
  ASSERT_EQ(pay(uri).exit_code, 0);
  expect_refusal(pay(uri, {"--json"}), 3, "already_paid");
  auto more = uri;
  more.replace(more.find("12.50"), 5, "99.00");
  expect_refusal(pay(more, {"--json"}), 3, "already_paid");
  EXPECT_EQ(payments(), 1U);
  EXPECT_EQ(pay(uri, {"--again"}).exit_code, 0);
  EXPECT_EQ(payments(), 2U);
}

TEST_F(RequestingProgram, ARequestWithoutAReferenceMayBePaidAgain) {
  init_with_money();
  const auto uri = "peerpay:" + main_address() + "?amount=1&asset=EUR";
  EXPECT_EQ(pay(uri).exit_code, 0);
  EXPECT_EQ(pay(uri).exit_code, 0);
  EXPECT_EQ(payments(), 2U);
}

TEST_F(RequestingProgram, AnInterruptedPayResumesWithTheSameBytes) {
  init_with_money();
  set_mood(test::Mood::kHold);
  const auto uri = requested();
  Running running(complete(pay_arguments(uri, {})));
  server_.await_submissions(1);
  running.send_signal(SIGKILL);
  EXPECT_EQ(running.wait().exit_code, 128 + SIGKILL);
  auto more = uri;
  more.replace(more.find("12.50"), 5, "99.00");
  expect_refusal(pay(more, {"--json"}), 6, "other_payment_pending");
  set_mood(test::Mood::kHonest);
  const auto resumed = pay(uri);
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_NE(resumed.err.find("resuming payment"), std::string::npos);
  EXPECT_EQ(payments(), 1U);
  EXPECT_EQ(server_.with([](PracticeState& s) { return s.node.distinct_submissions(); }), 1U);
}

// Port 1 of this machine: nobody listens there.
TEST_F(RequestingProgram, AShopThatIsAwayLeavesWhatIsPendingPending) {
  init_with_money();
  const auto* link = "http://127.0.0.1:1/c/inv_1";
  expect_refusal(pay(link, {"--json"}), 5, "shop_unreachable");
  set_mood(test::Mood::kHold);
  EXPECT_EQ(pay(requested(), {"--wait", "1s"}).exit_code, 6);
  const auto away = pay(link, {"--json"});
  expect_refusal(away, 6, "shop_unreachable");
  EXPECT_NE(away.err.find("peerpay resume"), std::string::npos) << away.err;
}

TEST_F(RequestingProgram, PlainHttpIsForThisMachineAlone) {
  init_with_money();
  expect_refusal(pay("http://192.0.2.1/c/inv_1", {"--json"}), 2, "link_refused");
  expect_refusal(pay("http://localhost.example/c/inv_1", {"--json"}), 2, "link_refused");
  expect_refusal(pay("http://127.0.0.1@192.0.2.1/", {"--json"}), 2, "link_malformed");
  expect_refusal(pay("http://localhost:1/c/inv_1", {"--json"}), 5, "shop_unreachable");
}

TEST_F(RequestingProgram, WhatTheRequestLeavesOpenIsTyped) {
  init_with_money();
  const auto bare = "peerpay:" + main_address();
  expect_refusal(pay(bare, {"--json"}), 2, "request_incomplete");
  expect_refusal(pay(bare, {"--json", "--amount", "1"}), 2, "request_incomplete");
  EXPECT_EQ(pay(bare, {"--amount", "1", "--asset", "EUR"}).exit_code, 0);
  const auto whole = bare + "?amount=1.00&asset=EUR";
  EXPECT_EQ(pay(whole, {"--amount", "1.00", "--asset", "EUR"}).exit_code, 0);
  expect_refusal(pay(whole, {"--json", "--amount", "2"}), 2, "request_differs");
  expect_refusal(pay(whole, {"--json", "--asset", "USD"}), 2, "request_differs");
}

TEST_F(RequestingProgram, WhatIsNoRequestIsUsage) {
  init_with_money();
  expect_refusal(pay("bitcoin:1abc", {"--json"}), 2, "uri_malformed");
  expect_refusal(pay(main_address(), {"--json"}), 2, "uri_malformed");
  const auto demanding = pay("peerpay:" + main_address() + "?req-escrow=1", {"--json"});
  expect_refusal(demanding, 2, "uri_malformed");
  EXPECT_NE(demanding.err.find("req-escrow"), std::string::npos);
  expect_refusal(pay("peerpay:" + main_address() + "?amount=1&asset=DOGE", {"--json"}), 2,
                 "asset_unknown");
}

}  // namespace
}  // namespace peerpay::wallet::cli
