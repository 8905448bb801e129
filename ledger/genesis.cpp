#include "ledger/genesis.h"

#include "base/bytes.h"
#include "ledger/codec.h"
#include "ledger/limits.h"

namespace peerpay::ledger {
namespace {

using base::BcsReader;
using base::BcsWriter;

constexpr std::uint32_t kNetworkKinds = 2;
constexpr std::size_t kAssetBytesMin = 1 + 1 + 32 + 8;
constexpr std::size_t kValidatorBytesMin = 1 + 32 + 32 + 32 + 64 + 1;
constexpr std::size_t kGenesisAccountBytesMin = 32 + 1;

void write(BcsWriter& out, const Asset& asset) {
  out.bytes(base::as_bytes(asset.code));
  out.u8(asset.scale);
  out.fixed(asset.issuer);
  out.u64(asset.fee_per_operation.units());
}

Asset read_asset(BcsReader& in) {
  Asset asset;
  asset.code = base::to_text(in.bytes(kAssetCodeLengthMax));
  asset.scale = in.u8();
  asset.issuer = in.fixed<AccountId>();
  asset.fee_per_operation = Amount{in.u64()};
  return asset;
}

void write(BcsWriter& out, const Validator& validator) {
  out.bytes(base::as_bytes(validator.name));
  out.fixed(validator.key);
  out.fixed(validator.fee_account);
  out.fixed(validator.tls_pin);
  out.fixed(validator.tls_binding);
  out.bytes(base::as_bytes(validator.peer_address));
}

Validator read_validator(BcsReader& in) {
  Validator validator;
  validator.name = base::to_text(in.bytes(kNameLengthMax));
  validator.key = in.fixed<crypto::PublicKey>();
  validator.fee_account = in.fixed<AccountId>();
  validator.tls_pin = in.fixed<TlsPin>();
  validator.tls_binding = in.fixed<crypto::Signature>();
  validator.peer_address = base::to_text(in.bytes(kNetworkAddressLengthMax));
  return validator;
}

void write(BcsWriter& out, const GenesisAccount& account) {
  out.fixed(account.id);
  write_balances(out, account.balances);
}

GenesisAccount read_genesis_account(BcsReader& in) {
  GenesisAccount account;
  account.id = in.fixed<AccountId>();
  account.balances = read_balances(in);
  return account;
}

void write(BcsWriter& out, const ConsensusParameters& parameters) {
  out.u32(parameters.block_interval_min_ms);
  out.u32(parameters.heartbeat_interval_ms);
  out.u32(parameters.leader_timeout_ms);
  out.u32(parameters.certification_timeout_ms);
  out.u32(parameters.retry_interval_ms);
  out.u32(parameters.skip_timeout_ms);
  out.u32(parameters.timeout_max_ms);
  out.u32(parameters.timestamp_ahead_max_ms);
  out.u32(parameters.block_bytes_max);
}

ConsensusParameters read_parameters(BcsReader& in) {
  ConsensusParameters parameters;
  parameters.block_interval_min_ms = in.u32();
  parameters.heartbeat_interval_ms = in.u32();
  parameters.leader_timeout_ms = in.u32();
  parameters.certification_timeout_ms = in.u32();
  parameters.retry_interval_ms = in.u32();
  parameters.skip_timeout_ms = in.u32();
  parameters.timeout_max_ms = in.u32();
  parameters.timestamp_ahead_max_ms = in.u32();
  parameters.block_bytes_max = in.u32();
  return parameters;
}

template <class T>
void write_all(BcsWriter& out, const std::vector<T>& items) {
  out.uleb(static_cast<std::uint32_t>(items.size()));
  for (const auto& item : items) write(out, item);
}

struct ListBounds {
  std::size_t count_max;
  std::size_t element_size_min;
};

template <class T>
std::vector<T> read_all(BcsReader& in, ListBounds bounds, T (*read)(BcsReader&)) {
  const std::size_t count = in.length(bounds.count_max, bounds.element_size_min);
  std::vector<T> items;
  items.reserve(count);
  for (std::size_t i = 0; i < count && in.ok(); ++i) items.push_back(read(in));
  return items;
}

Genesis read_genesis(BcsReader& in) {
  Genesis genesis;
  genesis.version = in.u8();
  genesis.network = base::to_text(in.bytes(kNameLengthMax));
  genesis.kind = static_cast<NetworkKind>(in.variant(kNetworkKinds));
  genesis.timestamp.value = in.u64();
  genesis.assets = read_all(in, {kAssetsMax, kAssetBytesMin}, read_asset);
  genesis.validators = read_all(in, {kValidatorsMax, kValidatorBytesMin}, read_validator);
  genesis.accounts =
      read_all(in, {kGenesisAccountsMax, kGenesisAccountBytesMin}, read_genesis_account);
  genesis.consensus = read_parameters(in);
  return genesis;
}

}  // namespace

const Asset* Genesis::asset(AssetId id) const {
  return id.value < assets.size() ? &assets[id.value] : nullptr;
}

std::optional<AssetId> Genesis::asset_by_code(std::string_view code) const {
  for (std::size_t i = 0; i < assets.size(); ++i) {
    if (assets[i].code == code) return AssetId{static_cast<std::uint32_t>(i)};
  }
  return std::nullopt;
}

base::Bytes encode(const Genesis& genesis) {
  BcsWriter out;
  out.u8(genesis.version);
  out.bytes(base::as_bytes(genesis.network));
  out.uleb(static_cast<std::uint32_t>(genesis.kind));
  out.u64(genesis.timestamp.value);
  write_all(out, genesis.assets);
  write_all(out, genesis.validators);
  write_all(out, genesis.accounts);
  write(out, genesis.consensus);
  return std::move(out).take();
}

base::Expected<Genesis, base::DecodeError> decode_genesis(base::ByteView bytes) {
  return decode_whole(bytes, read_genesis);
}

ChainId chain_id(const Genesis& genesis) { return chain_id(base::ByteView{encode(genesis)}); }

ChainId chain_id(base::ByteView encoded_genesis) {
  return crypto::tagged_hash_as<ChainId>(crypto::Tag::kGenesis, encoded_genesis);
}

Network network_of(Genesis genesis) {
  const ChainId chain = chain_id(genesis);
  return {std::move(genesis), chain};
}

void forget_accounts(Network& network) { network.genesis.accounts = {}; }

crypto::Hash tls_binding_message(std::string_view network, const crypto::PublicKey& key,
                                 const TlsPin& pin) {
  BcsWriter out;
  out.bytes(base::as_bytes(network));
  out.fixed(key);
  out.fixed(pin);
  return crypto::tagged_hash(crypto::Tag::kTlsBinding, out.view());
}

}  // namespace peerpay::ledger
