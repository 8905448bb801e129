#include "node/app/home.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "node/app/signer.h"
#include "node/app/testnet.h"
#include "node/app/validator_keys.h"
#include "node/storage/store.h"
#include "tests/support/temporary_directory.h"

namespace peerpay::app {
namespace {

namespace fs = std::filesystem;

struct HomeTest : ::testing::Test {
  void SetUp() override {
    TestnetOptions options;
    options.output = directory.file("net");
    options.assets = testnet_assets();
    auto made = make_testnet(options);
    ASSERT_TRUE(made) << made.error().sentence;
    net = std::move(*made);
    paths = HomePaths{net.nodes[0].home};
  }
  Failure failure() const {
    const auto home = load_home(paths.directory);
    return home ? Failure{ExitCode::kOk, "loaded"} : home.error();
  }
  // As after `init --home`, before `init --genesis`.
  void take_genesis_away() const {
    fs::remove(paths.genesis);
    fs::remove(paths.sign_log);
  }
  base::Expected<void, Failure> give_genesis(KeyHistory history) const {
    return write_genesis(paths, net.genesis, net.genesis.validators[0].key, history);
  }

  peerpay::test::TemporaryDirectory directory;
  Testnet net;
  HomePaths paths{""};
};

TEST_F(HomeTest, IsWhatTheGenesisSaysItIs) {
  const auto home = load_home(net.nodes[2].home);
  ASSERT_TRUE(home) << home.error().sentence;
  EXPECT_EQ(home->validator_index, 2U);
  EXPECT_EQ(home->validator_key.public_key(), net.genesis.validators[2].key);
  EXPECT_EQ(home->network.chain, ledger::chain_id(net.genesis));
}

TEST_F(HomeTest, KeysThatOthersMayReadAreRefused) {
  for (const auto& key : {paths.validator_key, paths.tls_key}) {
    ASSERT_EQ(::chmod(key.c_str(), 0644), 0);
    EXPECT_EQ(failure().code, ExitCode::kUsage);
    EXPECT_NE(failure().sentence.find("chmod 600 " + key), std::string::npos) << failure().sentence;
    ASSERT_EQ(::chmod(key.c_str(), 0600), 0);
  }
  EXPECT_EQ(failure().sentence, "loaded");
}

TEST_F(HomeTest, KeysBehindALinkAreRefused) {
  const auto elsewhere = directory.file("elsewhere");
  fs::rename(paths.validator_key, elsewhere);
  fs::create_symlink(elsewhere, paths.validator_key);
  EXPECT_EQ(failure().code, ExitCode::kUsage);
}

// What is checked by name when the store is opened need not be checked account by account before.
TEST_F(HomeTest, TheAccountsOfAGenesisAreCheckedUntilAStoreVouchesForThem) {
  auto genesis = net.genesis;
  ledger::GenesisAccount no_key;
  no_key.id.bytes.fill(0xff);
  genesis.accounts.push_back(no_key);
  std::ofstream{paths.genesis, std::ios::binary | std::ios::trunc}
      << base::to_text(ledger::encode(genesis));
  EXPECT_EQ(failure().code, ExitCode::kDataCorrupt);
  EXPECT_NE(failure().sentence.find("no valid public key"), std::string::npos);

  constexpr auto kNoHistory = storage::HistoryIndex::kNone;
  ASSERT_TRUE(storage::Store::open(paths.store, ledger::network_of(net.genesis), kNoHistory));
  const auto home = load_home(paths.directory);
  ASSERT_TRUE(home) << home.error().sentence;
  const auto store = storage::Store::open(paths.store, home->network, kNoHistory);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().fault, storage::StorageFault::kIdentityMismatch);
}

TEST_F(HomeTest, TheAdviceFitsWhatIsWrongWithTheGenesis) {
  const auto said = [&](std::string_view words) {
    return failure().sentence.find(words) != std::string::npos;
  };
  const auto aside = directory.file("genesis");
  fs::rename(paths.genesis, aside);
  EXPECT_EQ(failure().code, ExitCode::kUsage);
  EXPECT_TRUE(said("peerpayd init and testnet make homes.")) << failure().sentence;
  fs::create_directory(paths.genesis);
  EXPECT_EQ(failure().code, ExitCode::kUsage);
  EXPECT_TRUE(said("not a plain file") && !said("make homes")) << failure().sentence;
  fs::remove(paths.genesis);
  ASSERT_EQ(::mkfifo(paths.genesis.c_str(), 0600), 0);
  EXPECT_TRUE(said("not a plain file")) << failure().sentence;
}

TEST_F(HomeTest, AGenesisStopsBeingCheckedWhenTold) {
  const auto home = load_home(paths.directory, [] { return true; });
  ASSERT_FALSE(home);
  EXPECT_EQ(home.error().code, ExitCode::kOk);
}

TEST_F(HomeTest, ASignLogThatTheSystemRefusesIsNotCalledDamaged) {
  auto home = load_home(paths.directory);
  ASSERT_TRUE(home) << home.error().sentence;
  fs::remove(paths.sign_log);
  fs::create_directory(paths.sign_log);
  const auto signer = Signer::open(*home);
  ASSERT_FALSE(signer);
  EXPECT_EQ(signer.error().code, ExitCode::kUsage) << signer.error().sentence;
}

TEST_F(HomeTest, AnotherValidatorsTlsKeyIsRefused) {
  const HomePaths other{net.nodes[1].home};
  fs::copy_file(other.tls_key, paths.tls_key, fs::copy_options::overwrite_existing);
  EXPECT_EQ(failure().code, ExitCode::kDataCorrupt);
}

TEST_F(HomeTest, ARestoredKeyGetsASignLogThatSaysThatVotesAreMissing) {
  take_genesis_away();
  ASSERT_TRUE(give_genesis(KeyHistory::kMayHaveVoted));
  auto home = load_home(paths.directory);
  ASSERT_TRUE(home) << home.error().sentence;
  const auto signer = Signer::open(*home);
  ASSERT_TRUE(signer && *signer);
  EXPECT_TRUE(consensus::is_incomplete((*signer)->journal))
      << "it may vote a second time in a view";
}

// What a crash between the log and the genesis leaves must not be taken for the other kind.
TEST_F(HomeTest, ALogThatSaysNeverVotedIsNotTakenForARestoredOne) {
  take_genesis_away();
  ASSERT_TRUE(Signer::create_log(paths.sign_log, ledger::chain_id(net.genesis),
                                 net.genesis.validators[0].key, KeyHistory::kMayHaveVoted));
  EXPECT_FALSE(give_genesis(KeyHistory::kNeverVoted));
  EXPECT_TRUE(give_genesis(KeyHistory::kMayHaveVoted));
}

TEST_F(HomeTest, AGenesisThatIsThereIsLeftAloneAndSoIsALostSignLog) {
  fs::remove(paths.sign_log);
  EXPECT_FALSE(give_genesis(KeyHistory::kNeverVoted));
  EXPECT_FALSE(fs::exists(paths.sign_log));
}

TEST_F(HomeTest, ACrashBeforeTheGenesisIsMendedByAskingAgain) {
  take_genesis_away();
  ASSERT_TRUE(Signer::create_log(paths.sign_log, ledger::chain_id(net.genesis),
                                 net.genesis.validators[0].key, KeyHistory::kNeverVoted));
  const auto again = give_genesis(KeyHistory::kNeverVoted);
  ASSERT_TRUE(again) << again.error().sentence;
  auto home = load_home(paths.directory);
  ASSERT_TRUE(home) << home.error().sentence;
  EXPECT_TRUE(*Signer::open(*home));
}

TEST_F(HomeTest, ASignLogOfAnotherValidatorIsNotTakenOver) {
  take_genesis_away();
  ASSERT_TRUE(Signer::create_log(paths.sign_log, ledger::chain_id(net.genesis),
                                 net.genesis.validators[1].key, KeyHistory::kNeverVoted));
  EXPECT_FALSE(give_genesis(KeyHistory::kNeverVoted));
  EXPECT_FALSE(fs::exists(paths.genesis));
}

}  // namespace
}  // namespace peerpay::app
