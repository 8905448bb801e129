#include "bench/stages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <sstream>

namespace peerpay::bench {
namespace {

std::string_view stage_named_by(const std::vector<std::string>& symbols) {
  return kStages[stage_of(symbols)];
}

std::uint64_t count_of(const StageSamples& samples, std::string_view stage) {
  return samples[static_cast<std::size_t>(std::find(kStages.begin(), kStages.end(), stage) -
                                          kStages.begin())];
}

TEST(Stages, TheInnermostFunctionThatNamesOneDecides) {
  EXPECT_EQ(
      stage_named_by({"malloc", "peerpay::ledger::apply_transaction", "peerpay::node::build_block",
                      "peerpay::node::Replica::State::propose", "peerpay::node::Replica::handle"}),
      "build");
  EXPECT_EQ(stage_named_by({"memcmp", "peerpay::ledger::apply_transaction",
                            "peerpay::ledger::execute_block", "peerpay::node::BlockTree::execute"}),
            "execute");
  EXPECT_EQ(stage_named_by({"peerpay::crypto::tagged_hash", "peerpay::ledger::StateTree::update",
                            "peerpay::node::BlockTree::update"}),
            "tree");
}

// The same library checks payments and votes.
TEST(Stages, TellsSignaturesOfPaymentsFromThoseOfVotes) {
  EXPECT_EQ(stage_named_by({"secp256k1_schnorrsig_verify", "peerpay::crypto::verify_message",
                            "peerpay::ledger::verify_signatures", "peerpay::app::Ingress::check"}),
            "verify");
  EXPECT_EQ(stage_named_by({"secp256k1_schnorrsig_verify", "peerpay::crypto::verify_message",
                            "peerpay::consensus::verify", "peerpay::app::Ingress::take_message"}),
            "consensus");
  EXPECT_EQ(stage_named_by({"secp256k1_schnorrsig_verify", "start_thread"}), "verify");
}

TEST(Stages, WhatNothingNamesIsOther) {
  EXPECT_EQ(stage_named_by({"epoll_wait", "grpc_pollset_work"}), "transport");
  EXPECT_EQ(stage_named_by({"rocksdb::CompactionJob::Run", "start_thread"}), "storage");
  EXPECT_EQ(stage_named_by({"nanosleep", "clone3"}), "other");
  EXPECT_EQ(stage_named_by({}), "other");
}

TEST(Stages, CountsEverySampleOnce) {
  std::stringstream text{
      "Warning: something that perf says on the way\n"
      "worker \n"
      "\tffffffff813a4413 finish_task_switch.isra.0\n"
      "\t          d1f0 secp256k1_schnorrsig_verify\n"
      "\t         20a0d peerpay::ledger::verify_signatures\n"
      "\n"
      "core \n"
      "\t     55d0c1f0a peerpay::node::Mempool::add\n"
      "\n"
      "core \n"
      "\t            0 [unknown]\n"};  // the last one without its empty line
  const auto samples = fold_samples(text);
  EXPECT_EQ(count_of(samples, "verify"), 1u);
  EXPECT_EQ(count_of(samples, "mempool"), 1u);
  EXPECT_EQ(count_of(samples, "other"), 1u);
  EXPECT_EQ(std::accumulate(samples.begin(), samples.end(), std::uint64_t{0}), 3u);
}

}  // namespace
}  // namespace peerpay::bench
