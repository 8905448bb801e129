#pragma once
// Promises: what this process may sign, and with which records it starts. Without a signer it
// follows and does not vote.

#include <optional>
#include <vector>

#include "consensus/effects.h"
#include "node/app/exit_code.h"
#include "node/app/home.h"
#include "node/app/signer.h"
#include "node/storage/store.h"

namespace peerpay::app {

struct Promises {
  std::optional<Signer> signer;
  std::vector<consensus::SafetyRecord> journal;
};

// A log that is missing is told in the program's log, and leaves the result empty.
[[nodiscard]] base::Expected<Promises, Failure> open_promises(Home& home);

// The log against the store, both ways, before anything is signed. A log that is older than the
// store empties `promises` (spec: storage S30). A store that lacks what the log shows to have been
// in it is refused where nobody else has it, and told otherwise (S32).
[[nodiscard]] base::Expected<void, Failure> compare_with_store(Promises& promises, const Home& home,
                                                               storage::Store& store);

}  // namespace peerpay::app
