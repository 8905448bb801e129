#include "ledger/address.h"

#include "base/bytes.h"
#include "crypto/bech32m.h"

namespace peerpay::ledger {
namespace {

constexpr std::uint8_t kVersionPlain = 0;
constexpr std::uint8_t kVersionTagged = 1;
constexpr std::size_t kTagBytes = 8;

std::string_view prefix_of(NetworkKind kind) {
  switch (kind) {
    case NetworkKind::kMain: return "peer";
    case NetworkKind::kTest: return "tpeer";
  }
  PEERPAY_UNREACHABLE("every NetworkKind has a prefix");
}

base::Unexpected<std::string> refused(std::string_view sentence) { return {std::string{sentence}}; }

std::uint64_t big_endian(base::ByteView bytes) {
  std::uint64_t value = 0;
  for (const auto byte : bytes) value = value << 8 | byte;
  return value;
}

std::string_view wrong_prefix(NetworkKind expected, std::string_view hrp) {
  if (expected == NetworkKind::kMain && hrp == prefix_of(NetworkKind::kTest)) {
    return "This address is for a test network, not for the main network.";
  }
  if (expected == NetworkKind::kTest && hrp == prefix_of(NetworkKind::kMain)) {
    return "This address is for the main network, not for a test network.";
  }
  return "This is not a peerpay address: it does not begin with \"peer1\" or \"tpeer1\".";
}

}  // namespace

std::string format_address(NetworkKind kind, const Address& address) {
  base::Bytes payload{address.account.bytes.begin(), address.account.bytes.end()};
  if (address.tag) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      payload.push_back(static_cast<std::uint8_t>(*address.tag >> shift));
    }
  }
  base::Bytes groups{address.tag ? kVersionTagged : kVersionPlain};
  const base::Bytes data = crypto::to_groups(payload);
  groups.insert(groups.end(), data.begin(), data.end());
  return crypto::bech32m_encode(prefix_of(kind), groups);
}

base::Expected<Address, std::string> parse_address(NetworkKind kind, std::string_view text) {
  const auto decoded = crypto::bech32m_decode(text);
  if (!decoded) return refused(crypto::sentence(decoded.error()));
  if (decoded->hrp != prefix_of(kind)) return refused(wrong_prefix(kind, decoded->hrp));
  if (decoded->groups.empty()) return refused("The address is empty.");
  const std::uint8_t version = decoded->groups.front();
  if (version > kVersionTagged) return refused("This version of addresses is not known.");

  const auto payload = crypto::from_groups(base::ByteView{decoded->groups}.subspan(1));
  if (!payload) return refused(crypto::sentence(crypto::Bech32Error::kPadding));
  const std::size_t tag_size = version == kVersionTagged ? kTagBytes : 0;
  if (payload->size() != AccountId::kSize + tag_size) {
    return refused("The address has the wrong length.");
  }
  const base::ByteView view{*payload};
  Address address;
  address.account = *AccountId::from(view.first(AccountId::kSize));
  if (version == kVersionTagged) address.tag = big_endian(view.subspan(AccountId::kSize));
  return address;
}

}  // namespace peerpay::ledger
