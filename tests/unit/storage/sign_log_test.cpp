#include "node/storage/sign_log.h"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <tuple>

#include "tests/support/temporary_directory.h"
#include "tests/unit/storage/memory_files.h"
#include "tests/unit/storage/records.h"

namespace peerpay::storage {
namespace {

using base::Bytes;
using consensus::SafetyRecord;
using consensus::View;
using test::MemoryFiles;
using Records = std::vector<SafetyRecord>;

const std::string kPath = "signer/sign.log";

SignerIdentity signer(std::uint8_t mark = 7) {
  SignerIdentity out;
  out.network.bytes.fill(9);
  out.validator.bytes.fill(mark);
  return out;
}

SignLogId instance() {
  SignLogId out;
  out.bytes.fill(3);
  return out;
}

// Three appends; the last takes three sectors.
const Records kFirst = {test::notarize(1)};
const Records kSecond = {test::notarization(1), test::verdict(1), test::finalize(1)};
const Records kLast = {test::nullify(2), test::notarization(3, 16)};

Records joined(std::initializer_list<Records> parts) {
  Records out;
  for (const auto& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

// A closed log that holds the three appends, without the space that is written ahead.
Bytes small_log() {
  MemoryFiles disk;
  {
    auto log = SignLog::create(disk, kPath, signer(), instance());
    for (const auto& records : {kFirst, kSecond, kLast}) EXPECT_TRUE(log->append(records));
  }
  Bytes& content = disk.content(kPath);
  const auto used = scan_frames(content).end.sector * kSectorBytes;
  return {content.begin(), content.begin() + static_cast<std::ptrdiff_t>(used)};
}

struct Reopened {
  MemoryFiles disk;
  StorageExpected<SignLog::Opened> opened = storage_failure(StorageFault::kMissing, "not opened");
};
std::unique_ptr<Reopened> reopen(const Bytes& content) {
  auto out = std::make_unique<Reopened>();
  out->disk.open(kPath, OpenMode::kEmpty).value().reset();
  out->disk.content(kPath) = content;
  out->opened = SignLog::open(out->disk, kPath, signer());
  return out;
}

TEST(SignLog, ReturnsWhatWasAppendedInOrder) {
  peerpay::test::TemporaryDirectory directory;
  const std::string path = directory.file("sign.log");
  {
    auto log = SignLog::create(posix_files(), path, signer(), instance());
    ASSERT_TRUE(log) << log.error().message;
    EXPECT_TRUE(log->append({}));
    for (const auto& records : {kFirst, kSecond, kLast}) ASSERT_TRUE(log->append(records));
  }
  const auto opened = SignLog::open(posix_files(), path, signer());
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->records, joined({kFirst, kSecond, kLast}));
  EXPECT_EQ(opened->torn_bytes, 0U);
  EXPECT_EQ(opened->log.header().instance, instance());
  EXPECT_EQ(opened->log.view_highest(), View{2});
}

TEST(SignLog, GoesOnAfterReopening) {
  MemoryFiles disk;
  { ASSERT_TRUE(SignLog::create(disk, kPath, signer(), instance())->append(kFirst)); }
  { ASSERT_TRUE(SignLog::open(disk, kPath, signer())->log.append(kSecond)); }
  EXPECT_EQ(SignLog::open(disk, kPath, signer())->records, joined({kFirst, kSecond}));
}

TEST(SignLog, GrowsBeyondTheSpaceWrittenAhead) {
  MemoryFiles disk;
  Records expected;
  {
    auto log = SignLog::create(disk, kPath, signer(), instance());
    for (std::uint64_t view = 1; !log->wants_compaction(); ++view) {
      ASSERT_TRUE(log->append(std::vector{test::notarize(view)}));
      expected.push_back(test::notarize(view));
    }
    ASSERT_TRUE(log->append(std::vector{test::notarize(1'000'000)}));
    expected.push_back(test::notarize(1'000'000));
  }
  EXPECT_EQ(expected.size(), kSignLogCapacityBytes / kSectorBytes);
  EXPECT_EQ(SignLog::open(disk, kPath, signer())->records, expected);
}

TEST(SignLog, RefusesWhatIsNotThere) {
  MemoryFiles disk;
  const auto opened = SignLog::open(disk, kPath, signer());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().fault, StorageFault::kMissing);
  EXPECT_NE(opened.error().message.find(kPath), std::string::npos);
}

TEST(SignLog, NeverReplacesALogByANewOne) {
  MemoryFiles disk;
  ASSERT_TRUE(SignLog::create(disk, kPath, signer(), instance()));
  const Bytes before = disk.content(kPath);
  const auto again = SignLog::create(disk, kPath, signer(), SignLogId{});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().fault, StorageFault::kExists);
  EXPECT_EQ(disk.content(kPath), before);
}

TEST(SignLog, RefusesAnotherIdentity) {
  SignerIdentity other_network = signer();
  other_network.network.bytes[0] ^= 1;
  for (const auto& identity : {signer(8), other_network}) {
    MemoryFiles disk;
    { ASSERT_TRUE(SignLog::create(disk, kPath, signer(), instance())); }
    const auto opened = SignLog::open(disk, kPath, identity);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().fault, StorageFault::kIdentityMismatch);
  }
}

TEST(SignLog, OneProcessAtATime) {
  peerpay::test::TemporaryDirectory directory;
  const std::string path = directory.file("sign.log");
  auto log = SignLog::create(posix_files(), path, signer(), instance());
  ASSERT_TRUE(log);
  EXPECT_EQ(SignLog::open(posix_files(), path, signer()).error().fault, StorageFault::kInUse);
  ASSERT_TRUE(log->compact({}));
  EXPECT_EQ(SignLog::open(posix_files(), path, signer()).error().fault, StorageFault::kInUse);
}

TEST(SignLog, ALogOfALaterVersionIsLeftAlone) {
  Bytes content = small_log();
  content[16] = 2;  // version
  const auto hash = crypto::sha256(base::ByteView{content}.first(496));
  std::copy_n(hash.bytes.begin(), 16, content.begin() + 496);
  const auto result = reopen(content);
  ASSERT_FALSE(result->opened);
  EXPECT_EQ(result->opened.error().fault, StorageFault::kFormatUnknown);
  EXPECT_EQ(result->disk.content(kPath), content);
}

TEST(SignLog, ATornAppendIsCutOffAtEveryByte) {
  const Bytes whole = small_log();
  const std::size_t last = whole.size() - 3 * kSectorBytes;
  for (std::size_t size = last; size < whole.size(); ++size) {
    const auto result = reopen({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
    ASSERT_TRUE(result->opened) << size << result->opened.error().message;
    EXPECT_EQ(result->opened->records, joined({kFirst, kSecond}));
    EXPECT_EQ(result->opened->torn_bytes, size - last);
    ASSERT_EQ(result->disk.content(kPath).size(), last);
    ASSERT_TRUE(result->opened->log.append(kLast));
    EXPECT_EQ(result->disk.content(kPath), whole);
  }
}

TEST(SignLog, ATornAppendMayMissAnyOfItsSectors) {
  const Bytes whole = small_log();
  const std::size_t last = whole.size() - 3 * kSectorBytes;
  for (unsigned lost = 1; lost < 8; ++lost) {
    Bytes content = whole;
    for (std::size_t i = 0; i < 3; ++i) {
      if ((lost >> i & 1U) == 0) continue;
      const auto begin = content.begin() + static_cast<std::ptrdiff_t>(last + i * kSectorBytes);
      std::fill(begin, begin + kSectorBytes, std::uint8_t{0});
    }
    const auto result = reopen(content);
    ASSERT_TRUE(result->opened) << lost << result->opened.error().message;
    EXPECT_EQ(result->opened->records, joined({kFirst, kSecond}));
    EXPECT_EQ(result->opened->torn_bytes, lost == 7 ? 0 : 3 * kSectorBytes);
  }
}

// The frame that replaces a torn one starts at the same place with the same chain, so what is left
// of the torn one must not complete it.
TEST(SignLog, ATornAppendIsGoneBeforeTheNextOneIsWritten) {
  const Bytes whole = small_log();
  Bytes content = whole;
  const auto last = content.end() - 3 * kSectorBytes;
  std::fill(last, last + kSectorBytes, std::uint8_t{0});
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    auto result = reopen(content);
    ASSERT_TRUE(result->opened);
    result->opened = storage_failure(StorageFault::kMissing, "closed");
    base::Rng rng{seed};
    result->disk.power_cut(rng);
    EXPECT_EQ(result->disk.content(kPath).size(), whole.size() - 3 * kSectorBytes);
  }
}

TEST(SignLog, EveryAlteredBitIsFoundAndNothingIsChanged) {
  Bytes content = small_log();
  content.resize(content.size() + kSectorBytes);  // one sector written ahead
  for (std::size_t i = 0; i < content.size(); ++i) {
    for (const unsigned flip : {0x01U, 0x80U, 0xffU}) {
      Bytes altered = content;
      altered[i] = static_cast<std::uint8_t>(altered[i] ^ flip);
      const auto result = reopen(altered);
      ASSERT_FALSE(result->opened) << i;
      EXPECT_EQ(result->opened.error().fault, StorageFault::kCorrupt) << i;
      EXPECT_EQ(result->disk.content(kPath), altered) << i;
    }
  }
}

TEST(SignLog, AMisdirectedOrStaleSectorIsFound) {
  const Bytes content = small_log();
  const std::size_t sectors = content.size() / kSectorBytes;
  for (std::size_t from = 0; from < sectors; ++from) {
    for (std::size_t to = 0; to < sectors; ++to) {
      if (from == to) continue;
      Bytes altered = content;
      std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(from * kSectorBytes), kSectorBytes,
                  altered.begin() + static_cast<std::ptrdiff_t>(to * kSectorBytes));
      EXPECT_FALSE(reopen(altered)->opened) << from << " over " << to;
    }
  }
}

TEST(SignLog, AnErasedSectorBeforeTheLastAppendIsFound) {
  for (const std::size_t sector : {0U, 1U, 2U}) {
    Bytes altered = small_log();
    const auto begin = altered.begin() + static_cast<std::ptrdiff_t>(sector * kSectorBytes);
    std::fill(begin, begin + kSectorBytes, std::uint8_t{0});
    const auto result = reopen(altered);
    ASSERT_FALSE(result->opened);
    EXPECT_EQ(result->opened.error().fault, StorageFault::kCorrupt);
  }
}

TEST(SignLog, TheErrorNamesFileAndOffset) {
  Bytes altered = small_log();
  altered[2 * kSectorBytes + 40] ^= 1;
  const auto result = reopen(altered);
  ASSERT_FALSE(result->opened);
  EXPECT_NE(result->opened.error().message.find(kPath + ", offset 1024"), std::string::npos)
      << result->opened.error().message;
  EXPECT_NE(result->opened.error().message.find("peerpayd rejoin --home signer "),
            std::string::npos)
      << result->opened.error().message;
}

long peak_kib() {
  rusage usage{};
  EXPECT_EQ(::getrusage(RUSAGE_SELF, &usage), 0);
  return usage.ru_maxrss;
}

// No log was ever so long: it is damage, seen before all of it is in memory.
TEST(SignLog, AFileBeyondTheBoundIsDamagedAndNotRead) {
  peerpay::test::TemporaryDirectory directory;
  const std::string path = directory.file("sign.log");
  { ASSERT_TRUE(SignLog::create(posix_files(), path, signer(), instance())); }
  std::filesystem::resize_file(path, std::uintmax_t{1} << 30);
  const long before = peak_kib();
  const auto opened = SignLog::open(posix_files(), path, signer());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().fault, StorageFault::kCorrupt);
  EXPECT_NE(opened.error().message.find("rejoin --home " + directory.path()), std::string::npos);
  EXPECT_LT(peak_kib() - before, 64 * 1024);
}

TEST(SignLog, APipeIsNoLog) {
  peerpay::test::TemporaryDirectory directory;
  const std::string path = directory.file("sign.log");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto opened = SignLog::open(posix_files(), path, signer());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().fault, StorageFault::kUnusable);
  EXPECT_NE(opened.error().message.find("not a plain file"), std::string::npos);
}

TEST(SignLog, RefusesABrokenPromiseForGood) {
  MemoryFiles disk;
  auto log = SignLog::create(disk, kPath, signer(), instance());
  ASSERT_TRUE(log->append(std::vector{test::nullify(4)}));
  const Bytes before = disk.content(kPath);
  const auto refused = log->append(std::vector{test::finalize(4)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, StorageFault::kPromiseBroken);
  EXPECT_EQ(disk.content(kPath), before);
  EXPECT_EQ(log->append(std::vector{test::nullify(5)}).error().message, refused.error().message);
  EXPECT_EQ(log->compact({}).error().message, refused.error().message);
}

TEST(SignLog, CompactionKeepsInstanceRecordsAndFloor) {
  MemoryFiles disk;
  const Records kept = {test::finalization(2), test::notarize(3)};
  {
    auto log = SignLog::create(disk, kPath, signer(), instance());
    ASSERT_TRUE(log->append(std::vector{test::notarize(1), test::nullify(2), test::notarize(3)}));
    ASSERT_TRUE(log->compact(kept));
    ASSERT_TRUE(log->append(std::vector{test::notarize(5)}));
  }
  auto opened = SignLog::open(disk, kPath, signer());
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->records, joined({kept, {test::notarize(5)}}));
  EXPECT_EQ(opened->log.header(), (SignLogHeader{instance(), signer(), 1, View{2}}));
  EXPECT_EQ(opened->log.append(std::vector{test::finalize(2)}).error().fault,
            StorageFault::kPromiseBroken);
}

TEST(SignLog, BeginsWithWhatItIsGiven) {
  MemoryFiles disk;
  const Records lost = {consensus::HistoryLost{}};
  ASSERT_TRUE(SignLog::create(disk, kPath, signer(), instance(), lost));
  auto opened = SignLog::open(disk, kPath, signer());
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->records, lost);
}

TEST(SignLog, WhereItRejoinedOutlivesCompaction) {
  MemoryFiles disk;
  {
    auto log = SignLog::create(disk, kPath, signer(), instance());
    ASSERT_TRUE(log->append(std::vector<consensus::SafetyRecord>{consensus::Rejoined{View{7}}}));
    ASSERT_TRUE(log->compact({}));
  }
  auto opened = SignLog::open(disk, kPath, signer());
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_FALSE(opened->log.append(std::vector{test::notarize(7)}));
}

TEST(SignLog, AViewWhoseVotesWereDroppedStaysClosedAtOnce) {
  MemoryFiles disk;
  auto log = SignLog::create(disk, kPath, signer(), instance());
  ASSERT_TRUE(log->append(std::vector{test::notarize(1), test::nullify(2)}));
  ASSERT_TRUE(log->compact({}));
  const auto refused = log->append(std::vector{test::finalize(1)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, StorageFault::kPromiseBroken);
}

TEST(SignLog, CompactionMayNotContradictWhatIsThere) {
  MemoryFiles disk;
  auto log = SignLog::create(disk, kPath, signer(), instance());
  ASSERT_TRUE(log->append(std::vector{test::notarize(3)}));
  EXPECT_EQ(log->compact(std::vector{test::notarize(3, 2)}).error().fault,
            StorageFault::kPromiseBroken);
}

TEST(SignLog, VotesThatExcludeEachOtherInAFileAreRefused) {
  Bytes content = encode_header({instance(), signer(), 0, {}});
  const auto frame =
      encode_frame(first_position(content), std::vector{test::nullify(2), test::finalize(2)});
  content.insert(content.end(), frame.bytes.begin(), frame.bytes.end());
  EXPECT_EQ(reopen(content)->opened.error().fault, StorageFault::kCorrupt);
}

}  // namespace
}  // namespace peerpay::storage
