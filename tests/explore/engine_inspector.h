#pragma once
// A look inside the engine, for what must tell its states apart.

#include <memory>

#include "consensus/engine.h"
#include "consensus/engine_state.h"

namespace peerpay::consensus {

struct EngineInspector {
  static const auto& state(const Engine& engine) { return *engine.state_; }
  static std::unique_ptr<Engine> copy(const Engine& engine) {
    const Engine::State& from = *engine.state_;
    auto out = std::make_unique<Engine>(from.config, from.context, from.validators, from.self);
    out->state_ = std::make_unique<Engine::State>(from);
    return out;
  }
};

}  // namespace peerpay::consensus
