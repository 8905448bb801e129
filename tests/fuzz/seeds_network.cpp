// What nodes store and answer.

#include "node/core/replica.h"
#include "node/evidence/proof_file.h"
#include "node/storage/schema.h"
#include "node/storage/sign_log_format.h"
#include "peerpay/v1/node.pb.h"
#include "tests/fuzz/seeds.h"
#include "tests/support/ledger/ledger_world.h"

namespace peerpay::fuzz {
namespace {

using namespace peerpay::storage;

void add_storage(Seeds& seeds) {
  const consensus::Proposal proposal{consensus::View{7}, consensus::View{6}, {}};
  const auto subject = consensus::Subject::finalize(proposal);
  const consensus::Certificate certificate{subject, {0x07}, {{}, {}, {}}};

  auto log = encode_header({{}, {}, 1, consensus::View{3}});
  const consensus::SafetyRecord records[] = {consensus::OwnVote{subject},
                                             consensus::HeldCertificate{certificate}};
  const auto frame = encode_frame(first_position(log), records);
  seeds.emplace_back("sign_log", log);
  log.insert(log.end(), frame.bytes.begin(), frame.bytes.end());
  seeds.emplace_back("sign_log", log);

  const ledger::test::LedgerWorld world;
  ChainEntry entry{ledger::block_hash(world.tip()), world.tip(), {}};
  seeds.emplace_back("store_rows", encode(entry));
  entry.certificate = certificate;
  seeds.emplace_back("store_rows", encode(entry));
  seeds.emplace_back("store_rows", encode(Position{{7}, 3}));
  seeds.emplace_back("store_rows", encode(SignLogMark{{}, consensus::View{9}}));
  seeds.emplace_back("store_rows", body_key({7}, entry.hash));
  const auto cursor = format_cursor({}, {{7}, 3});
  seeds.emplace_back("store_rows", base::Bytes{cursor.begin(), cursor.end()});
}

// By the validators of the test genesis, keys 100 to 103, whose bits are set.
consensus::Certificate certificate_by(const ledger::Network& network,
                                      const consensus::Subject& subject, std::uint8_t signers) {
  const auto message = consensus::signing_message(node::consensus_context(network.chain), subject);
  consensus::Certificate out{subject, {signers}, {}};
  for (std::uint32_t i = 0; i < network.genesis.validators.size(); ++i) {
    if ((signers >> i & 1) != 0)
      out.signatures.push_back(crypto::sign(ledger::test::test_key(100 + i), message));
  }
  return out;
}

void add_evidence(Seeds& seeds) {
  const auto network = ledger::network_of(ledger::test::test_genesis());
  const consensus::Proposal proposal{consensus::View{7}, consensus::View{6}, {}};
  const auto finalize = consensus::Subject::finalize(proposal);
  const auto nullify = consensus::Subject::nullify({7});
  const auto vote = [&](const consensus::Subject& subject) {
    return consensus::Vote{subject, {0}, certificate_by(network, subject, 1).signatures.front()};
  };
  const evidence::Proof proofs[] = {
      consensus::Evidence{vote(finalize), vote(nullify)},
      consensus::Contradiction{certificate_by(network, finalize, 0b0111),
                               certificate_by(network, nullify, 0b1110)}};
  for (const auto& proof : proofs) {
    const auto text = evidence::to_file(proof, network);
    const auto bytes = base::as_bytes(text);
    seeds.emplace_back("evidence", base::Bytes{bytes.begin(), bytes.end()});
  }
}

template <class Message>
void add_message(Seeds& seeds, char number, const Message& message) {
  const auto text = number + message.SerializeAsString();
  const auto bytes = base::as_bytes(text);
  seeds.emplace_back("node_api", base::Bytes{bytes.begin(), bytes.end()});
}

// The numbers are the places in the table of node_api_fuzz.cpp.
void add_messages(Seeds& seeds) {
  const std::string id(32, 'i');
  v1::TransactionStatus status;
  status.set_id(id);
  status.set_state(v1::TRANSACTION_STATE_FINAL);
  status.set_height(7);
  status.set_index(1);
  status.set_block_timestamp_ms(1'700'000'000'000);
  status.set_fee_charged(2);
  add_message(seeds, 0, status);
  v1::SubmitBatchResponse batch;
  *batch.add_statuses() = status;
  add_message(seeds, 3, batch);
  v1::SubmitStreamResponse stream;
  *stream.add_statuses()->mutable_status() = status;
  add_message(seeds, 4, stream);
  v1::SubmitRequest submit;
  submit.set_transaction("bytes");
  submit.set_chain_id(id);
  submit.set_wait_ms(60'000);
  add_message(seeds, 1, submit);
  v1::SubmitStreamRequest submits;
  submits.add_transactions("bytes");
  submits.set_chain_id(id);
  add_message(seeds, 20, submits);
  v1::WaitForFinalRequest wait;
  wait.set_id(id);
  add_message(seeds, 5, wait);
  v1::GetAccountResponse account;
  account.set_account(id);
  account.set_exists(true);
  account.mutable_proof()->add_headers("header");
  auto& balance = *account.add_balances();
  balance.set_asset_code("EUR");
  balance.set_units(1250);
  balance.set_amount("12.50");
  add_message(seeds, 10, account);
  v1::ListHistoryRequest history;
  history.set_account(id);
  history.set_cursor("cursor");
  add_message(seeds, 11, history);
  v1::GetStatusResponse node;
  node.set_version("0.1.0");
  node.set_network("devnet");
  node.set_chain_id(id);
  node.add_peers()->set_name("v1");
  auto& asset = *node.add_assets();
  asset.set_code("EUR");
  asset.set_scale(2);
  asset.set_issuer(id);
  add_message(seeds, 19, node);
}

}  // namespace

Seeds network_seeds() {
  Seeds seeds;
  add_storage(seeds);
  add_evidence(seeds);
  add_messages(seeds);
  const base::Bytes frame{0x0a, 2, 'h', 'i', 0x0a, 0, 0x0a, 1, 'x'};
  seeds.emplace_back("peer_frame", frame);
  return seeds;
}

}  // namespace peerpay::fuzz
