#include "net/tls_trust.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <ctime>

#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"

namespace pharos::net {
namespace {

constexpr Duration kCheckEvery = Minutes(1);
constexpr size_t kMaxExtended = 64;
constexpr size_t kMaxNameBytes = 512;

int64_t FileStamp(const std::string& path) {
  struct stat info{};
  if (stat(path.c_str(), &info) != 0) return 0;
  return info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec;
}

X509_STORE* NewStore() {
  X509_STORE* store = X509_STORE_new();
  // As curl does by default: an intermediate or leaf that is trusted itself ends the chain.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
  return store;
}

X509StorePtr Share(X509_STORE* store) {
  X509_STORE_up_ref(store);
  return X509StorePtr(store);
}

void CopyCertificates(X509_STORE* from, X509_STORE* to) {
  const STACK_OF(X509_OBJECT)* objects = X509_STORE_get0_objects(from);
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
    X509* certificate = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
    if (certificate != nullptr) X509_STORE_add_cert(to, certificate);
  }
}

size_t AddPem(X509_STORE* store, const std::string& pem) {
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  size_t count = 0;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    X509_STORE_add_cert(store, certificate);
    X509_free(certificate);
    ++count;
  }
  ERR_clear_error();  // the end of the text leaves an error behind
  return count;
}

std::string NameText(const X509_NAME* name) {
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  X509_NAME_print_ex(bio.get(), name, 0,
                     XN_FLAG_SEP_CPLUS_SPC | (ASN1_STRFLGS_RFC2253 & ~ASN1_STRFLGS_ESC_MSB));
  const char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  if (size <= 0) return {};
  return Ellipsize(SanitizeUtf8({data, static_cast<size_t>(size)}), kMaxNameBytes);
}

Timestamp ReadTime(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return FromUnixSeconds(timegm(&parts));
}

}  // namespace

TlsTrust::TlsTrust(std::string bundle_path, const Clock& clock)
    : bundle_path_(std::move(bundle_path)), clock_(clock), shared_(NewStore()) {
  checked_at_ = clock_.Monotonic() - kCheckEvery;
  if (FileStamp(bundle_path_) == 0) {
    Log(LogLevel::kWarning, "no CA bundle, https certificates will not verify",
        {{"path", bundle_path_}});
  }
}

TlsTrust::~TlsTrust() = default;

void TlsTrust::ReloadIfChanged() {
  const MonotonicTime now = clock_.Monotonic();
  if (now - checked_at_ < kCheckEvery) return;
  checked_at_ = now;
  const int64_t stamp = FileStamp(bundle_path_);
  if (stamp == stamp_ || stamp == 0) return;
  X509StorePtr fresh(NewStore());
  if (X509_STORE_load_file(fresh.get(), bundle_path_.c_str()) != 1) {
    ERR_clear_error();
    Log(LogLevel::kWarning, "the CA bundle cannot be read", {{"path", bundle_path_}});
    return;
  }
  stamp_ = stamp;
  shared_ = std::move(fresh);
  extended_.clear();
}

Result<X509StorePtr> TlsTrust::StoreFor(const std::string& extra_pem) {
  ReloadIfChanged();
  if (extra_pem.empty()) return Share(shared_.get());
  const std::string digest = Sha256(extra_pem);
  if (const auto found = extended_.find(digest); found != extended_.end()) {
    return Share(found->second.get());
  }
  X509StorePtr store(NewStore());
  if (AddPem(store.get(), extra_pem) == 0) {
    return Error(ErrorKind::kInvalid, "the extra trust anchors hold no PEM certificate");
  }
  CopyCertificates(shared_.get(), store.get());
  if (extended_.size() >= kMaxExtended) extended_.erase(extended_.begin());
  X509_STORE* added = store.get();
  extended_[digest] = std::move(store);
  return Share(added);
}

CertificateFacts ReadCertificateFacts(X509* certificate) {
  CertificateFacts facts;
  facts.subject = NameText(X509_get_subject_name(certificate));
  facts.issuer = NameText(X509_get_issuer_name(certificate));
  facts.not_before = ReadTime(X509_get0_notBefore(certificate));
  facts.not_after = ReadTime(X509_get0_notAfter(certificate));
  return facts;
}

}  // namespace pharos::net
