#include "net/testing/test_certificate.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <memory>

namespace pharos::net {
namespace {

template <class T, void (*kFree)(T*)>
struct Deleter {
  void operator()(T* object) const { kFree(object); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY, EVP_PKEY_free>>;
using CertPtr = std::unique_ptr<X509, Deleter<X509, X509_free>>;
using BioPtr = std::unique_ptr<BIO, Deleter<BIO, BIO_free_all>>;

std::string ReadAll(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

void AddExtension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

BioPtr Memory(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

}  // namespace

TestCertificate MakeTestCertificate(const TestCertificateOptions& options) {
  const KeyPtr key(options.rsa_bits > 0 ? EVP_RSA_gen(static_cast<unsigned>(options.rsa_bits))
                                        : EVP_EC_gen("P-256"));
  const EVP_MD* digest = EVP_get_digestbyname(options.digest);
  const CertPtr certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate.get()),
                         reinterpret_cast<intptr_t>(key.get()) & 0x7fffffff);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), options.valid_from / Seconds(1));
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), options.valid_until / Seconds(1));
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(options.common_name.c_str()),
                             -1, -1, 0);
  AddExtension(certificate.get(), NID_basic_constraints,
               options.is_ca ? "critical,CA:TRUE" : "CA:FALSE");
  if (!options.names.empty()) {
    AddExtension(certificate.get(), NID_subject_alt_name, options.names);
  }
  if (options.issuer == nullptr) {
    X509_set_issuer_name(certificate.get(), name);
    X509_sign(certificate.get(), key.get(), digest);
  } else {
    const BioPtr issuer_bio = Memory(options.issuer->cert_pem);
    const CertPtr issuer(PEM_read_bio_X509(issuer_bio.get(), nullptr, nullptr, nullptr));
    const BioPtr key_bio = Memory(options.issuer->key_pem);
    const KeyPtr issuer_key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.get()));
    X509_sign(certificate.get(), issuer_key.get(), digest);
  }
  const BioPtr cert_out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(cert_out.get(), certificate.get());
  const BioPtr key_out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {ReadAll(cert_out.get()), ReadAll(key_out.get())};
}

}  // namespace pharos::net
