#pragma once
// QrCache: the QR codes of payment URIs as SVG. Making one takes milliseconds, and a checkout page
// is asked for again and again. On the loop.

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace peerpay::api {

class QrCache {
 public:
  struct Limits {
    std::size_t entries_max = 1'024;
    std::size_t bytes_max = 16 * 1024 * 1024;  // of URIs and SVGs
  };

  explicit QrCache(Limits limits) : limits_{limits} {}

  // Empty when the URI is too long for a QR code. What was not asked for the longest goes first.
  [[nodiscard]] std::shared_ptr<const std::string> svg_of(const std::string& uri);

  [[nodiscard]] std::size_t entries() const { return entries_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  using Entry = std::pair<std::string, std::shared_ptr<const std::string>>;
  static std::size_t size_of(const Entry& entry) {
    return entry.first.size() + entry.second->size();
  }

  const Limits limits_;
  std::list<Entry> entries_;                                       // the latest first
  std::map<std::string_view, std::list<Entry>::iterator> places_;  // keys are in the entries
  std::size_t bytes_ = 0;
};

}  // namespace peerpay::api
