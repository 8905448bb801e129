#include "tests/support/http/practice_certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>

#include "base/check.h"

namespace peerpay::test {
namespace {

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using File = std::unique_ptr<std::FILE, Freed<std::fclose>>;

void add_extension(X509& certificate, int kind, const std::string& value) {
  const Extension extension{X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str())};
  PEERPAY_CHECK(extension != nullptr, "a test names extensions that OpenSSL can write");
  X509_add_ext(&certificate, extension.get(), -1);
}

Certificate sign_own(EVP_PKEY& key, const std::string& subject_alternative_name) {
  Certificate certificate{X509_new()};
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 24L * 3600);
  X509_set_pubkey(certificate.get(), &key);
  auto* const subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("practice"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  add_extension(*certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(*certificate, NID_subject_alt_name, subject_alternative_name);
  PEERPAY_CHECK(X509_sign(certificate.get(), &key, EVP_sha256()) > 0, "OpenSSL can sign");
  return certificate;
}

}  // namespace

PracticeCertificate make_certificate(const std::string& folder, const std::string& name,
                                     const std::string& subject_alternative_name) {
  const Key key{EVP_EC_gen("P-256")};
  const auto certificate = sign_own(*key, subject_alternative_name);
  const PracticeCertificate files{folder + "/" + name + ".pem", folder + "/" + name + ".key"};
  const File certificate_file{std::fopen(files.certificate_file.c_str(), "w")};
  const File key_file{std::fopen(files.key_file.c_str(), "w")};
  PEERPAY_CHECK(certificate_file && key_file, "a test's folder can be written");
  PEM_write_X509(certificate_file.get(), certificate.get());
  PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return files;
}

}  // namespace peerpay::test
