#include "tests/unit/storage/test_chain.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/storage/records.h"

namespace peerpay::storage::test {

consensus::Certificate finalization_of(const ledger::BlockHeader& header) {
  const consensus::Proposal proposal{consensus::View{header.view}, consensus::View{header.view - 1},
                                     consensus::Digest{ledger::block_hash(header).bytes}};
  return certificate(consensus::Subject::finalize(proposal));
}

ledger::SealedTransaction TestChain::pay(std::uint32_t payer, std::uint32_t payee) {
  return ledger::test::sealed(
      world_.chain(),
      ledger::test::payment(world_.genesis(), ledger::test::test_account(payer),
                            ledger::Nonce{++nonce_}, {{ledger::test::test_account(payee), 1}}));
}

const ChainBlock& TestChain::extend(std::size_t payments, Certified certified) {
  std::vector<ledger::SealedTransaction> transactions;
  for (std::size_t i = 0; i < payments; ++i) transactions.push_back(pay(0, 1));
  return extend_with(transactions, certified);
}

const ChainBlock& TestChain::extend_with(const std::vector<ledger::SealedTransaction>& transactions,
                                         Certified certified) {
  ChainBlock next;
  next.block = world_.propose(transactions);
  EXPECT_EQ(next.block.transactions.size(), transactions.size());
  next.hash = ledger::block_hash(next.block.header);
  ledger::Overlay overlay{world_.state()};
  auto executed = ledger::execute_block(genesis(), world_.tip(), next.block, overlay);
  next.outcomes = std::move(executed->outcomes);
  next.changes = overlay.changes();
  if (certified == Certified::kYes) next.certificate = finalization_of(next.block.header);
  EXPECT_TRUE(world_.accept(next.block));
  blocks_.push_back(std::move(next));
  return blocks_.back();
}

ledger::Block TestChain::sibling() { return world_.propose({pay(2, 3)}, 1); }

std::unique_ptr<Store> StoreFixture::open_at(const std::string& path) {
  auto store = Store::open(path, network_, HistoryIndex::kKept);
  if (!store) {
    ADD_FAILURE() << store.error().message;
    return nullptr;
  }
  const auto recovered = recover(**store, network_.genesis);
  EXPECT_TRUE(recovered) << recovered.error().message;
  return std::move(*store);
}

std::string StoreFixture::snapshot() { return copy_of(path()); }

std::string StoreFixture::copy_of(const std::string& path) {
  const std::string copy = directory_.file("copy" + std::to_string(++copies_));
  std::filesystem::copy(path, copy, std::filesystem::copy_options::recursive);
  return copy;
}

namespace {

std::string block_defect(const Store& store, const ChainBlock& expected) {
  const auto height = expected.block.header.height;
  const auto block = store.block_at(height);
  if (!block || !*block || (*block)->hash != expected.hash) return "block_at";
  if ((*block)->bytes != ledger::encode(expected.block)) return "bytes of block_at";
  if ((*block)->certificate != expected.certificate) return "certificate of block_at";
  const auto by_hash = store.block(expected.hash);
  if (!by_hash || !*by_hash || (*by_hash)->bytes != (*block)->bytes) return "block";
  const auto entry = store.chain_entry(height);
  if (!entry || !*entry || (*entry)->header != expected.block.header) return "chain_entry";
  const auto outcomes = store.outcomes(height);
  if (!outcomes || *outcomes != expected.outcomes) return "outcomes";
  for (std::uint32_t i = 0; i < expected.block.transactions.size(); ++i) {
    const auto& transaction = expected.block.transactions[i];
    const auto found = store.find_transaction(transaction.id);
    if (!found || !*found) return "find_transaction";
    if ((*found)->position != Position{height, i}) return "position";
    if ((*found)->bytes != transaction.bytes) return "bytes of a transaction";
    if ((*found)->outcome != expected.outcomes[i]) return "outcome of a transaction";
    if ((*found)->block_timestamp != expected.block.header.timestamp) return "timestamp";
  }
  return "";
}

std::size_t count_history(const Store& store, const ledger::AccountId& account) {
  std::size_t count = 0;
  std::string cursor;
  do {
    const auto page = store.history(account, cursor, 3);
    if (!page) return SIZE_MAX;
    count += page->transactions.size();
    cursor = page->next_cursor;
  } while (!cursor.empty());
  return count;
}

}  // namespace

std::string content_defect(Store& store, const TestChain& chain, std::uint64_t head) {
  const auto recovered = recover(store, chain.genesis());
  if (!recovered) return "recover: " + recovered.error().message;
  if (recovered->head.header.height.value != head) return "head";
  std::size_t payments = 0;
  for (std::uint64_t height = 1; height <= head; ++height) {
    const auto found = block_defect(store, chain.at(height));
    if (!found.empty()) return "height " + std::to_string(height) + ": " + found;
    for (const auto& transaction : chain.at(height).block.transactions) {
      payments += transaction.transaction.body.sender == ledger::test::test_account(0) ? 1 : 0;
    }
  }
  if (count_history(store, ledger::test::test_account(0)) != payments) return "history";
  if (head == chain.height() && ledger::test::records_of(recovered->state.accounts()) !=
                                    ledger::test::records_of(chain.world().state())) {
    return "accounts";
  }
  return "";
}

std::string defect(const std::string& path, const TestChain& chain, std::uint64_t head) {
  const auto store = Store::open(path, chain.network(), HistoryIndex::kKept);
  if (!store) return "open: " + store.error().message;
  return content_defect(**store, chain, head);
}

int sound_prefix(const std::string& path, const TestChain& chain) {
  const auto refused = [](const StorageError& error) {
    EXPECT_TRUE(error.fault == StorageFault::kCorrupt || error.fault == StorageFault::kIo)
        << error.message;
    return -1;
  };
  const auto store = Store::open(path, chain.network(), HistoryIndex::kKept);
  if (!store) return refused(store.error());
  const auto head = (*store)->head();
  if (!head) return refused(head.error());
  const auto found = content_defect(**store, chain, head->header.height.value);
  if (const auto failure = (*store)->failure()) return refused(*failure);
  if (const auto verified = (*store)->verify(); !verified) return refused(verified.error());
  EXPECT_EQ(found, "");
  return static_cast<int>(head->header.height.value);
}

}  // namespace peerpay::storage::test
