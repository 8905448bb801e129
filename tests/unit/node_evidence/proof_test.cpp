// Who is proved guilty by what, and that a file says nothing that its bytes don't.
#include "node/evidence/proof.h"

#include <gtest/gtest.h>

#include "node/core/replica.h"
#include "node/evidence/proof_file.h"
#include "tests/support/ledger/ledger_world.h"

namespace peerpay::evidence {
namespace {

using consensus::Certificate;
using consensus::Contradiction;
using consensus::Evidence;
using consensus::Proposal;
using consensus::Subject;
using consensus::ValidatorIndex;
using consensus::Vote;

Proposal proposal(std::uint8_t digest, std::uint64_t view = 7) {
  Proposal out{{view}, {view - 1}, {}};
  out.digest.bytes.fill(digest);
  return out;
}

// The validators of test_genesis are keys 100 to 103.
struct ProofTest : ::testing::Test {
  Vote vote(std::uint32_t signer, const Subject& subject) const {
    const auto message =
        consensus::signing_message(node::consensus_context(network.chain), subject);
    return {subject, {signer}, crypto::sign(ledger::test::test_key(100 + signer), message)};
  }
  Certificate certificate(const Subject& subject, std::initializer_list<std::uint32_t> all) const {
    Certificate out{subject, {0}, {}};
    for (const auto signer : all) {
      out.signers[0] |= static_cast<std::uint8_t>(1U << signer);
      out.signatures.push_back(vote(signer, subject).signature);
    }
    return out;
  }
  Evidence two_votes() const {
    return {vote(2, Subject::notarize(proposal(0xaa))), vote(2, Subject::notarize(proposal(0xbb)))};
  }
  Contradiction two_certificates() const {
    return {certificate(Subject::finalize(proposal(0xaa)), {0, 1, 2}),
            certificate(Subject::nullify({7}), {1, 2, 3})};
  }
  // Empty when the proof holds.
  std::string flaw(const Proof& proof) const {
    const auto found = guilty(proof, network);
    return found ? "" : found.error();
  }
  std::string refusal(std::string_view text) const {
    const auto read = from_file(text, network);
    return read ? "" : read.error();
  }
  std::string doctored(const std::string& from, const std::string& to) const {
    auto text = to_file(two_votes(), network);
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }

  ledger::Network network = ledger::network_of(ledger::test::test_genesis());
};

TEST_F(ProofTest, TwoVotesProveTheirSignerGuilty) {
  const auto found = guilty(two_votes(), network);
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(*found, std::vector{ValidatorIndex{2}});
  EXPECT_EQ(sentence(two_votes(), network),
            network.genesis.validators[2].name + " signed both notarize of " +
                base::to_hex(proposal(0xaa).digest.view()) + " in view 7 and notarize of " +
                base::to_hex(proposal(0xbb).digest.view()) +
                " in view 7, which no honest validator does.");
}

TEST_F(ProofTest, EachPairThatExcludesEachOtherProves) {
  const auto notarize = vote(0, Subject::notarize(proposal(1)));
  const auto finalize = vote(0, Subject::finalize(proposal(1)));
  const auto other = vote(0, Subject::finalize(proposal(2)));
  const auto nullify = vote(0, Subject::nullify({7}));
  EXPECT_EQ(flaw(Evidence{notarize, other}), "");
  EXPECT_EQ(flaw(Evidence{finalize, other}), "");
  EXPECT_EQ(flaw(Evidence{nullify, finalize}), "");
  // The same view, parent and digest as a nullify has.
  EXPECT_EQ(flaw(Evidence{vote(0, Subject::finalize({{7}, {0}, {}})), nullify}), "");
  const std::string nothing = "an honest validator may sign both";
  EXPECT_EQ(flaw(Evidence{notarize, nullify}), nothing);
  EXPECT_EQ(flaw(Evidence{notarize, finalize}), nothing);
  EXPECT_EQ(flaw(Evidence{nullify, nullify}), nothing);
  EXPECT_FALSE(flaw(Evidence{finalize, vote(0, Subject::nullify({8}))}).empty());
}

TEST_F(ProofTest, VotesThatProveNothing) {
  auto forged = two_votes();
  forged.second.signature.bytes[5] ^= 1;
  EXPECT_EQ(flaw(forged), "the signature of a vote is wrong");
  auto stranger = two_votes();
  stranger.first.signer = stranger.second.signer = {4};
  EXPECT_EQ(flaw(stranger), "a vote is of nobody in the genesis");
  EXPECT_EQ(flaw(Evidence{vote(1, Subject::notarize(proposal(1))),
                          vote(2, Subject::notarize(proposal(2)))}),
            "nobody signed both");
}

TEST_F(ProofTest, AVoteOfAnotherNetworkProvesNothing) {
  const auto proof = two_votes();
  network.genesis.timestamp.value += 1;
  network = ledger::network_of(network.genesis);
  EXPECT_EQ(flaw(proof), "the signature of a vote is wrong");
}

TEST_F(ProofTest, TwoCertificatesProveGuiltyWhoSignedBoth) {
  const auto found = guilty(two_certificates(), network);
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(*found, (std::vector{ValidatorIndex{1}, ValidatorIndex{2}}));
  EXPECT_NE(sentence(two_certificates(), network).find("more than 1 of the 4 validators"),
            std::string::npos);
}

// A node can tell that two views contradict each other when it has the blocks; two certificates
// alone can't.
TEST_F(ProofTest, FinalizationsOfTwoViewsAreKeptAndBlameNobody) {
  const Contradiction both{certificate(Subject::finalize(proposal(1, 7)), {0, 1, 2}),
                           certificate(Subject::finalize(proposal(2, 8)), {1, 2, 3})};
  EXPECT_EQ(flaw(both),
            "statements of two views prove nobody guilty: it takes the blocks between them");
  EXPECT_TRUE(accused(both).empty());
  EXPECT_NE(to_file(both, network).find("\"accused\":[]"), std::string::npos);
  EXPECT_EQ(refusal(to_file(both, network)), "");
  EXPECT_EQ(sentence(both, network).find("A quorum stands behind each of finalize of"), 0U);
}

TEST_F(ProofTest, CertificatesThatProveNothing) {
  auto both = two_certificates();
  both.second = certificate(Subject::nullify({7}), {1, 2});
  EXPECT_EQ(flaw(both), "a certificate has too few signers");
  both = two_certificates();
  both.second.signatures[2].bytes[0] ^= 1;
  EXPECT_EQ(flaw(both), "a signature of a certificate is wrong");
  both = two_certificates();
  both.second.signers.push_back(0);
  EXPECT_EQ(flaw(both), "a certificate's bitmap has the wrong size");
  both = two_certificates();
  both.first.signers[0] |= 0x10;
  both.first.signatures.push_back(both.first.signatures[0]);
  EXPECT_EQ(flaw(both), "a certificate names a signer who is nobody in the genesis");
  both = two_certificates();
  both.first.signatures.pop_back();
  EXPECT_EQ(flaw(both), "a certificate has fewer signatures than signers");
  both = two_certificates();
  both.first.signatures.push_back(both.first.signatures[0]);
  EXPECT_EQ(flaw(both), "a certificate has more signatures than signers");
  both = two_certificates();
  both.first = certificate(Subject::notarize(proposal(1)), {0, 1, 2});
  EXPECT_EQ(flaw(both), "an honest validator may sign both");
}

TEST_F(ProofTest, AFileIsReadBack) {
  for (const Proof& proof : {Proof{two_votes()}, Proof{two_certificates()}}) {
    const auto text = to_file(proof, network);
    const auto read = from_file(text, network);
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(to_file(*read, network), text);
    EXPECT_EQ(flaw(*read), "");
  }
  EXPECT_EQ(file_name(two_votes()), "validator-2-view-7.json");
  EXPECT_EQ(file_name(two_certificates()), "certificates-view-7.json");
}

TEST_F(ProofTest, TheLargestFileFits) {
  Certificate large{Subject::finalize(proposal(1)), base::Bytes(16, 0xff), {}};
  large.signatures.resize(128);
  const auto validator = network.genesis.validators[0];
  network.genesis.validators.assign(128, validator);
  for (auto& one : network.genesis.validators) one.name = std::string(32, 'x');
  const auto text = to_file(Contradiction{large, large}, network);
  EXPECT_LE(2 * text.size(), kProofFileBytesMax);
}

TEST_F(ProofTest, AFileThatSaysMoreThanItsBytesIsRefused) {
  const auto name = network.genesis.validators[2].name;
  EXPECT_EQ(refusal(doctored("\"view\":7", "\"view\":8")),
            "its \"first\" is not what the bytes of its statements and the genesis say");
  EXPECT_EQ(refusal(doctored("\"accused\":[\"" + name,
                             "\"accused\":[\"" + network.genesis.validators[1].name)),
            "its \"accused\" is not what the bytes of its statements and the genesis say");
  EXPECT_EQ(refusal(doctored("\"epoch\":0", "\"epoch\":1")),
            "its \"epoch\" is not what the bytes of its statements and the genesis say");
  EXPECT_EQ(refusal(doctored(" signed both", " signed neither")), "") << "the reader makes its own";
}

TEST_F(ProofTest, WhatIsNoFileOfThisNetworkIsRefused) {
  EXPECT_EQ(refusal(""), "it is no evidence of peerpayd");
  EXPECT_EQ(refusal("{}"), "it is no evidence of peerpayd");
  EXPECT_EQ(refusal(doctored("evidence-1", "evidence-2")), "it is no evidence of peerpayd");
  EXPECT_EQ(refusal(doctored("\"vote\"", "\"certificate\"")),
            "it does not hold two votes or two certificates");
  EXPECT_EQ(refusal(doctored("\"bytes\":\"", "\"bytes\":\"0")),
            "it does not hold two votes or two certificates");
  EXPECT_EQ(refusal(std::string(kProofFileBytesMax + 1, ' ')), "it is too long");
  const auto text = to_file(two_votes(), network);
  network.genesis.timestamp.value += 1;
  network = ledger::network_of(network.genesis);
  EXPECT_EQ(refusal(text), "it is of another network");
}

}  // namespace
}  // namespace peerpay::evidence
