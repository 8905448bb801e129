#include "base/os/secret_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/os/file.h"
#include "tests/support/temporary_directory.h"

namespace peerpay::os {
namespace {

struct SecretFileTest : ::testing::Test {
  void SetUp() override {
    ASSERT_TRUE(write_file_atomically(path, base::as_bytes("secret"), {.mode = 0600}));
  }
  std::string read(std::size_t size_max = 64) const {
    const auto content = read_secret_file(path, size_max);
    return content ? base::to_text(*content) : content.error().sentence();
  }

  test::TemporaryDirectory directory;
  const std::string path = directory.file("key");
};

TEST_F(SecretFileTest, ReadsWhatItsOwnerAloneMayRead) {
  EXPECT_EQ(read(), "secret");
  EXPECT_EQ(read(6), "secret");
  ASSERT_EQ(::chmod(path.c_str(), 0400), 0);
  EXPECT_EQ(read(), "secret");
}

TEST_F(SecretFileTest, RefusesWhatOthersMayUse) {
  for (const mode_t mode : {0644U, 0640U, 0604U, 0620U, 0602U, 0610U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    const auto content = read_secret_file(path, 64);
    ASSERT_FALSE(content) << mode;
    EXPECT_EQ(content.error().fault, SecretFileFault::kOpenToOthers);
  }
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  EXPECT_EQ(read(), path + " holds a secret and others may use it (mode 0644). Mend it with: " +
                        "chmod 600 " + path);
}

TEST_F(SecretFileTest, RefusesLinksAndWhatIsNoFile) {
  const auto link = directory.file("link");
  ASSERT_EQ(::symlink(path.c_str(), link.c_str()), 0);
  const auto pipe = directory.file("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const auto& name : {link, pipe, directory.path()}) {
    const auto content = read_secret_file(name, 64);
    ASSERT_FALSE(content) << name;
    EXPECT_EQ(content.error().fault, SecretFileFault::kNotAPlainFile) << name;
  }
}

TEST_F(SecretFileTest, RefusesWhatIsMissingOrTooLong) {
  const auto missing = read_secret_file(directory.file("nothing"), 64);
  EXPECT_EQ(missing.error().io.errno_value, ENOENT);
  const auto long_one = read_secret_file(path, 5);
  ASSERT_FALSE(long_one);
  EXPECT_EQ(long_one.error().io.errno_value, EFBIG);
}

}  // namespace
}  // namespace peerpay::os
