#include "api/resources/qr_cache.h"

#include "base/qr/qr.h"

namespace peerpay::api {
namespace {

std::string made_svg(const std::string& uri) {
  const auto code = qr::encode(uri);
  return code ? qr::svg(*code) : std::string{};
}

}  // namespace

std::shared_ptr<const std::string> QrCache::svg_of(const std::string& uri) {
  if (const auto place = places_.find(uri); place != places_.end()) {
    entries_.splice(entries_.begin(), entries_, place->second);
    return entries_.front().second;
  }
  auto svg = std::make_shared<const std::string>(made_svg(uri));
  entries_.emplace_front(uri, svg);
  places_.emplace(entries_.front().first, entries_.begin());
  bytes_ += size_of(entries_.front());
  while (entries_.size() > limits_.entries_max || bytes_ > limits_.bytes_max) {
    bytes_ -= size_of(entries_.back());
    places_.erase(entries_.back().first);
    entries_.pop_back();
  }
  return svg;
}

}  // namespace peerpay::api
