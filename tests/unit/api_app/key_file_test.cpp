#include "api/app/key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/temporary_directory.h"

namespace peerpay::api {
namespace {

constexpr std::chrono::seconds kPatience{10};

class KeyFileTest : public testing::Test {
 protected:
  ApiKey make(const std::string& secret) {
    ApiKey key;
    key.name = "shop";
    key.scopes = {Scope::kInvoicesRead, Scope::kEventsRead};
    key.hash = hash_api_key(secret);
    key.created_at = {1'700'000'000'000};
    return key;
  }
  Result<void> add(const ApiKey& key) {
    return file_.update([&](std::vector<ApiKey>& keys) -> Result<void> {
      keys.push_back(key);
      return {};
    });
  }
  std::string path() const { return directory_.path() + "/api_keys.json"; }

  test::TemporaryDirectory directory_;
  KeyFile file_{directory_.path()};
};

TEST_F(KeyFileTest, NoFileIsNoKeys) { EXPECT_TRUE(file_.read()->empty()); }

TEST_F(KeyFileTest, KeepsHashesAndNothingThatOpensADoor) {
  ASSERT_TRUE(add(make("sk_test_secret")));
  const auto keys = file_.read();
  ASSERT_EQ(keys->size(), 1U);
  EXPECT_EQ(keys->front(), make("sk_test_secret"));
  EXPECT_NE(find_api_key(*keys, "sk_test_secret"), nullptr);
  EXPECT_EQ(find_api_key(*keys, "sk_test_other"), nullptr);
  std::ifstream in{path()};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  EXPECT_EQ(text.find("secret"), std::string::npos);
  struct stat status = {};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(KeyFileTest, ARefusedChangeWritesNothing) {
  ASSERT_TRUE(add(make("a")));
  const auto before = file_.version();
  const auto refused = file_.update([](std::vector<ApiKey>& keys) -> Result<void> {
    keys.clear();
    return fail(ExitCode::kError, "No.");
  });
  EXPECT_FALSE(refused);
  EXPECT_EQ(file_.version(), before);
  EXPECT_EQ(file_.read()->size(), 1U);
}

TEST_F(KeyFileTest, ADamagedFileIsRefusedAndLeftAlone) {
  for (const auto* text : {"", "{}", "[]", R"({"format":2,"keys":[]})", R"({"format":1})",
                           R"({"format":1,"keys":[{}]})", R"({"format":1,"keys":[)"}) {
    std::ofstream{path()} << text;
    ASSERT_EQ(::chmod(path().c_str(), 0600), 0);
    const auto keys = file_.read();
    ASSERT_FALSE(keys) << text;
    EXPECT_EQ(keys.error().code, ExitCode::kDataCorrupt) << text;
    EXPECT_FALSE(add(make("a"))) << text;
  }
}

TEST_F(KeyFileTest, AFileThatOthersMayReadIsRefused) {
  ASSERT_TRUE(add(make("a")));
  ASSERT_EQ(::chmod(path().c_str(), 0644), 0);
  EXPECT_FALSE(file_.read());
}

TEST_F(KeyFileTest, ARunningGatewayNoticesChangesAndKeepsItsKeysWhenItCannotRead) {
  ASSERT_TRUE(add(make("a")));
  std::vector<std::string> troubles;
  LiveKeys live{file_, *file_.read(), [&](const std::string& text) { troubles.push_back(text); }};
  EXPECT_EQ(live.keys().size(), 1U);
  ASSERT_TRUE(add(make("b")));
  EXPECT_TRUE(test::eventually(kPatience, [&] { return live.keys().size() == 2; }));
  ASSERT_TRUE(file_.update([](std::vector<ApiKey>& keys) -> Result<void> {
    keys.clear();
    return {};
  }));
  EXPECT_TRUE(test::eventually(kPatience, [&] { return live.keys().empty(); }));
  ASSERT_TRUE(add(make("c")));
  EXPECT_TRUE(test::eventually(kPatience, [&] { return live.keys().size() == 1; }));
  std::ofstream{path()} << "damaged";
  EXPECT_TRUE(test::eventually(kPatience, [&] {
    (void)live.keys();
    return !troubles.empty();
  }));
  EXPECT_EQ(live.keys().size(), 1U);
}

}  // namespace
}  // namespace peerpay::api
