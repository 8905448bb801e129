#include "base/os/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "tests/support/temporary_directory.h"

namespace peerpay::os {
namespace {

constexpr std::size_t kSizeMax = 1024;

mode_t mode_of(const std::string& path) {
  struct stat status = {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777;
}

std::size_t entries_of(const std::string& directory) {
  const std::filesystem::directory_iterator entries{directory};
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

std::string text_of(const std::string& path) {
  const auto content = read_file(path, kSizeMax);
  return content ? base::to_text(*content) : content.error().sentence();
}

int error_of(const IoExpected<void>& result) { return result ? 0 : result.error().errno_value; }

// Narrow umasks must not change what a file ends up as.
struct ScopedUmask {
  explicit ScopedUmask(mode_t mask) : before{::umask(mask)} {}
  ~ScopedUmask() { ::umask(before); }
  mode_t before;
};

TEST(ReadFile, ReturnsTheWholeContentUpToTheLimit) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("content");
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1024},
                                 std::size_t{65536}, std::size_t{65537}, std::size_t{200000}}) {
    base::Bytes content(size);
    for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<std::uint8_t>(i * 31);
    ASSERT_TRUE(write_file_atomically(path, content, {}));
    const auto read = read_file(path, size);
    ASSERT_TRUE(read) << size;
    EXPECT_EQ(*read, content);
  }
}

TEST(ReadFile, RefusesOneByteAboveTheLimit) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("content");
  ASSERT_TRUE(write_file_atomically(path, base::as_bytes("12345"), {}));
  const auto read = read_file(path, 4);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().errno_value, EFBIG);
  EXPECT_EQ(read.error().sentence(), "Cannot read " + path + ": File too large.");
}

// Nobody writes into the pipe: who waited for it would wait for ever.
TEST(ReadFile, RefusesWhatIsNoPlainFile) {
  const test::TemporaryDirectory directory;
  const std::string pipe = directory.file("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& path : {pipe, directory.path(), std::string{"/dev/zero"}}) {
    const auto read = read_file(path, kSizeMax);
    ASSERT_FALSE(read) << path;
    EXPECT_EQ(read.error().errno_value, kNoPlainFile);
    EXPECT_EQ(read.error().sentence(), "Cannot read " + path + ": It is not a plain file.");
  }
}

TEST(ReadInput, TakesWhatAPipeGives) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  ASSERT_EQ(::write(pipe[1], "content", 7), 7);
  ::close(pipe[1]);
  const auto read = read_input("/dev/fd/" + std::to_string(pipe[0]), kSizeMax);
  ::close(pipe[0]);
  ASSERT_TRUE(read) << read.error().sentence();
  EXPECT_EQ(base::to_text(*read), "content");
}

TEST(ReadInput, StopsReadingAnEndlessFile) {
  const auto read = read_input("/dev/zero", 100);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().errno_value, EFBIG);
}

TEST(ReadFile, NamesWhatIsMissing) {
  const test::TemporaryDirectory directory;
  const auto missing = read_file(directory.file("missing"), kSizeMax);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().errno_value, ENOENT);
}

TEST(WriteFileAtomically, ReplacesTheContentAndLeavesNoTemporaryFile) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("key");
  ASSERT_TRUE(write_file_atomically(path, base::as_bytes("first"), {}));
  ASSERT_TRUE(write_file_atomically(path, base::as_bytes("second"), {}));
  EXPECT_EQ(text_of(path), "second");
  EXPECT_EQ(entries_of(directory.path()), 1U);
}

TEST(WriteFileAtomically, GivesTheExactModeWhateverTheUmask) {
  const test::TemporaryDirectory directory;
  const ScopedUmask narrow{0077};
  const std::string open = directory.file("open");
  ASSERT_TRUE(write_file_atomically(open, {}, {.mode = 0644}));
  EXPECT_EQ(mode_of(open), mode_t{0644});
  const ScopedUmask wide{0};
  const std::string secret = directory.file("secret");
  ASSERT_TRUE(write_file_atomically(secret, {}, {}));
  EXPECT_EQ(mode_of(secret), mode_t{0600});
}

TEST(WriteFileAtomically, RefusesToReplaceWhenAsked) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("key");
  const WriteOptions once = {.existing = Existing::kRefuse};
  ASSERT_TRUE(write_file_atomically(path, base::as_bytes("first"), once));
  const auto again = write_file_atomically(path, base::as_bytes("second"), once);
  EXPECT_EQ(error_of(again), EEXIST);
  EXPECT_EQ(again.error().path, path);
  EXPECT_EQ(text_of(path), "first");
  EXPECT_EQ(entries_of(directory.path()), 1U);
}

TEST(WriteFileAtomically, ReplacesASymbolicLinkInsteadOfFollowingIt) {
  const test::TemporaryDirectory directory;
  const std::string target = directory.file("target");
  const std::string link = directory.file("link");
  ASSERT_TRUE(write_file_atomically(target, base::as_bytes("untouched"), {}));
  ASSERT_EQ(::symlink(target.c_str(), link.c_str()), 0);
  ASSERT_TRUE(write_file_atomically(link, base::as_bytes("new"), {}));
  EXPECT_EQ(text_of(target), "untouched");
  EXPECT_EQ(text_of(link), "new");
  EXPECT_FALSE(std::filesystem::is_symlink(link));
}

TEST(WriteFileAtomically, LeavesTheOldContentAndNoTemporaryFileOnFailure) {
  const test::TemporaryDirectory directory;
  const std::string blocked = directory.file("folder");
  ASSERT_TRUE(create_directories(blocked + "/inside", 0700));
  // A directory can't be replaced by a file, and that shows only at the rename.
  const auto failed = write_file_atomically(blocked, base::as_bytes("x"), {});
  EXPECT_EQ(error_of(failed), EISDIR);
  EXPECT_EQ(failed.error().path, blocked);
  EXPECT_EQ(entries_of(directory.path()), 1U);
  EXPECT_EQ(error_of(write_file_atomically(directory.file("a/b"), {}, {})), ENOENT);
}

TEST(WriteFileAtomically, TakesANameWithoutADirectory) {
  const test::TemporaryDirectory directory;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(directory.path());
  const auto written = write_file_atomically("plain", base::as_bytes("here"), {});
  std::filesystem::current_path(before);
  ASSERT_TRUE(written) << written.error().sentence();
  EXPECT_EQ(text_of(directory.file("plain")), "here");
}

TEST(SyncDirectory, RefusesWhatIsNoDirectory) {
  const test::TemporaryDirectory directory;
  EXPECT_TRUE(sync_directory(directory.path()));
  ASSERT_TRUE(write_file_atomically(directory.file("file"), {}, {}));
  EXPECT_EQ(error_of(sync_directory(directory.file("file"))), ENOTDIR);
  EXPECT_EQ(error_of(sync_directory(directory.file("missing"))), ENOENT);
}

TEST(CreateDirectories, CreatesEveryMissingParentWithTheMode) {
  const test::TemporaryDirectory directory;
  const std::string deep = directory.file("a/b/c");
  ASSERT_TRUE(create_directories(deep, 0700));
  for (const char* const name : {"a", "a/b", "a/b/c"}) {
    EXPECT_EQ(mode_of(directory.file(name)), mode_t{0700}) << name;
  }
}

TEST(CreateDirectories, SucceedsWithoutAChangeWhenAllExists) {
  const test::TemporaryDirectory directory;
  ASSERT_TRUE(create_directories(directory.file("a"), 0750));
  EXPECT_TRUE(create_directories(directory.file("a"), 0700));
  EXPECT_TRUE(create_directories(directory.file("a/"), 0700));
  EXPECT_EQ(mode_of(directory.file("a")), mode_t{0750});
}

TEST(CheckWritable, RefusesWhatIsNotThere) {
  const test::TemporaryDirectory directory;
  EXPECT_TRUE(check_writable(directory.path()));
  EXPECT_EQ(error_of(check_writable(directory.file("missing"))), ENOENT);
}

TEST(CreateDirectories, RefusesAFileOnTheWay) {
  const test::TemporaryDirectory directory;
  ASSERT_TRUE(write_file_atomically(directory.file("file"), {}, {}));
  EXPECT_EQ(error_of(create_directories(directory.file("file"), 0700)), ENOTDIR);
  EXPECT_EQ(error_of(create_directories(directory.file("file/below"), 0700)), ENOTDIR);
}

}  // namespace
}  // namespace peerpay::os
