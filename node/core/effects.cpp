#include "node/core/effects.h"

#include <iterator>
#include <utility>

namespace peerpay::node {
namespace {

template <class T>
void move_onto(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

void Effects::append(Effects&& later) {
  move_onto(persist, later.persist);
  move_onto(sign, later.sign);
  move_onto(send, later.send);
  move_onto(store, later.store);
  move_onto(commit, later.commit);
  move_onto(replies, later.replies);
  move_onto(dropped, later.dropped);
  move_onto(serve, later.serve);
  move_onto(evidence, later.evidence);
  move_onto(faults, later.faults);
  if (!contradiction) contradiction = std::move(later.contradiction);
  if (halt || !later.halt) return;
  halt = std::move(later.halt);
  halt_cause = later.halt_cause;
}

}  // namespace peerpay::node
