#include "probe/http/http_request.h"

#include <array>

#include "base/text.h"
#include "model/check_evidence.h"
#include "net/url.h"
#include "probe/common_fields.h"
#include "probe/evaluation.h"
#include "probe/http/http_fields.h"

namespace pharos::probe {
namespace {

// One chunk more than we want, so that BodyWatcher stops the reading and not the client's limit.
constexpr size_t kReadMargin = 256 * 1024;

bool HasLineBreak(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

// Headers that frame the message; a second copy would contradict what the client sends.
bool IsFramingHeader(std::string_view name) {
  constexpr std::array<std::string_view, 4> kNames = {"content-length", "transfer-encoding",
                                                      "connection", "upgrade"};
  for (std::string_view framing : kNames) {
    if (EqualsIgnoreCase(name, framing)) return true;
  }
  return false;
}

bool SendsBody(std::string_view method) { return method != "GET" && method != "HEAD"; }

net::TlsOptions BuildTls(const SpecReader& reader) {
  net::TlsOptions tls;
  tls.verify = reader.Bool("verify_tls");
  tls.server_name = reader.Text("tls_server_name");
  tls.min_version = reader.Text("tls_min_version");
  tls.ca_pem = reader.Text("ca_pem");
  tls.client_cert_pem = reader.Text("client_cert_pem");
  tls.client_key_pem = reader.Text("client_key_pem");
  return tls;
}

void ValidateUrl(const std::string& text, std::vector<FieldError>& problems) {
  if (text.empty()) return;
  // With a secret inside, the final form is only known when the check runs.
  if (MayExpand(text)) {
    const std::string lower = AsciiLower(text.substr(0, 8));
    if (text[0] != '$' && !lower.starts_with("http://") && !lower.starts_with("https://")) {
      problems.push_back({"url", "must begin with http:// or https://"});
    }
    if (HasLineBreak(text)) problems.push_back({"url", "must be one line"});
    return;
  }
  if (auto url = net::Url::Parse(text); !url) {
    problems.push_back({"url", url.error().message});
  }
}

void ValidateHeaders(const Value::List& headers, std::vector<FieldError>& problems) {
  for (size_t i = 0; i < headers.size(); ++i) {
    const std::string where = "headers[" + std::to_string(i) + "]";
    const std::string name = headers[i].StringOr("name", "");
    if (!IsHeaderName(name)) {
      problems.push_back({where + ".name", "must be a header name"});
    } else if (IsFramingHeader(name)) {
      problems.push_back({where + ".name", "is set by the server itself"});
    }
    if (HasLineBreak(headers[i].StringOr("value", ""))) {
      problems.push_back({where + ".value", "must be one line"});
    }
  }
}

void ValidatePem(const SpecReader& reader, std::string_view field, std::string_view label,
                 std::vector<FieldError>& problems) {
  const std::string text = reader.Text(field);
  if (text.empty()) return;
  const size_t begin = text.find("-----BEGIN ");
  if (begin == std::string::npos || text.find(label, begin) == std::string::npos ||
      text.find("-----END ", begin) == std::string::npos) {
    problems.push_back(
        {std::string(field), "must be PEM text (-----BEGIN ... " + std::string(label) + "-----)"});
  }
}

}  // namespace

Result<net::HttpRequest> BuildRequest(const Value& spec, net::Purpose purpose,
                                      const Assertions& assertions, SecretExpander& secrets) {
  const SpecReader reader(spec, HttpFields());
  net::HttpRequest request;
  request.method = reader.Text("method");
  request.url = secrets.Expand(reader.Text("url"));
  for (const Value& pair : reader.List("headers")) {
    const std::string name = pair.StringOr("name", "");
    std::string value = secrets.Expand(pair.StringOr("value", ""));
    if (HasLineBreak(value)) {
      return Error(ErrorKind::kInvalid,
                   "header " + Ellipsize(name, 60) + " would hold a line break");
    }
    request.headers.emplace_back(name, std::move(value));
  }
  if (SendsBody(request.method)) request.body = secrets.Expand(reader.Text("body"));
  request.timeout = ReadCommon(spec).timeout;
  request.max_redirects = static_cast<int>(reader.Int("max_redirects"));
  request.follow_redirects = reader.Bool("follow_redirects") && request.max_redirects > 0;
  request.allow_downgrade = reader.Bool("allow_downgrade");
  request.reuse_connection = reader.Bool("reuse_connection");
  const std::string ip_version = reader.Text("ip_version");
  request.ip_version = ip_version == "4" ? 4 : ip_version == "6" ? 6 : 0;
  request.purpose = purpose;
  request.tls = BuildTls(reader);
  request.limits.max_body_bytes = kMaxReadBytes + kReadMargin;
  request.limits.keep_body_bytes =
      assertions.NeedsKeptBody() || !EvaluationFunctionOf("http", spec).empty()
          ? static_cast<size_t>(reader.Int("max_body_bytes"))
          : model::kMaxEvidenceBody;
  return request;
}

void ValidateRequest(const Value& spec, std::vector<FieldError>& problems) {
  const SpecReader reader(spec, HttpFields());
  ValidateUrl(reader.Text("url"), problems);
  ValidateHeaders(reader.List("headers"), problems);
  ValidatePem(reader, "ca_pem", "CERTIFICATE", problems);
  ValidatePem(reader, "client_cert_pem", "CERTIFICATE", problems);
  ValidatePem(reader, "client_key_pem", "PRIVATE KEY", problems);
  const bool has_cert = !reader.Text("client_cert_pem").empty();
  const bool has_key = !reader.Text("client_key_pem").empty();
  if (has_cert && !has_key) problems.push_back({"client_key_pem", "is needed for client_cert_pem"});
  if (has_key && !has_cert) problems.push_back({"client_cert_pem", "is needed for client_key_pem"});
  if (reader.Text("method") == "HEAD") {
    for (const char* field : {"keyword", "body_regex"}) {
      if (!reader.Text(field).empty()) {
        problems.push_back({field, "needs a method whose answer has a body"});
      }
    }
    if (!reader.List("json_checks").empty()) {
      problems.push_back({"json_checks", "needs a method whose answer has a body"});
    }
  }
}

}  // namespace pharos::probe
