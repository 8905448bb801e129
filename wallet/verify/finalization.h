#pragma once
// Whether the validators of a genesis have finalized a block. Offline: no node is asked. Pure.

#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/expected.h"
#include "ledger/genesis.h"
#include "ledger/ids.h"

namespace peerpay::wallet {

class FinalizationCheck {
 public:
  FinalizationCheck(const ledger::Genesis& genesis, const ledger::ChainId& chain);
  ~FinalizationCheck();
  FinalizationCheck(FinalizationCheck&&) noexcept;
  FinalizationCheck& operator=(FinalizationCheck&&) noexcept;

  // The number of validators whose signatures finalize `block`, or a sentence on what is wrong with
  // the certificate (BCS). About 40 us for each signature.
  [[nodiscard]] base::Expected<std::size_t, std::string_view> signers(
      const ledger::BlockHash& block, base::ByteView certificate) const;

 private:
  struct Validators;
  std::unique_ptr<Validators> validators_;
};

}  // namespace peerpay::wallet
