// The sign log: the input writes a log, then damages it. Reading it gives what was written, from
// the start on, and nothing else; only the end of the last append may be missing without an alarm.

#include "node/storage/sign_log_format.h"
#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;
using namespace peerpay::storage;
using consensus::SafetyRecord;

constexpr std::size_t kFramesMax = 6;

SafetyRecord draw_record(fuzz::Draw& draw) {
  const consensus::View view{2 + draw.below(50)};
  consensus::Proposal proposal{view, consensus::View{view.value - 1}, {}};
  proposal.digest.bytes.fill(draw.byte());
  switch (draw.below(4)) {
    case 0: return consensus::OwnVote{consensus::Subject::notarize(proposal)};
    case 1: return consensus::OwnVote{consensus::Subject::nullify(view)};
    case 2: return consensus::CertifyVerdict{proposal, draw.coin()};
    default: {
      consensus::Certificate certificate{consensus::Subject::finalize(proposal), {0xff}, {}};
      certificate.signatures.resize(8);  // more than one sector
      return consensus::HeldCertificate{certificate};
    }
  }
}

struct Log {
  base::Bytes bytes;
  std::vector<SafetyRecord> records;
  std::size_t last_frame_at = 0;  // in bytes
  std::size_t records_before_last = 0;
};

Log write_log(fuzz::Draw& draw) {
  Log log;
  log.bytes = encode_header({draw.fixed<SignLogId>(), {}, draw.integer(1), {}});
  auto position = first_position(log.bytes);
  log.last_frame_at = log.bytes.size();
  for (auto frames = draw.below(kFramesMax); frames > 0; --frames) {
    std::vector<SafetyRecord> records;
    for (auto count = 1 + draw.below(3); count > 0; --count) records.push_back(draw_record(draw));
    const auto frame = encode_frame(position, records);
    log.last_frame_at = log.bytes.size();
    log.records_before_last = log.records.size();
    log.bytes.insert(log.bytes.end(), frame.bytes.begin(), frame.bytes.end());
    log.records.insert(log.records.end(), records.begin(), records.end());
    position = frame.next;
  }
  return log;
}

bool is_start_of(const std::vector<SafetyRecord>& part, const std::vector<SafetyRecord>& whole) {
  return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

// A crash leaves sectors of the last append unwritten, or cuts the file.
void check_torn(const Log& log, fuzz::Draw& draw) {
  auto bytes = log.bytes;
  bytes.resize(bytes.size() + kSectorBytes * draw.below(3));  // written ahead
  if (draw.coin()) {
    bytes.resize(log.last_frame_at + draw.below(bytes.size() - log.last_frame_at + 1));
  }
  for (auto holes = draw.below(4); holes > 0; --holes) {
    const auto sector = log.last_frame_at + kSectorBytes * draw.below(8);
    for (auto i = sector; i < std::min(sector + kSectorBytes, bytes.size()); ++i) bytes[i] = 0;
  }
  const auto scan = scan_frames(bytes);
  PEERPAY_CHECK(scan.tail == SignLogTail::kClean || scan.tail == SignLogTail::kTorn,
                "a crash is not taken for damage");
  PEERPAY_CHECK(is_start_of(scan.records, log.records), "nothing is made up");
  PEERPAY_CHECK(scan.records.size() >= log.records_before_last, "what was synced is there");
}

void check_altered(const Log& log, fuzz::Draw& draw) {
  auto bytes = log.bytes;
  for (auto edits = 1 + draw.below(4); edits > 0; --edits) {
    auto& byte = bytes[draw.below(bytes.size())];
    byte = static_cast<std::uint8_t>(byte ^ draw.byte());
  }
  if (!decode_header(bytes)) return;
  const auto scan = scan_frames(bytes);
  const bool is_alarm = scan.tail == SignLogTail::kDamaged || scan.tail == SignLogTail::kUnreadable;
  PEERPAY_CHECK(is_start_of(scan.records, log.records), "nothing is made up");
  PEERPAY_CHECK(bytes == log.bytes || is_alarm, "what was altered is noticed");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView in{data, size};
  if (const auto header = decode_header(in)) {
    PEERPAY_CHECK(std::ranges::equal(encode_header(*header), in.first(kSectorBytes)),
                  "a header has one encoding");
    (void)scan_frames(in);
  }
  fuzz::Draw draw{in};
  const Log log = write_log(draw);
  const auto scan = scan_frames(log.bytes);
  PEERPAY_CHECK(scan.records == log.records && scan.tail == SignLogTail::kClean, "all is read");
  check_torn(log, draw);
  check_altered(log, draw);
  return 0;
}
