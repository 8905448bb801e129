// Commits the blocks of test::kWriterBlocks to the store in the directory that is its argument, and
// writes one byte to its output for each that was acknowledged. To be killed.

#include <unistd.h>

#include "tests/unit/storage/test_chain.h"

int main(int count, char** arguments) {
  using namespace peerpay::storage;
  if (count != 2) return 2;
  test::TestChain chain;
  for (std::size_t i = 0; i < test::kWriterBlocks; ++i) chain.extend(1);
  const auto store = Store::open(arguments[1], chain.network(), HistoryIndex::kKept);
  if (!store) return 1;
  if (!recover(**store, chain.genesis())) return 1;
  for (std::uint64_t height = 1; height <= chain.height(); ++height) {
    if (!(*store)->commit(chain.at(height).finalized())) return 1;
    if (height % 7 == 0 && !(*store)->flush_state()) return 1;
    if (::write(STDOUT_FILENO, "", 1) != 1) return 1;
  }
  ::pause();
}
