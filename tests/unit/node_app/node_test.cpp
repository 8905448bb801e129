#include "node/app/node.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "node/app/promises.h"
#include "node/app/recovery.h"
#include "node/app/testnet.h"
#include "tests/support/temporary_directory.h"

namespace peerpay::app {
namespace {

namespace fs = std::filesystem;

struct NodeTest : ::testing::Test {
  void make(std::uint32_t validators) {
    TestnetOptions options;
    options.output = directory.file("net");
    options.assets = testnet_assets();
    options.validators = validators;
    auto made = make_testnet(options);
    ASSERT_TRUE(made) << made.error().sentence;
    path = made->nodes[0].home;
  }
  // On ports of the system's choice.
  Home home() const {
    auto loaded = load_home(path);
    EXPECT_TRUE(loaded) << loaded.error().sentence;
    loaded->config.peer_listen = loaded->config.client_listen = "127.0.0.1:0";
    return std::move(*loaded);
  }
  static base::Expected<std::unique_ptr<Node>, Failure> start(
      Home home, const base::ShouldStop& should_stop = base::never_stop) {
    return Node::start(
        std::move(home), [](const Failure& failure) { ADD_FAILURE() << failure.sentence; },
        should_stop);
  }
  ExitCode code_of_start(Home home) const {
    const auto node = start(std::move(home));
    return node ? ExitCode::kOk : node.error().code;
  }

  peerpay::test::TemporaryDirectory directory;
  std::string path;
};

// However early it is told; and the next start is as if nothing had been.
TEST_F(NodeTest, StopsBeforeItRunsWhenTold) {
  make(4);
  int asked_until = 0;
  for (bool stopped = true; stopped; ++asked_until) {
    int asked = 0;
    const auto node = start(home(), [&] { return asked++ == asked_until; });
    stopped = !node;
    ASSERT_TRUE(node || node.error().code == ExitCode::kOk) << node.error().sentence;
  }
  EXPECT_GT(asked_until, 3);
}

TEST_F(NodeTest, EvidenceThatHasNoPlaceIsSaidAtTheStart) {
  make(4);
  ASSERT_TRUE(os::write_file_atomically(path + "/evidence", {}, {}));
  const auto node = start(home());
  ASSERT_FALSE(node);
  EXPECT_EQ(node.error().code, ExitCode::kUsage);
  EXPECT_NE(node.error().sentence.find(path + "/evidence"), std::string::npos);
}

TEST_F(NodeTest, TheClientsTlsKeyIsASecretToo) {
  make(4);
  auto changed = home();
  changed.config.client_tls_certificate = changed.paths.tls_certificate;
  changed.config.client_tls_key = directory.file("client.key");
  fs::copy_file(changed.paths.tls_key, changed.config.client_tls_key);
  ASSERT_EQ(::chmod(changed.config.client_tls_key.c_str(), 0644), 0);
  const auto node = start(std::move(changed));
  ASSERT_FALSE(node);
  EXPECT_EQ(node.error().code, ExitCode::kUsage);
  EXPECT_NE(node.error().sentence.find("client.tls_key: "), std::string::npos);
  EXPECT_NE(node.error().sentence.find("chmod 600"), std::string::npos) << node.error().sentence;
}

// S32, with a log that shows a block that is in no store.
struct LostBlockTest : NodeTest {
  void vote_for_a_block_that_is_gone() {
    auto opened = open_promises(*with_log);
    ASSERT_TRUE(opened && opened->signer);
    consensus::Proposal gone{{7}, {6}, {}};
    gone.digest.bytes.fill(7);
    ASSERT_TRUE(opened->signer->persist({consensus::OwnVote{consensus::Subject::finalize(gone)}}));
  }
  ExitCode compare() {
    auto own = home();
    auto promises = open_promises(own);
    auto recovered = recover(own, base::never_stop);
    EXPECT_TRUE(promises && recovered);
    const auto compared = compare_with_store(*promises, own, *recovered->store);
    sentence = compared ? "" : compared.error().sentence;
    EXPECT_TRUE(!compared || promises->signer);
    return compared ? ExitCode::kOk : compared.error().code;
  }
  std::optional<Home> with_log;
  std::string sentence;
};

TEST_F(LostBlockTest, WhatNobodyElseHasIsRefused) {
  make(1);
  with_log = home();
  EXPECT_EQ(compare(), ExitCode::kOk);
  vote_for_a_block_that_is_gone();
  EXPECT_EQ(compare(), ExitCode::kDataCorrupt);
  EXPECT_NE(sentence.find(path + "/store lacks blocks up to view 7"), std::string::npos)
      << sentence;
}

TEST_F(LostBlockTest, WhatOthersHaveIsTold) {
  make(4);
  with_log = home();
  vote_for_a_block_that_is_gone();
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(compare(), ExitCode::kOk);
  const auto log = ::testing::internal::GetCapturedStdout();
  EXPECT_NE(log.find("fetched from the other validators"), std::string::npos) << log;
}

}  // namespace
}  // namespace peerpay::app
