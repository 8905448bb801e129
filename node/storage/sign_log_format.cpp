#include "node/storage/sign_log_format.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/bcs.h"
#include "base/check.h"

namespace peerpay::storage {
namespace {

using base::BcsReader;
using base::BcsWriter;
using base::Bytes;
using base::ByteView;
using consensus::SafetyRecord;
using crypto::Hash;

constexpr std::string_view kMagic = "peerpay sign log";
constexpr std::size_t kChecksumBytes = 16;  // of SHA-256: 2^-128 that damage passes
constexpr std::size_t kPayloadIdBytes = 8;

ByteView checksum_of(const Hash& hash) { return hash.view().first(kChecksumBytes); }

Hash sha256_of(std::initializer_list<ByteView> parts) {
  BcsWriter out;
  for (const ByteView part : parts) out.raw(part);
  return crypto::sha256(out.view());
}

Hash sector_hash(const Hash& chain, std::uint64_t number, ByteView content) {
  BcsWriter position;
  position.u64(number);
  return sha256_of({chain.view(), position.view(), content});
}

bool is_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

Bytes padded(BcsWriter&& writer, std::size_t size) {
  Bytes out = std::move(writer).take();
  PEERPAY_CHECK(out.size() <= size, "a sector holds what is put in it");
  out.resize(size);
  return out;
}

// What one sector says of its frame.
struct Fragment {
  std::uint16_t index = 0;
  std::uint16_t count = 0;
  ByteView payload_id;
  ByteView payload;
};

Bytes encode_sector(const SignLogPosition& position, const Fragment& fragment) {
  BcsWriter out;
  out.u16(fragment.index);
  out.u16(fragment.count);
  out.u16(static_cast<std::uint16_t>(fragment.payload.size()));
  out.u16(0);
  out.raw(fragment.payload_id);
  out.raw(fragment.payload);
  const Bytes content = padded(std::move(out), kSectorBytes - kChecksumBytes);
  BcsWriter sector;
  sector.raw(checksum_of(sector_hash(position.chain, position.sector + fragment.index, content)));
  sector.raw(content);
  return std::move(sector).take();
}

enum class SectorState { kIntact, kUnwritten, kDamaged };
struct Sector {
  SectorState state = SectorState::kUnwritten;
  Fragment fragment;  // when intact
};

Sector read_sector(ByteView file, const Hash& chain, std::uint64_t number) {
  const ByteView rest = file.subspan(static_cast<std::size_t>(number) * kSectorBytes);
  if (rest.size() < kSectorBytes) return {SectorState::kUnwritten, {}};  // cut short
  const ByteView sector = rest.first(kSectorBytes);
  if (is_zero(sector)) return {SectorState::kUnwritten, {}};
  const ByteView content = sector.subspan(kChecksumBytes);
  if (!std::ranges::equal(sector.first(kChecksumBytes),
                          checksum_of(sector_hash(chain, number, content)))) {
    return {SectorState::kDamaged, {}};
  }
  BcsReader in{content};
  Fragment fragment;
  fragment.index = in.u16();
  fragment.count = in.u16();
  const std::uint16_t size = in.u16();
  const std::uint16_t reserved = in.u16();
  fragment.payload_id = in.raw(kPayloadIdBytes);
  fragment.payload = in.raw(size);
  const bool sound = in.ok() && reserved == 0 && fragment.index < fragment.count;
  return {sound ? SectorState::kIntact : SectorState::kDamaged, fragment};
}

std::uint64_t sectors_in(ByteView file) { return (file.size() + kSectorBytes - 1) / kSectorBytes; }

// The payload of the frame at `position`, if all of it is there and of one piece.
std::optional<Bytes> read_frame(ByteView file, const SignLogPosition& position) {
  const std::uint64_t sectors = sectors_in(file);
  if (position.sector >= sectors) return std::nullopt;
  const Sector first = read_sector(file, position.chain, position.sector);
  if (first.state != SectorState::kIntact || first.fragment.index != 0) return std::nullopt;
  if (first.fragment.count > sectors - position.sector) return std::nullopt;
  Bytes payload;
  for (std::uint16_t i = 0; i < first.fragment.count; ++i) {
    const Sector part = read_sector(file, position.chain, position.sector + i);
    if (part.state != SectorState::kIntact || part.fragment.index != i) return std::nullopt;
    payload.insert(payload.end(), part.fragment.payload.begin(), part.fragment.payload.end());
  }
  const Hash hash = crypto::sha256(payload);
  if (!std::ranges::equal(hash.view().first(kPayloadIdBytes), first.fragment.payload_id)) {
    return std::nullopt;
  }
  return payload;
}

SignLogPosition position_after(const SignLogPosition& position, ByteView payload) {
  const std::size_t count = (payload.size() + kSectorPayloadBytes - 1) / kSectorPayloadBytes;
  return {sha256_of({position.chain.view(), payload}), position.sector + count};
}

// Appends the records to `out`; false when one is not a record that this version knows.
bool decode_payload(ByteView payload, std::vector<SafetyRecord>& out) {
  BcsReader in{payload};
  const std::size_t count = in.length(payload.size());
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    auto record = consensus::decode_safety_record(in.bytes(payload.size()));
    if (!record) return false;
    out.push_back(std::move(*record));
  }
  return in.finish().has_value();
}

// What stands between the last whole frame and the end of the file.
void judge_tail(ByteView file, SignLogScan& scan) {
  bool torn = file.size() % kSectorBytes != 0;
  const std::uint64_t sectors = sectors_in(file);
  for (std::uint64_t number = scan.end.sector; number < sectors; ++number) {
    const Sector sector = read_sector(file, scan.end.chain, number);
    if (sector.state == SectorState::kDamaged) {
      scan.tail = SignLogTail::kDamaged;
      scan.fault_sector = number;
      return;
    }
    torn |= sector.state == SectorState::kIntact;
  }
  if (torn) scan.tail = SignLogTail::kTorn;
}

}  // namespace

Bytes encode_header(const SignLogHeader& header) {
  BcsWriter out;
  out.raw(base::as_bytes(kMagic));
  out.u32(kSignLogVersion);
  out.fixed(header.instance);
  out.u64(header.generation);
  out.u64(header.floor.value);
  out.fixed(header.signer.network);
  out.fixed(header.signer.validator);
  Bytes content = padded(std::move(out), kSectorBytes - kChecksumBytes);
  const Hash hash = crypto::sha256(content);
  const ByteView checksum = checksum_of(hash);
  content.insert(content.end(), checksum.begin(), checksum.end());
  return content;
}

base::Expected<SignLogHeader, HeaderFault> decode_header(ByteView file) {
  if (file.size() < kSectorBytes) return base::Unexpected{HeaderFault::kDamaged};
  const ByteView content = file.first(kSectorBytes - kChecksumBytes);
  BcsReader in{content};
  if (!std::ranges::equal(in.raw(kMagic.size()), base::as_bytes(kMagic))) {
    return base::Unexpected{HeaderFault::kNotASignLog};
  }
  const Hash hash = crypto::sha256(content);
  if (!std::ranges::equal(file.subspan(content.size(), kChecksumBytes), checksum_of(hash))) {
    return base::Unexpected{HeaderFault::kDamaged};
  }
  if (in.u32() != kSignLogVersion) return base::Unexpected{HeaderFault::kVersionUnknown};
  SignLogHeader header;
  header.instance = in.fixed<SignLogId>();
  header.generation = in.u64();
  header.floor = consensus::View{in.u64()};
  header.signer.network = in.fixed<consensus::NetworkId>();
  header.signer.validator = in.fixed<crypto::PublicKey>();
  return header;
}

SignLogPosition first_position(ByteView file) {
  return {crypto::sha256(file.first(kSectorBytes)), 1};
}

SignLogFrame encode_frame(const SignLogPosition& position, std::span<const SafetyRecord> records) {
  PEERPAY_CHECK(!records.empty(), "an append has something to append");
  BcsWriter writer;
  writer.uleb(static_cast<std::uint32_t>(records.size()));
  for (const auto& record : records) writer.bytes(consensus::encode(record));
  const Bytes payload = std::move(writer).take();
  PEERPAY_CHECK(payload.size() <= kFrameBytesMax, "one loop turn persists a bounded amount");

  SignLogFrame frame{{}, position_after(position, payload)};
  const Hash hash = crypto::sha256(payload);
  const auto count = static_cast<std::uint16_t>(frame.next.sector - position.sector);
  for (std::uint16_t i = 0; i < count; ++i) {
    const std::size_t begin = std::size_t{i} * kSectorPayloadBytes;
    const std::size_t size = std::min(kSectorPayloadBytes, payload.size() - begin);
    const Bytes sector = encode_sector(position, {i, count, hash.view().first(kPayloadIdBytes),
                                                  ByteView{payload}.subspan(begin, size)});
    frame.bytes.insert(frame.bytes.end(), sector.begin(), sector.end());
  }
  return frame;
}

SignLogScan scan_frames(ByteView file) {
  SignLogScan scan;
  scan.end = first_position(file);
  while (const auto payload = read_frame(file, scan.end)) {
    if (!decode_payload(*payload, scan.records)) {
      scan.tail = SignLogTail::kUnreadable;
      scan.fault_sector = scan.end.sector;
      return scan;
    }
    scan.end = position_after(scan.end, *payload);
  }
  judge_tail(file, scan);
  return scan;
}

}  // namespace peerpay::storage
