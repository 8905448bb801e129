// Text that people, shops and operators write.

#include "base/check.h"
#include "ledger/address.h"
#include "tests/fuzz/seeds.h"
#include "tests/support/ledger/ledger_world.h"
#include "wallet/age.h"
#include "wallet/keystore.h"
#include "wallet/mnemonic.h"
#include "wallet/payment_uri.h"
#include "wallet/secret.h"

namespace peerpay::fuzz {
namespace {

struct Text {
  const char* target;
  const char* text;
};

constexpr Text kTexts[] = {
    {"base64", "aGVsbG8gd29ybGQ="},
    {"base64", "aGVsbG8gd29ybGQ"},
    {"hex", "00ffA5"},
    {"utf8", "caf\xc3\xa9 \xe2\x80\xae \x1b[31m \xff \\"},
    {"utf8", "\xf0\x9f\x98\x80 \xed\xa0\x80 \xf4\x90\x80\x80 \xc0\x80"},
    {"endpoint", "127.0.0.1:26700"},
    {"endpoint", "[::1]:26700"},
    {"endpoint", "node.example:443"},
    {"json", R"({"a":[1,true,null,"x\u00e9\n"],"b":{"c":18446744073709551615}})"},
    {"json", R"([[[[[[[[]]]]]]]])"},
    {"json", R"({"a":1,"a":2})"},
    {"settings",
     "name = \"n\"\n[client]\nlisten = \"a:1\"\nthreads = 7\n[store]\nbytes = 9\nkeeps = false\n"},
    {"settings", "client.threads = 64\nname = '''x'''\nstore = {bytes = 0x10}\n"},
    {"qr", "HTTPS://PAY.EXAMPLE/C/INV_0K3T"},
    {"qr", "12345678901234567890"},
    {"api_time", "2026-11-22T10:00:00.000Z"},
    {"api_time", "2024-02-29t23:59:59.123456789+05:30"},
    {"api_key", R"({"format":1,"keys":[{"id":"key_00000000000000000000000000","name":"shop",)"
                R"("scopes":["invoices:write","events:read"],"sha256":)"
                R"("00000000000000000000000000000000000000000000000000000000000000ff",)"
                R"("created_at_ms":1}]})"},
    {"api_key", "transactions:write"},
    {"idempotency_key", "\"8e03978e-40d5-43e8-bc93-6894a57f9324\""},
    {"idempotency_key", "order-1234"},
    {"idempotency_key", R"({"amount":{"value":"1.00","asset":"EUR"}})"},
    {"object_ids", "inv_00000000000000000000000000"},
    {"object_ids", "evt_7zzzzzzzzzzzzzzzzzzzzzzzzz"},
    {"object_ids", "1234-5"},
    {"object_ids", "invoice.payment_unexpected"},
    {"http_query", "limit=20&cursor=a%20b&x=%C3%A9+y"},
    {"url", "https://shop.example:8443/hooks?a=b%20c"},
    {"url", "https://[2001:db8::1]/"},
    {"url", "http://127.0.0.1:8080/x"},
    {"url", "::ffff:10.0.0.1"},
    {"url", "64:ff9b::a00:1"},
    {"url", "Sun, 06 Nov 2025 08:49:37 GMT"},
    {"url", "120"},
    {"wallet_text", "node = \"127.0.0.1:26700\"\naccount = \"main\"\n"},
    {"wallet_text", R"({"status":"open","payment_uri":"peerpay:x","is_up_to_date":true})"},
    {"wallet_text", "7d"},
    {"node_config",
     "[peer]\nlisten = \"127.0.0.1:7000\"\n[verify]\nthreads = 3\n[log]\nlevel = \"debug\"\n"},
    {"genesis_text",
     "name = \"v\"\nkey = \"00000000000000000000000000000000000000000000000000000000000000ff\"\n"
     "fee_account = \"00000000000000000000000000000000000000000000000000000000000000fe\"\n"
     "tls_pin = \"00000000000000000000000000000000000000000000000000000000000000fd\"\n"
     "tls_binding = \"0000000000000000000000000000000000000000000000000000000000000000"
     "00000000000000000000000000000000000000000000000000000000000000ff\"\n"
     "peer_address = \"a:1\"\n"},
    {"gateway_config",
     "[node]\naddress = \"127.0.0.1:1\"\n[http]\nlisten = \"0.0.0.0:80\"\n"
     "behind_proxy = true\npublic_url = \"https://pay.example\"\n"
     "[data]\ndirectory = \"d\"\n[shop]\nlabel = \"Shop\"\n"},
    {"http_framing",
     "GET /a/b?c=d HTTP/1.1\r\nHost: a\r\n\r\nPOST /x HTTP/1.1\r\nHost: a\r\n"
     "Content-Length: 5\r\n\r\nhello"},
    {"http_framing",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n"
     "0\r\nT: x\r\n\r\nGET / HTTP/1.0\r\nHost: a\r\nConnection: close\r\n\r\n"},
    {"http_framing",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n"
     "Content-Length: 5, 5\r\nExpect: 100-continue\r\nX: y\r\n z\r\n\r\n"},
    {"http_chunked",
     "\x03\x01\x02\x03"
     "5;a=b\r\nhello\r\n0a\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nnext"},
};

void add(Seeds& seeds, const std::string& target, std::string_view text) {
  const auto bytes = base::as_bytes(text);
  seeds.emplace_back(target, base::Bytes{bytes.begin(), bytes.end()});
}

void add_wallet(Seeds& seeds) {
  using ledger::NetworkKind;
  const auto account = ledger::test::test_account(1);
  for (const auto kind : {NetworkKind::kMain, NetworkKind::kTest}) {
    for (const ledger::Address& address : {ledger::Address{account, {}}, {account, 42}}) {
      const auto text = ledger::format_address(kind, address);
      add(seeds, "address", text);
      add(seeds, "bech32m", text);
      add(seeds, "genesis_text", text + "=USD:12.50");
      wallet::PaymentRequest request;
      request.payee = address;
      add(seeds, "payment_uri", wallet::format_payment_uri(kind, request));
      request.amount = "12.50";
      request.asset = "EUR";
      request.reference = "INV-7";
      request.label = "Corner Shop & Caf\u00e9";
      request.message = "two coffees";
      request.expires_at = base::UnixMillis{1'790'000'000'000};
      add(seeds, "payment_uri", wallet::format_payment_uri(kind, request));
    }
  }
  const auto words = wallet::mnemonic_from_entropy(base::Bytes(32, 7));
  add(seeds, "mnemonic", wallet::secret_text(words));
  add(seeds, "mnemonic", wallet::secret_text(wallet::mnemonic_from_entropy(base::Bytes(16, 0))));
  wallet::Keystore keystore;
  keystore.mnemonic = wallet::secret_from(wallet::secret_text(words));
  keystore.entries.push_back({"main", wallet::DerivedAccount{0}});
  keystore.entries.push_back({"faucet", ledger::test::test_key(3)});
  add(seeds, "keystore", wallet::secret_text(encode(keystore)));
  // As age_fuzz.cpp makes it: with another text it would be a finding.
  const auto file = wallet::age_encrypt(
      base::as_bytes("sixteen words would be enough for anybody"), base::as_bytes("correct horse"),
      base::Bytes(wallet::kAgeRandomBytes, 7), wallet::AgeWorkFactor{1});
  PEERPAY_CHECK(file, "it can be encrypted");
  seeds.emplace_back("age", *file);
}

}  // namespace

Seeds text_seeds() {
  Seeds seeds;
  for (const auto& [target, text] : kTexts) add(seeds, target, text);
  for (const auto* amount : {"0", "12.50", "18446744073709551615", "0.000000000000000001"}) {
    for (const char scale : {'\0', '\2', '\22'}) {
      add(seeds, "amount", std::string{scale} + amount);
    }
  }
  add_wallet(seeds);
  return seeds;
}

}  // namespace peerpay::fuzz
