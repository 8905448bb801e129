// Bytes and signatures of votes, certificates, repair requests and journal records. The vectors
// were computed apart from this code, with Python's hashlib, from docs/spec/consensus.md.
#include "consensus/messages.h"

#include <gtest/gtest.h>

#include <functional>
#include <numeric>

#include "consensus/effects.h"
#include "consensus/limits.h"
#include "crypto/signature.h"
#include "tests/unit/consensus/cluster.h"

namespace peerpay::consensus::test {
namespace {

using base::DecodeError;

constexpr std::string_view kDigestHex =
    "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f";
constexpr std::string_view kNotarizeHex =
    "0002010000000000000101000000000000"
    "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f";
constexpr std::string_view kNullifyHex = "010201000000000000";
constexpr std::string_view kFinalizeHex =
    "0202010000000000000101000000000000"
    "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f";

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

base::Bytes bytes_of(std::string_view hex) { return base::from_hex(hex).value(); }

Proposal proposal() { return {View{258}, View{257}, *base::fixed_from_hex<Digest>(kDigestHex)}; }

crypto::Signature signature_of(std::uint8_t byte) {
  crypto::Signature out;
  out.bytes.fill(byte);
  return out;
}

// Signers 1, 3 and 9 of ten.
Certificate certificate() {
  return {Subject::finalize(proposal()),
          {0x0a, 0x02},
          {signature_of(0xa1), signature_of(0xa3), signature_of(0xa9)}};
}

std::string certificate_hex() {
  std::string out{kFinalizeHex};
  out += "020a02";
  out += "03";
  for (const auto* byte : {"a1", "a3", "a9"}) out += repeat(byte, 64);
  return out;
}

std::vector<Subject> subjects() {
  return {Subject::notarize(proposal()), Subject::nullify(View{258}),
          Subject::finalize(proposal())};
}

template <class Decoded>
void expect_error(const Decoded& decoded, DecodeError error, const std::string& what) {
  ASSERT_FALSE(decoded) << what;
  EXPECT_EQ(name(decoded.error()), name(error)) << what;
}

// Every proper prefix is truncated, one byte more is trailing.
template <class Decode>
void expect_exact_length(const base::Bytes& bytes, Decode decode) {
  ASSERT_TRUE(decode(bytes));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto cut = decode(base::ByteView{bytes}.first(size));
    expect_error(cut, DecodeError::kTruncated, "cut to " + std::to_string(size));
  }
  auto longer = bytes;
  longer.push_back(0);
  expect_error(decode(longer), DecodeError::kTrailingBytes, "one byte more");
}

// Any change of one bit is refused or decodes to another value that encodes to these very bytes.
template <class Decode>
void expect_one_encoding(const base::Bytes& bytes, Decode decode) {
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto changed = bytes;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    const auto decoded = decode(changed);
    if (!decoded) continue;
    EXPECT_EQ(encode(*decoded), changed) << "bit " << bit;
  }
}

TEST(VoteBytes, MatchTheVectors) {
  const std::string tail = "05000000" + repeat("ab", 64);
  const std::string_view heads[] = {kNotarizeHex, kNullifyHex, kFinalizeHex};
  for (std::size_t i = 0; i < std::size(heads); ++i) {
    const Vote vote{subjects()[i], ValidatorIndex{5}, signature_of(0xab)};
    EXPECT_EQ(base::to_hex(encode(vote)), std::string{heads[i]} + tail);
    EXPECT_EQ(decode_vote(encode(vote)).value(), vote);
    expect_exact_length(encode(vote), decode_vote);
    expect_one_encoding(encode(vote), decode_vote);
  }
}

TEST(VoteBytes, RefuseWhatNoVoteIs) {
  const auto vote_of = [](const std::string& subject, std::string_view signer = "05000000") {
    return bytes_of(subject + std::string{signer} + repeat("ab", 64));
  };
  const std::string digest{kDigestHex};
  const struct {
    std::string what;
    base::Bytes bytes;
    DecodeError error;
  } rows[] = {
      {"unknown kind", vote_of("030201000000000000"), DecodeError::kVariantUnknown},
      {"kind not minimal", vote_of("80000201000000000000" + digest), DecodeError::kNotCanonical},
      {"view 0", vote_of("010000000000000000"), DecodeError::kValueInvalid},
      {"last view", vote_of("01ffffffffffffffff"), DecodeError::kValueInvalid},
      {"parent is the view", vote_of("0002000000000000000200000000000000" + digest),
       DecodeError::kValueInvalid},
      {"parent above", vote_of("0202000000000000000300000000000000" + digest),
       DecodeError::kValueInvalid},
      {"signer 128", vote_of("010201000000000000", "80000000"), DecodeError::kValueInvalid},
  };
  for (const auto& row : rows) expect_error(decode_vote(row.bytes), row.error, row.what);
}

TEST(CertificateBytes, MatchTheVector) {
  EXPECT_EQ(base::to_hex(encode(certificate())), certificate_hex());
  EXPECT_EQ(decode_certificate(encode(certificate())).value(), certificate());
  expect_exact_length(encode(certificate()), decode_certificate);
  expect_one_encoding(encode(certificate()), decode_certificate);
}

TEST(CertificateBytes, RefuseWhatNoCertificateIs) {
  const std::string head{kNullifyHex};
  const struct {
    std::string what;
    std::string hex;
    DecodeError error;
  } rows[] = {
      {"fewer signatures than bits", head + "010702" + repeat("aa", 128),
       DecodeError::kValueInvalid},
      {"more signatures than bits", head + "010303" + repeat("aa", 192),
       DecodeError::kValueInvalid},
      {"129 signatures", head + "10" + repeat("ff", 16) + "8101" + repeat("aa", 129 * 64),
       DecodeError::kTooLong},
      {"17 bytes of signers", head + "11" + repeat("00", 17) + "00", DecodeError::kTooLong},
      {"signature count beyond the bytes", head + "0107" + "03" + repeat("aa", 191),
       DecodeError::kTruncated},
      {"length not minimal", head + "810007" + "03" + repeat("aa", 192),
       DecodeError::kNotCanonical},
      {"huge length", head + "ffffffff0f", DecodeError::kTooLong},
  };
  for (const auto& row : rows) {
    expect_error(decode_certificate(bytes_of(row.hex)), row.error, row.what);
  }
}

TEST(RepairRequestBytes, MatchTheVector) {
  const RepairRequest request{View{258}};
  EXPECT_EQ(base::to_hex(encode(request)), "0201000000000000");
  EXPECT_EQ(decode_repair_request(encode(request)).value(), request);
  expect_exact_length(encode(request), decode_repair_request);
}

TEST(SafetyRecordBytes, MatchTheVectors) {
  const std::string verdict{kNotarizeHex.substr(2)};
  const std::pair<SafetyRecord, std::string> rows[] = {
      {OwnVote{Subject::notarize(proposal())}, "00" + std::string{kNotarizeHex}},
      {OwnVote{Subject::nullify(View{258})}, "00" + std::string{kNullifyHex}},
      {HeldCertificate{certificate()}, "01" + certificate_hex()},
      {CertifyVerdict{proposal(), true}, "02" + verdict + "01"},
      {CertifyVerdict{proposal(), false}, "02" + verdict + "00"},
      {UnknownOwnVote{Subject::nullify(View{258})}, "03" + std::string{kNullifyHex}},
      {Rejoined{View{258}}, "050201000000000000"},
  };
  for (const auto& [record, hex] : rows) {
    EXPECT_EQ(base::to_hex(encode(record)), hex);
    EXPECT_EQ(decode_safety_record(encode(record)).value(), record);
    EXPECT_EQ(view_of(record), View{258});
    expect_exact_length(encode(record), decode_safety_record);
    expect_one_encoding(encode(record), decode_safety_record);
  }
  EXPECT_EQ(base::to_hex(encode(SafetyRecord{HistoryLost{}})), "04");
  EXPECT_EQ(decode_safety_record(bytes_of("04")).value(), SafetyRecord{HistoryLost{}});
  EXPECT_EQ(view_of(HistoryLost{}), View{0});
}

TEST(SafetyRecordBytes, RefuseWhatNoRecordIs) {
  const std::string verdict{kNotarizeHex.substr(2)};
  expect_error(decode_safety_record(bytes_of("06" + verdict + "01")), DecodeError::kVariantUnknown,
               "unknown record");
  expect_error(decode_safety_record(bytes_of("02" + verdict + "02")), DecodeError::kNotCanonical,
               "verdict is no bool");
  expect_error(decode_safety_record(bytes_of("02" + repeat("00", 48) + "01")),
               DecodeError::kValueInvalid, "verdict about the genesis");
}

TEST(Journal, IsIncompleteUntilItIsSaidWhereItsGapEnds) {
  const UnknownOwnVote unknown{Subject::nullify(View{3})};
  const OwnVote own{Subject::nullify(View{4})};
  EXPECT_FALSE(is_incomplete(std::vector<SafetyRecord>{own}));
  EXPECT_TRUE(is_incomplete(std::vector<SafetyRecord>{HistoryLost{}, own}));
  EXPECT_TRUE(is_incomplete(std::vector<SafetyRecord>{own, unknown}));
  EXPECT_FALSE(is_incomplete(std::vector<SafetyRecord>{HistoryLost{}, unknown, Rejoined{View{9}}}));
  EXPECT_TRUE(is_incomplete(std::vector<SafetyRecord>{Rejoined{View{9}}, unknown}));
}

TEST(Certificate, GivesTheVoteOfEachSigner) {
  crypto::Signature second;
  second.bytes[0] = 2;
  const Certificate certificate{Subject::nullify(View{3}), {0b1010}, {{}, second}};
  EXPECT_FALSE(vote_in(certificate, {0}));
  EXPECT_FALSE(vote_in(certificate, {200}));
  EXPECT_EQ(vote_in(certificate, {1}), (Vote{Subject::nullify(View{3}), {1}, {}}));
  EXPECT_EQ(vote_in(certificate, {3}), (Vote{Subject::nullify(View{3}), {3}, second}));
}

// The message of each kind: tagged hash of network, epoch and subject.
TEST(SigningMessage, MatchesTheVectors) {
  Context context{{}, 7};
  std::iota(context.network.bytes.begin(), context.network.bytes.end(), std::uint8_t{0});
  const std::string_view expected[] = {
      "01ea9836b8dd4e752c290cf160c54aac9f90138f94b4d3bb4d1925a2f2af9092",
      "08abee979b0aa44611a7ed308d3e04400ab152f47bb8f80a042d1f9fb1f45ee6",
      "071b9510e1ce19a9a8b67e5088dbf1aacd475fd03f95205ba84232bf6fef3ea1",
  };
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    EXPECT_EQ(base::to_hex(signing_message(context, subjects()[i]).view()), expected[i]);
  }
}

TEST(ValidatorSet, CountsQuorums) {
  // n, tolerated, quorum: restated by hand for n = 1 to 13.
  const std::uint32_t rows[][3] = {{1, 0, 1},  {2, 0, 2},  {3, 0, 3}, {4, 1, 3}, {5, 1, 4},
                                   {6, 1, 5},  {7, 2, 5},  {8, 2, 6}, {9, 2, 7}, {10, 3, 7},
                                   {11, 3, 8}, {12, 3, 9}, {13, 4, 9}};
  for (const auto& [n, faulty, quorum] : rows) {
    const auto validators = make_validators(n);
    EXPECT_EQ(validators.faulty_max(), faulty) << n;
    EXPECT_EQ(validators.quorum(), quorum) << n;
    EXPECT_GT(2 * quorum, n + faulty) << "two quorums share an honest member";
    EXPECT_LE(quorum, n - faulty) << "the honest are a quorum";
  }
}

TEST(ValidatorSet, RotatesLeaders) {
  const auto validators = make_validators(4);
  EXPECT_EQ(validators.leader(0, View{1}).value, 1U);
  EXPECT_EQ(validators.leader(0, View{4}).value, 0U);
  EXPECT_EQ(validators.leader(3, View{2}).value, 1U);
  EXPECT_EQ(validators.leader(UINT64_MAX, View{UINT64_MAX - 1}).value, 1U) << "3 + 2 mod 4";
  EXPECT_EQ(validators.index_of(validators.key(ValidatorIndex{2})), ValidatorIndex{2});
  EXPECT_FALSE(validators.index_of(crypto::PublicKey{}));
}

// --- Signatures, real ones ---

class Signatures : public testing::Test {
 protected:
  Signatures() {
    for (std::uint8_t i = 0; i < 4; ++i) {
      base::Bytes secret(32, static_cast<std::uint8_t>(i + 1));
      keys_.push_back(std::move(*crypto::SecretKey::from_bytes(secret)));
    }
    std::vector<crypto::PublicKey> members;
    for (const auto& key : keys_) members.push_back(key.public_key());
    validators_.emplace(members);
    context_.network.bytes.fill(0x11);
    context_.epoch = 0;  // the one of every network so far
  }

  Vote signed_vote(const Subject& subject, std::uint32_t signer) const {
    return {subject, ValidatorIndex{signer},
            crypto::sign(keys_[signer], signing_message(context_, subject))};
  }
  Certificate certificate_of(const Subject& subject,
                             const std::vector<std::uint32_t>& signers) const {
    std::vector<Vote> votes;
    votes.reserve(signers.size());
    for (const auto signer : signers) votes.push_back(signed_vote(subject, signer));
    return make_certificate(*validators_, subject, votes);
  }
  bool is_valid(const Certificate& certificate) const {
    return verify_certificate(context_, *validators_, certificate);
  }

  std::vector<crypto::SecretKey> keys_;
  std::optional<ValidatorSet> validators_;
  Context context_;
};

TEST_F(Signatures, OfVotesHoldForOneSubjectSignerAndContext) {
  for (const Subject& subject : subjects()) {
    const Vote vote = signed_vote(subject, 2);
    EXPECT_TRUE(verify_vote(context_, *validators_, vote));
    for (const Subject& other : subjects()) {
      if (other == subject) continue;
      EXPECT_FALSE(verify_vote(context_, *validators_, {other, vote.signer, vote.signature}));
    }
    for (const std::uint32_t signer : {0U, 1U, 3U, 4U, 127U, 128U, UINT32_MAX}) {
      EXPECT_FALSE(verify_vote(context_, *validators_, {subject, {signer}, vote.signature}));
    }
    Context other_network = context_;
    other_network.network.bytes[31] ^= 1;
    EXPECT_FALSE(verify_vote(other_network, *validators_, vote));
    EXPECT_FALSE(verify_vote({context_.network, 4}, *validators_, vote));
    Vote flipped = vote;
    flipped.signature.bytes[40] ^= 1;
    EXPECT_FALSE(verify_vote(context_, *validators_, flipped));
  }
  EXPECT_FALSE(verify_vote(context_, *validators_, signed_vote(Subject::nullify(View{0}), 1)));
}

TEST_F(Signatures, OfCertificatesAreAllNeeded) {
  const auto subject = Subject::notarize(proposal());
  EXPECT_TRUE(is_valid(certificate_of(subject, {0, 1, 3})));
  EXPECT_TRUE(is_valid(certificate_of(subject, {3, 1, 0}))) << "make_certificate orders them";
  EXPECT_TRUE(is_valid(certificate_of(subject, {0, 1, 2, 3}))) << "more than a quorum";
  EXPECT_FALSE(is_valid(certificate_of(subject, {0, 1}))) << "below the quorum";

  const auto good = certificate_of(subject, {0, 1, 3});
  const auto expect_refused = [&](const std::function<void(Certificate&)>& change,
                                  const char* what) {
    auto changed = good;
    change(changed);
    EXPECT_FALSE(is_valid(changed)) << what;
  };
  expect_refused([](auto& c) { c.signers = {0x07}; }, "bits of other signers");
  expect_refused([](auto& c) { c.signers = {0x1b}; }, "a bit above n");
  expect_refused([](auto& c) { c.signers = {0x03, 0x01}; }, "a bitmap that is too long");
  expect_refused([](auto& c) { c.signers = {0x0b, 0x00}; }, "a bitmap with an empty byte");
  expect_refused([](auto& c) { c.signers.clear(); }, "no bitmap");
  expect_refused([](auto& c) { c.signatures.pop_back(); }, "a signature less");
  expect_refused([](auto& c) { c.signatures.push_back(c.signatures[0]); }, "a signature more");
  expect_refused([](auto& c) { std::swap(c.signatures[0], c.signatures[1]); }, "wrong order");
  expect_refused([](auto& c) { c.signatures[2] = c.signatures[0]; }, "one signer twice");
  expect_refused([](auto& c) { c.signatures[2].bytes[0] ^= 1; }, "the last signature");
  expect_refused([](auto& c) { c.subject.kind = VoteKind::kFinalize; }, "another kind");
  expect_refused([](auto& c) { c.subject.proposal.parent = View{1}; }, "another parent");
  expect_refused([](auto& c) { c = {Subject::nullify(View{1}), {0x00}, {}}; }, "no signers");
}

TEST(Certificate, NamesItsSigners) {
  for (std::uint32_t i = 0; i < 20; ++i) {
    EXPECT_EQ(is_signed_by(certificate(), ValidatorIndex{i}), i == 1 || i == 3 || i == 9) << i;
  }
}

TEST(Effects, AppendKeepsTheOrder) {
  Effects first;
  EXPECT_TRUE(first.empty());
  first.sign.push_back(Subject::nullify(View{1}));
  Effects second;
  second.sign.push_back(Subject::nullify(View{2}));
  second.contradiction = Contradiction{certificate(), certificate()};
  first.append(std::move(second));
  ASSERT_EQ(first.sign.size(), 2U);
  EXPECT_EQ(first.sign[1].view(), View{2});
  EXPECT_TRUE(first.contradiction);
  EXPECT_FALSE(first.empty());
}

}  // namespace
}  // namespace peerpay::consensus::test
