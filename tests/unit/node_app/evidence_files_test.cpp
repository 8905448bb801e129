#include "node/app/evidence_files.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>

#include "base/os/file.h"
#include "node/core/replica.h"
#include "node/evidence/proof_file.h"
#include "tests/support/ledger/ledger_world.h"
#include "tests/support/temporary_directory.h"

namespace peerpay::app {
namespace {

namespace fs = std::filesystem;
using consensus::Subject;

struct EvidenceFilesTest : ::testing::Test {
  consensus::Vote vote(std::uint32_t signer, const Subject& subject) const {
    const auto message =
        consensus::signing_message(node::consensus_context(network.chain), subject);
    return {subject, {signer}, crypto::sign(ledger::test::test_key(100 + signer), message)};
  }
  consensus::Evidence evidence(std::uint32_t signer, std::uint64_t view) const {
    consensus::Proposal proposal{{view}, {0}, {}};
    return {vote(signer, Subject::finalize(proposal)), vote(signer, Subject::nullify({view}))};
  }
  std::size_t files() const {
    std::size_t out = 0;
    for (const auto& entry : fs::directory_iterator{path})
      out += entry.path().extension() == ".json";
    return out;
  }
  std::string proof_in(const std::string& name) const {
    const auto bytes = os::read_file(path + "/" + name, evidence::kProofFileBytesMax);
    if (!bytes) return bytes.error().sentence();
    const auto proof = evidence::from_file(base::to_text(*bytes), network);
    if (!proof) return proof.error();
    const auto guilty = evidence::guilty(*proof, network);
    return guilty ? "proved" : guilty.error();
  }

  ledger::Network network = ledger::network_of(ledger::test::test_genesis());
  peerpay::test::TemporaryDirectory directory;
  std::string path = directory.file("home/evidence");
};

TEST_F(EvidenceFilesTest, WhatIsKeptProvesWithoutTheNode) {
  EvidenceFiles kept{path, network};
  EXPECT_TRUE(kept.keep(evidence(2, 7)));
  kept.stop();
  EXPECT_EQ(proof_in("validator-2-view-7.json"), "proved");
}

TEST_F(EvidenceFilesTest, AContradictionIsDurableWhenTheCallReturns) {
  EvidenceFiles kept{path, network};
  consensus::Contradiction both;
  both.first = {Subject::nullify({7}), {0x0e}, {}};
  both.second = {Subject::finalize({{7}, {6}, {}}), {0x07}, {}};
  for (std::uint32_t i = 0; i < 3; ++i) {
    both.first.signatures.push_back(vote(i + 1, both.first.subject).signature);
    both.second.signatures.push_back(vote(i, both.second.subject).signature);
  }
  kept.keep_now(both);
  EXPECT_EQ(proof_in("certificates-view-7.json"), "proved");
}

TEST_F(EvidenceFilesTest, WhatNoFileTakesIsInTheLog) {
  ASSERT_TRUE(os::write_file_atomically(directory.file("home"), {}, {}));
  ::testing::internal::CaptureStdout();
  EvidenceFiles kept{path, network};
  EXPECT_TRUE(kept.keep(evidence(2, 7)));
  kept.stop();
  const auto log = ::testing::internal::GetCapturedStdout();
  EXPECT_NE(log.find(evidence::to_file(evidence(2, 7), network)), std::string::npos) << log;
}

TEST_F(EvidenceFilesTest, APlaceThatTakesNoFilesIsFoundBeforeThereIsOne) {
  ASSERT_TRUE(EvidenceFiles::prepare(path));
  ASSERT_TRUE(EvidenceFiles::prepare(path)) << "it is there already";
  fs::remove(path);
  ASSERT_TRUE(os::write_file_atomically(path, {}, {}));
  const auto prepared = EvidenceFiles::prepare(path);
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().errno_value, ENOTDIR);
}

TEST_F(EvidenceFilesTest, OneThatMisbehavesForEverFillsNoDiskAndHidesNobody) {
  {
    EvidenceFiles kept{path, network};
    for (std::uint64_t view = 1; view <= EvidenceFiles::kFilesPerValidator; ++view)
      EXPECT_TRUE(kept.keep(evidence(2, view)));
    EXPECT_FALSE(kept.keep(evidence(2, 1'000)));
    EXPECT_EQ(kept.refused(), 1U);
  }
  EXPECT_EQ(files(), EvidenceFiles::kFilesPerValidator);
  EvidenceFiles restarted{path, network};
  EXPECT_FALSE(restarted.keep(evidence(2, 1'001)));
  EXPECT_TRUE(restarted.keep(evidence(3, 1'001)));
  restarted.stop();
  EXPECT_EQ(files(), EvidenceFiles::kFilesPerValidator + 1);
}

TEST_F(EvidenceFilesTest, TheFirstProofOfAViewStays) {
  ASSERT_TRUE(os::create_directories(path, 0755));
  const std::string name = path + "/validator-2-view-7.json";
  ASSERT_TRUE(os::write_file_atomically(name, base::as_bytes("first"), {}));
  EvidenceFiles kept{path, network};
  EXPECT_TRUE(kept.keep(evidence(2, 7)));
  kept.stop();
  EXPECT_EQ(base::to_text(os::read_file(name, 100).value()), "first");
}

}  // namespace
}  // namespace peerpay::app
