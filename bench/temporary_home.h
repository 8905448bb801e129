#pragma once
// TemporaryHome: a directory for the homes of a network that lives as long as one run.

#include <string>

#include "bench/failure.h"

namespace peerpay::bench {

class TemporaryHome {
 public:
  [[nodiscard]] static Result<TemporaryHome> create();
  TemporaryHome(const TemporaryHome&) = delete;
  TemporaryHome& operator=(const TemporaryHome&) = delete;
  TemporaryHome(TemporaryHome&& other) noexcept;
  TemporaryHome& operator=(TemporaryHome&&) = delete;
  ~TemporaryHome();  // removes it with everything in it, unless it is kept

  [[nodiscard]] const std::string& path() const { return path_; }
  void keep() { keep_ = true; }

 private:
  explicit TemporaryHome(std::string path) : path_{std::move(path)} {}
  std::string path_;
  bool keep_ = false;
};

}  // namespace peerpay::bench
