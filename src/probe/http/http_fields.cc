#include "probe/http/http_fields.h"

#include <algorithm>

#include "probe/common_fields.h"
#include "probe/evaluation.h"

namespace pharos::probe {
namespace {

using model::FieldSpec;
using model::FieldType;

std::vector<FieldSpec> RequestRows() {
  return {
      {.name = "url",
       .required = true,
       .min = 1,
       .max = 8192,
       .help = "What to ask for, http or https. $NAME is replaced by the secret of that name."},
      {.name = "method",
       .type = FieldType::kChoice,
       .fallback = "GET",
       .choices = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"},
       .help = "Request method."},
      {.name = "headers",
       .type = FieldType::kPairList,
       .fallback = Value::List{},
       .max = 50,
       .help = "Request headers; they replace the defaults of the same name. $NAME is replaced in "
               "values."},
      {.name = "body",
       .fallback = "",
       .max = 65536,
       .help = "Request body; not sent with GET and HEAD. $NAME is replaced."},
      {.name = "follow_redirects",
       .type = FieldType::kBool,
       .fallback = true,
       .help = "Judge the answer at the end of the redirects instead of the first one."},
      {.name = "max_redirects",
       .type = FieldType::kInt,
       .fallback = 5,
       .min = 0,
       .max = 20,
       .help = "More redirects than this are a failure; 0 judges the first answer."},
      {.name = "allow_downgrade",
       .type = FieldType::kBool,
       .fallback = false,
       .help = "Follow redirects from https to http."},
      {.name = "ip_version",
       .type = FieldType::kChoice,
       .fallback = "any",
       .choices = {"any", "4", "6"},
       .help = "Connect over this version of IP only."},
      {.name = "reuse_connection",
       .type = FieldType::kBool,
       .fallback = false,
       .help =
           "Allow a connection kept from an earlier check. Cheaper, but resolution, connect and "
           "TLS are then not checked each time; the evidence says so."},
  };
}

std::vector<FieldSpec> TlsRows() {
  return {
      {.name = "verify_tls",
       .type = FieldType::kBool,
       .fallback = true,
       .help = "A certificate that is not trusted, expired or for another name is a failure."},
      {.name = "tls_server_name",
       .fallback = "",
       .max = 253,
       .help = "Name to ask for and to verify; empty: the host of the URL."},
      {.name = "tls_min_version",
       .type = FieldType::kChoice,
       .fallback = "",
       .choices = {"", "1.2", "1.3"},
       .help = "Oldest TLS version to accept; empty: the library's default."},
      {.name = "ca_pem",
       .fallback = "",
       .max = 65536,
       .help = "Certificates to trust in addition to the system's, PEM."},
      {.name = "client_cert_pem",
       .fallback = "",
       .max = 65536,
       .help = "Certificate to present, PEM; needs client_key_pem."},
      {.name = "client_key_pem",
       .fallback = "",
       .max = 65536,
       .secret = true,
       .help = "Private key of client_cert_pem, PEM, without a pass phrase."},
  };
}

std::vector<FieldSpec> JudgementRows() {
  return {
      {.name = "expected_status",
       .fallback = DefaultExpectedStatus(),
       .min = 1,
       .max = 400,
       .help = "Status codes that are up: codes, ranges and hundreds, as in 200-299,301,4xx."},
      {.name = "keyword",
       .fallback = "",
       .max = 1024,
       .help = "Text that must be in the answer body, capitals matter."},
      {.name = "keyword_absent",
       .fallback = "",
       .max = 1024,
       .help = "Text that must not be in the answer body, capitals matter."},
      {.name = "body_regex",
       .fallback = "",
       .max = 1024,
       .help = "Regular expression (RE2) that must match somewhere in the answer body."},
      {.name = "body_regex_absent",
       .fallback = "",
       .max = 1024,
       .help = "Regular expression (RE2) that must not match anywhere in the answer body."},
      {.name = "header_checks",
       .type = FieldType::kObjectList,
       .fallback = Value::List{},
       .max = 20,
       .help = "Conditions on answer headers: {name, op, value}, op is equals, contains, matches, "
               "exists or absent."},
      {.name = "json_checks",
       .type = FieldType::kObjectList,
       .fallback = Value::List{},
       .max = 20,
       .help =
           "Conditions on a JSON answer: {path, op, value}, op is equals, not_equals, contains, "
           "greater, less, exists or absent."},
      {.name = "latency",
       .type = FieldType::kChoice,
       .fallback = "total",
       .choices = {"total", "first_byte"},
       .help = "What is measured: until the whole answer is there, or until its first byte."},
      {.name = "max_body_bytes",
       .type = FieldType::kInt,
       .fallback = 1024 * 1024,
       .min = 1024,
       .max = kMaxReadBytes,
       .help = "How much of the answer body the conditions see, in bytes; a function sees at most "
               "1 MiB."},
      EvaluationRow("Function (statusCode, responseTime, responseRaw, modules) in JavaScript that "
                    "returns {status, latency} in the place of the default of expected_status; "
                    "conditions that are given hold beside it."),
  };
}

}  // namespace

const std::vector<FieldSpec>& HttpFields() {
  static const std::vector<FieldSpec> rows = [] {
    std::vector<FieldSpec> all = CommonFields();
    for (const auto& part : {RequestRows(), TlsRows(), JudgementRows()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return rows;
}

std::string_view DefaultExpectedStatus() { return "200-399,429"; }

bool IsHeaderName(std::string_view text) {
  return !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

}  // namespace pharos::probe
