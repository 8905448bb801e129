#include "node/app/held_certificates.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "node/app/ingress.h"
#include "node/core/messages.h"
#include "node/core/replica.h"
#include "tests/support/ledger/ledger_world.h"

namespace peerpay::app {
namespace {

constexpr consensus::ValidatorIndex kSelf{3};
constexpr std::uint8_t kOthers = 0b0111;
constexpr std::uint8_t kWithSelf = 0b1101;

// Nobody signed it: it does not verify.
consensus::Certificate certificate(std::uint64_t view, std::uint8_t signers) {
  return {consensus::Subject::nullify({view}), {signers}, std::vector<crypto::Signature>(3)};
}

struct HeldCertificatesTest : ::testing::Test {
  ledger::test::LedgerWorld world;
  consensus::Context context = node::consensus_context(world.chain());
  HeldCertificates held{context, kSelf, 16};
};

TEST_F(HeldCertificatesTest, OnlyACopyThatNamesUsCanTellAnythingNew) {
  held.held(certificate(1, kOthers));
  EXPECT_TRUE(held.covers(certificate(1, kOthers)));
  EXPECT_FALSE(held.covers(certificate(1, kWithSelf)));
  EXPECT_FALSE(held.covers(certificate(2, kOthers)));
  held.held(certificate(1, kWithSelf));
  EXPECT_TRUE(held.covers(certificate(1, kOthers)));
  EXPECT_TRUE(held.covers(certificate(1, kWithSelf)));
}

TEST_F(HeldCertificatesTest, NothingNamesAnObserver) {
  HeldCertificates observed{context, std::nullopt, 16};
  EXPECT_FALSE(observed.covers(certificate(1, kOthers)));
  observed.held(certificate(1, kOthers));
  EXPECT_TRUE(observed.covers(certificate(1, kWithSelf)));
}

TEST_F(HeldCertificatesTest, WhatIsCoveredIsNotVerifiedAgain) {
  std::size_t faults = 0;
  std::promise<void> done;
  VerdictCache verdicts{16};
  KeyCache keys{16, 1};
  WorkerPool pool{1};
  Ingress ingress{
      world.network(),
      pool,
      {verdicts, keys, held},
      {[](const node::Event&, const Ingress::Hold&) { ADD_FAILURE() << "it does not verify"; },
       [&faults](node::PeerIndex, const std::string&) { ++faults; }}};
  held.held(certificate(1, kOthers));
  for (const auto& copy : {certificate(1, kOthers), certificate(1, kWithSelf)})
    ingress.receive({1}, node::encode(node::PeerMessage{copy}), {});
  pool.post(Urgency::kBlock, [&done] { done.set_value(); });
  ASSERT_EQ(done.get_future().wait_for(std::chrono::seconds{30}), std::future_status::ready);
  EXPECT_EQ(faults, 1U) << "the one that names us";
  pool.stop();
}

}  // namespace
}  // namespace peerpay::app
