#include "net/tls_inspect.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

#include "base/text.h"
#include "net/address.h"
#include "net/tls_trust.h"

namespace pharos::net {
namespace {

constexpr int kMaxCertificates = 10;
constexpr int kMaxNames = 100;
constexpr size_t kMaxNameBytes = 253;
constexpr size_t kMaxSerialBytes = 64;
constexpr int kAuthLevel = 1;  // 80 bits: what browsers still accept

std::string Clean(const unsigned char* data, int size) {
  if (data == nullptr || size <= 0) return {};
  const std::string_view text(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
  return Ellipsize(SanitizeUtf8(text.substr(0, 2 * kMaxNameBytes)), kMaxNameBytes);
}

std::string EntryOf(const X509_NAME* name, int nid) {
  const int at = X509_NAME_get_index_by_NID(name, nid, -1);
  if (at < 0) return {};
  const ASN1_STRING* data = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, data);
  const std::string text = Clean(utf8, size);
  OPENSSL_free(utf8);
  return text;
}

std::string ShortName(const X509_NAME* name, const std::string& whole) {
  std::string text = EntryOf(name, NID_commonName);
  if (text.empty()) text = EntryOf(name, NID_organizationName);
  return text.empty() ? whole : text;
}

std::string SerialOf(X509* certificate) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate);
  const size_t size = static_cast<size_t>(ASN1_STRING_length(serial));
  const std::string_view bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(serial)), size);
  std::string text = HexLower(bytes.substr(0, kMaxSerialBytes));
  for (char& c : text) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

std::string FingerprintOf(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string text = "SHA256";
  for (unsigned int i = 0; i < size; ++i) {
    text += {':', kHex[digest[i] >> 4], kHex[digest[i] & 15]};
  }
  return text;
}

std::string AddressText(const ASN1_OCTET_STRING* bytes) {
  char text[INET6_ADDRSTRLEN] = "";
  const int size = ASN1_STRING_length(bytes);
  if (size != 4 && size != 16) return {};
  const int family = size == 4 ? AF_INET : AF_INET6;
  return inet_ntop(family, ASN1_STRING_get0_data(bytes), text, sizeof text) != nullptr ? text : "";
}

std::vector<std::string> NamesOf(X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  std::vector<std::string> texts;
  const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  for (int i = 0; i < count && i < kMaxNames; ++i) {
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type);
    std::string text;
    if (type == GEN_DNS) {
      const auto* name = static_cast<const ASN1_STRING*>(value);
      text = Clean(ASN1_STRING_get0_data(name), ASN1_STRING_length(name));
    } else if (type == GEN_IPADD) {
      text = AddressText(static_cast<const ASN1_OCTET_STRING*>(value));
    }
    if (!text.empty()) texts.push_back(std::move(text));
  }
  return texts;
}

PeerCertificate ReadCertificate(X509* certificate) {
  const CertificateFacts facts = ReadCertificateFacts(certificate);
  PeerCertificate out;
  out.subject = facts.subject;
  out.issuer = facts.issuer;
  out.subject_name = ShortName(X509_get_subject_name(certificate), out.subject);
  out.issuer_name = ShortName(X509_get_issuer_name(certificate), out.issuer);
  out.serial_number = SerialOf(certificate);
  out.fingerprint = FingerprintOf(certificate);
  out.valid_from = facts.not_before;
  out.valid_to = facts.not_after;
  out.names = NamesOf(certificate);
  return out;
}

std::string Day(Timestamp t) { return FormatIsoSeconds(t).substr(0, 10); }

PeerChain::Finding Explain(int code, X509* certificate, int depth) {
  const CertificateFacts facts =
      certificate != nullptr ? ReadCertificateFacts(certificate) : CertificateFacts{};
  const std::string whose =
      depth == 0 ? "certificate" : "issuer's certificate (" + Ellipsize(facts.subject, 80) + ")";
  switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return {ChainProblem::kExpired, whose + " expired on " + Day(facts.not_after)};
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {ChainProblem::kNotYetValid, whose + " is valid only from " + Day(facts.not_before)};
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return {ChainProblem::kSelfSigned, "certificate is self-signed"};
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return {ChainProblem::kUntrustedRoot,
              "root certificate is not trusted (" + Ellipsize(facts.subject, 80) + ")"};
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return {ChainProblem::kIncomplete,
              "certificate chain is incomplete: issuer not sent and not known (" +
                  Ellipsize(facts.issuer, 80) + ")"};
    default:
      return {ChainProblem::kOther, whose + ": " + X509_verify_cert_error_string(code)};
  }
}

int OnVerified(int ok, X509_STORE_CTX* context) {
  auto* chain = static_cast<PeerChain*>(X509_STORE_CTX_get_app_data(context));
  if (ok != 1) {
    PeerChain::Finding finding =
        Explain(X509_STORE_CTX_get_error(context), X509_STORE_CTX_get_current_cert(context),
                X509_STORE_CTX_get_error_depth(context));
    if (!chain->Has(finding.problem)) chain->findings.push_back(std::move(finding));
  }
  return 1;  // go on: every problem is of interest
}

void JudgeChain(X509* leaf, STACK_OF(X509) * sent, X509_STORE* store, Timestamp at,
                PeerChain& out) {
  const std::unique_ptr<X509_STORE_CTX, void (*)(X509_STORE_CTX*)> context(X509_STORE_CTX_new(),
                                                                           &X509_STORE_CTX_free);
  if (!context || X509_STORE_CTX_init(context.get(), store, leaf, sent) != 1) {
    out.findings.push_back({ChainProblem::kOther, "certificate chain could not be examined"});
    return;
  }
  X509_STORE_CTX_set_default(context.get(), "ssl_server");
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_auth_level(rules, kAuthLevel);
  X509_VERIFY_PARAM_set_depth(rules, kMaxCertificates);
  X509_VERIFY_PARAM_set_time(rules, ToUnixSeconds(at));
  X509_STORE_CTX_set_app_data(context.get(), &out);
  X509_STORE_CTX_set_verify_cb(context.get(), &OnVerified);
  if (X509_verify_cert(context.get()) != 1 && out.findings.empty()) {
    const int code = X509_STORE_CTX_get_error(context.get());
    out.findings.push_back({ChainProblem::kOther, std::string("certificate chain: ") +
                                                      X509_verify_cert_error_string(code)});
  }
}

void JudgeName(X509* leaf, const std::string& name, PeerChain& out) {
  const bool matches = IpAddress::Parse(name)
                           ? X509_check_ip_asc(leaf, name.c_str(), 0) == 1
                           : X509_check_host(leaf, name.data(), name.size(), 0, nullptr) == 1;
  if (matches) return;
  std::string has = "no name";
  if (!out.certificates.empty()) {
    const PeerCertificate& own = out.certificates.front();
    has = own.names.empty() ? own.subject_name : own.names.front();
    if (own.names.size() > 1) has += " and " + std::to_string(own.names.size() - 1) + " more";
  }
  out.findings.push_back({ChainProblem::kWrongHost, "certificate is for " + Ellipsize(has, 100) +
                                                        ", not for " + Ellipsize(name, 80)});
}

class HeldChain : public ShownChain {
 public:
  HeldChain(const STACK_OF(X509) * sent, X509* leaf) {
    const int count = sent != nullptr ? sk_X509_num(sent) : 0;
    for (int i = 0; i < count && i < kMaxCertificates; ++i) Hold(sk_X509_value(sent, i));
    if (count == 0) Hold(leaf);
  }
  ~HeldChain() override {
    for (X509* one : certificates_) X509_free(one);
  }
  HeldChain(const HeldChain&) = delete;
  HeldChain& operator=(const HeldChain&) = delete;

  std::vector<PeerCertificate> Read() const override {
    std::vector<PeerCertificate> out;
    for (X509* one : certificates_) out.push_back(ReadCertificate(one));
    ERR_clear_error();
    return out;
  }

 private:
  void Hold(X509* certificate) {
    X509_up_ref(certificate);
    certificates_.push_back(certificate);
  }
  std::vector<X509*> certificates_;
};

}  // namespace

std::shared_ptr<const ShownChain> ShareChain(const STACK_OF(X509) * sent, X509* leaf) {
  return std::make_shared<HeldChain>(sent, leaf);
}

std::string_view ChainProblemName(ChainProblem problem) {
  switch (problem) {
    case ChainProblem::kExpired:
      return "expired";
    case ChainProblem::kNotYetValid:
      return "not_yet_valid";
    case ChainProblem::kSelfSigned:
      return "self_signed";
    case ChainProblem::kUntrustedRoot:
      return "untrusted_root";
    case ChainProblem::kIncomplete:
      return "incomplete";
    case ChainProblem::kWrongHost:
      return "wrong_host";
    case ChainProblem::kOther:
      return "other";
  }
  return "other";
}

PeerChain InspectPeer(SSL* ssl, X509_STORE* store, const std::string& name, Timestamp at) {
  PeerChain out;
  out.protocol = SSL_get_version(ssl);
  out.cipher = SSL_get_cipher_name(ssl);
  X509* leaf = SSL_get0_peer_certificate(ssl);
  STACK_OF(X509)* sent = SSL_get_peer_cert_chain(ssl);
  if (leaf == nullptr) {
    out.findings.push_back({ChainProblem::kOther, "the server showed no certificate"});
    return out;
  }
  const int count = sent != nullptr ? sk_X509_num(sent) : 0;
  if (count == 0) out.certificates.push_back(ReadCertificate(leaf));
  for (int i = 0; i < count && i < kMaxCertificates; ++i) {
    out.certificates.push_back(ReadCertificate(sk_X509_value(sent, i)));
  }
  JudgeChain(leaf, sent, store, at, out);
  JudgeName(leaf, name, out);
  ERR_clear_error();
  return out;
}

}  // namespace pharos::net
