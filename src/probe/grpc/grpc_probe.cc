#include "probe/grpc/grpc_probe.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "net/http_client.h"
#include "probe/common_fields.h"
#include "probe/dial_common.h"
#include "probe/evidence.h"
#include "probe/grpc/grpc_message.h"
#include "probe/secrets.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::FieldSpec;
using model::FieldType;
using model::Status;
using net::HttpFailure;

constexpr std::string_view kMethod = "/grpc.health.v1.Health/Check";
constexpr size_t kMaxNameBytes = 256;
constexpr int64_t kDeadlineExceeded = 4;
constexpr int64_t kNotFound = 5;
constexpr int64_t kNotOffered = 12;
constexpr std::string_view kTimedOut = "Request timed out";  // product.md 2.13

const std::vector<FieldSpec>& GrpcFields() {
  static const std::vector<FieldSpec> rows = WithCommonFields({
      {.name = "host",
       .required = true,
       .min = 1,
       .max = 253,
       .help = "Name or address of the server."},
      {.name = "port",
       .type = FieldType::kInt,
       .fallback = 50051,
       .min = 1,
       .max = 65535,
       .help = "Port of host."},
      {.name = "service",
       .fallback = "",
       .max = 1024,
       .help = "Service to ask about, as in shop.v1.Cart; empty: the server as a whole."},
      {.name = "tls",
       .type = FieldType::kBool,
       .fallback = false,
       .help = "Speak TLS (HTTP/2 by ALPN); off: HTTP/2 in plain text."},
      {.name = "verify_tls",
       .type = FieldType::kBool,
       .fallback = true,
       .help = "A certificate that is not trusted, expired or for another name is a failure."},
      {.name = "tls_server_name",
       .fallback = "",
       .max = 253,
       .help = "Name to ask for and to verify; empty: the host."},
      {.name = "ca_pem",
       .fallback = "",
       .max = 65536,
       .help = "Certificates to trust in addition to the system's, PEM."},
      {.name = "authority",
       .fallback = "",
       .max = 300,
       .help = "The :authority to send, for servers behind a router; empty: host and port."},
      {.name = "metadata",
       .type = FieldType::kPairList,
       .fallback = Value::List{},
       .max = 20,
       .help = "Metadata to send, as in authorization. $NAME is replaced in values."},
      IpVersionRow(),
  });
  return rows;
}

bool IsMetadataName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                  c == '.';
         });
}

// What gRPC or HTTP/2 itself says with these names.
bool IsReservedName(std::string_view name) {
  constexpr std::array<std::string_view, 9> kReserved = {
      "content-type", "te",         "host",   "content-length",   "connection",
      "upgrade",      "keep-alive", "expect", "transfer-encoding"};
  return name.starts_with("grpc-") ||
         std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end();
}

bool IsPrintableAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

bool IsAuthority(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c <= 0x7e &&
           std::string_view("/?#@\\\"<>").find(c) == std::string_view::npos;
  });
}

Result<net::HttpRequest> BuildCall(const Value& spec, net::Purpose purpose,
                                   SecretExpander& secrets) {
  const SpecReader reader(spec, GrpcFields());
  const std::string host = reader.Text("host");
  if (host.empty()) return Error(ErrorKind::kInvalid, "no host is given");
  const bool is_v6 = host.find(':') != std::string::npos;
  net::HttpRequest request;
  request.method = "POST";
  request.url = std::string(reader.Bool("tls") ? "https://" : "http://") +
                (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(reader.Int("port")) +
                std::string(kMethod);
  request.http2 = true;
  request.timeout = ReadCommon(spec).timeout;
  request.follow_redirects = false;
  request.accept_encoding = false;
  request.ip_version = IpVersionOf(reader);
  request.purpose = purpose;
  request.tls.verify = reader.Bool("verify_tls");
  request.tls.server_name = reader.Text("tls_server_name");
  request.tls.ca_pem = reader.Text("ca_pem");
  request.body = EncodeHealthRequest(reader.Text("service"));
  request.limits.max_body_bytes = 2 * kMaxHealthReply;
  request.limits.keep_body_bytes = 2 * kMaxHealthReply;
  request.limits.max_header_bytes = 32 * 1024;
  request.headers = {{"content-type", "application/grpc"},
                     {"te", "trailers"},
                     {"grpc-accept-encoding", "identity"},
                     {"grpc-timeout", std::to_string(request.timeout / Milliseconds(1)) + "m"}};
  if (const std::string authority = reader.Text("authority"); !authority.empty()) {
    request.headers.emplace_back("Host", authority);
  }
  for (const Value& pair : reader.List("metadata")) {
    const std::string name = pair.StringOr("name", "");
    std::string value = secrets.Expand(pair.StringOr("value", ""));
    if (!IsPrintableAscii(value)) {
      return Error(ErrorKind::kInvalid, "the metadata " + name + " would hold other than ASCII");
    }
    request.headers.emplace_back(name, std::move(value));
  }
  return request;
}

const std::string* FindField(const net::HttpAnswer& answer, std::string_view name) {
  const std::string* found = answer.FindTrailer(name);
  return found != nullptr ? found : answer.FindHeader(name);  // answers without a body
}

Observation Down(CheckOutcome outcome, std::string_view message) {
  return MakeObservation(outcome, Status::kDown, message);
}

Observation JudgeCallFailure(const net::HttpAnswer& answer) {
  switch (answer.failure) {
    case HttpFailure::kBlocked:
      return MakeObservation(CheckOutcome::kBlocked, Status::kNoData, answer.message);
    case HttpFailure::kOverload:
      return MakeObservation(CheckOutcome::kBlind, Status::kNoData, answer.message);
    case HttpFailure::kTimeout:
      return Down(CheckOutcome::kTimeout, kTimedOut);
    case HttpFailure::kNone:
    case HttpFailure::kBadUrl:
    case HttpFailure::kResolve:
    case HttpFailure::kRefused:
    case HttpFailure::kUnreachable:
    case HttpFailure::kTlsVerify:
    case HttpFailure::kTlsHandshake:
    case HttpFailure::kProtocol:
    case HttpFailure::kReset:
    case HttpFailure::kTooManyRedirects:
    case HttpFailure::kBadRedirect:
    case HttpFailure::kTooLarge:
      break;
  }
  return Down(CheckOutcome::kError, answer.message);
}

Observation JudgeGrpcStatus(int64_t code, const std::string& said, const std::string& service) {
  const std::string name(GrpcStatusName(code));
  if (code == kDeadlineExceeded) return Down(CheckOutcome::kTimeout, kTimedOut);
  std::string text = name.empty() ? "status " + std::to_string(code) : name;
  if (code == kNotOffered) {
    text = "server does not offer the health service";
  } else if (code == kNotFound) {
    text = service.empty() ? "server does not know its own health"
                           : "server does not know the service " + Ellipsize(service, 80);
  }
  if (!said.empty()) text += ": " + said;
  return Down(CheckOutcome::kError, text);
}

Observation JudgeServing(int64_t status) {
  const std::string text = "Service status: " + ServingStatusName(status);
  if (status == kServing) return MakeObservation(CheckOutcome::kAnswered, Status::kUp, "");
  if (status == kNotServing) return MakeObservation(CheckOutcome::kAnswered, Status::kDown, text);
  return MakeObservation(CheckOutcome::kAnswered, Status::kDegraded, text);
}

Observation JudgeAnswer(const net::HttpAnswer& answer, const std::string& service) {
  if (answer.failure != HttpFailure::kNone) return JudgeCallFailure(answer);
  const std::string* status = FindField(answer, "grpc-status");
  if (answer.status != 200 && status == nullptr) {
    return Down(CheckOutcome::kError, "the server answered with HTTP status " +
                                          std::to_string(answer.status) + ", not with gRPC");
  }
  const std::string* type = answer.FindHeader("content-type");
  if (type == nullptr || !AsciiLower(*type).starts_with("application/grpc")) {
    return Down(CheckOutcome::kError,
                "the server does not speak gRPC: content type " +
                    (type == nullptr ? "missing" : Ellipsize(SanitizeUtf8(*type), 60)));
  }
  if (status == nullptr) return Down(CheckOutcome::kError, "the answer ends without a gRPC status");
  const std::optional<int64_t> code = ParseInt(*status);
  if (!code) return Down(CheckOutcome::kError, "the gRPC status of the answer is not a number");
  const std::string* said = FindField(answer, "grpc-message");
  if (*code != 0) {
    Observation observation =
        JudgeGrpcStatus(*code, said == nullptr ? "" : DecodeGrpcMessage(*said), service);
    observation.code = static_cast<int32_t>(std::clamp<int64_t>(*code, -1, 999));
    return observation;
  }
  const std::string* encoding = answer.FindHeader("grpc-encoding");
  if (encoding != nullptr && *encoding != "identity" && !answer.body.empty() &&
      answer.body[0] == 1) {
    return Down(CheckOutcome::kError, "the answer is compressed, which nobody asked for");
  }
  const Result<int64_t> serving = DecodeHealthReply(answer.body);
  return serving ? JudgeServing(*serving) : Down(CheckOutcome::kError, serving.error().message);
}

Evidence GrpcEvidence(const net::HttpAnswer& answer) {
  Evidence evidence;
  if (answer.status != 0) evidence.emplace_back("http status", std::to_string(answer.status));
  if (!answer.http_version.empty()) evidence.emplace_back("http version", answer.http_version);
  if (const std::string* status = FindField(answer, "grpc-status")) {
    const std::optional<int64_t> code = ParseInt(*status);
    const std::string name(code ? GrpcStatusName(*code) : "");
    evidence.emplace_back("grpc status",
                          Ellipsize(SanitizeUtf8(*status), 20) + (name.empty() ? "" : " " + name));
  }
  if (const std::string* said = FindField(answer, "grpc-message")) {
    evidence.emplace_back("grpc message", Ellipsize(DecodeGrpcMessage(*said), 200));
  }
  AddWayEvidence(answer.remote_address, answer.phases, evidence);
  if (answer.certificate) {
    evidence.emplace_back("certificate", Ellipsize(answer.certificate->subject, 120) + ", until " +
                                             FormatIsoSeconds(answer.certificate->not_after));
  }
  if (answer.failure != HttpFailure::kNone) {
    evidence.emplace_back("failure", net::HttpFailureName(answer.failure));
    evidence.emplace_back("detail", Ellipsize(SanitizeUtf8(answer.message), 200));
  }
  return evidence;
}

// Turns the answer of one call into what people may see.
class Judge {
 public:
  Judge(const Value& spec, SecretExpander secrets, bool keep_good_evidence)
      : common_(ReadCommon(spec)),
        service_(SpecReader(spec, GrpcFields()).Text("service")),
        secrets_(std::move(secrets)),
        keeps_good_(keep_good_evidence) {}

  Observation operator()(net::HttpAnswer answer) const {
    Observation observation = JudgeAnswer(answer, service_);
    observation.message = secrets_.Redact(std::move(observation.message));
    if (observation.outcome == CheckOutcome::kAnswered) {
      observation.latency_ms = RoundedMillis(answer.phases.total_us);
      JudgeLatency(common_, observation);
    }
    if (keeps_good_ || IsFailure(observation)) {
      answer.body.clear();  // five bytes of framing and a number tell nobody anything
      observation.seen = SeenOf(answer);
    }
    observation.evidence = GrpcEvidence(answer);
    for (auto& [name, value] : observation.evidence) value = secrets_.Redact(std::move(value));
    return observation;
  }

 private:
  CommonSpec common_;
  std::string service_;
  SecretExpander secrets_;
  bool keeps_good_;
};

class GrpcProbe : public Probe {
 public:
  GrpcProbe() {
    descriptor_.kind = "grpc";
    descriptor_.title = "gRPC health";
    descriptor_.posture =
        "The target controls HTTP/2 frames, headers, trailers and the message. nghttp2 inside "
        "libcurl parses the frames under its own limits; we read 32 KiB of fields and 32 KiB of "
        "body, decode one uncompressed message of 16 KiB at most and follow no redirect. The "
        "address passes the outbound policy. Secrets are taken out of all messages and evidence.";
    descriptor_.fields = GrpcFields();
  }

  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& spec, std::vector<FieldError>& problems) const override {
    ValidateCommon(spec, problems);
    const SpecReader reader(spec, GrpcFields());
    ValidateHost(reader, "host", problems);
    ValidateHost(reader, "tls_server_name", problems);
    if (!IsAuthority(reader.Text("authority"))) {
      problems.push_back({"authority", "must be a host, or host:port, without blanks"});
    }
    const std::string anchors = reader.Text("ca_pem");
    if (!anchors.empty() && anchors.find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
      problems.push_back({"ca_pem", "must be PEM text (-----BEGIN CERTIFICATE-----)"});
    }
    const Value::List& metadata = reader.List("metadata");
    for (size_t i = 0; i < metadata.size(); ++i) {
      const std::string where = "metadata[" + std::to_string(i) + "]";
      const std::string name = metadata[i].StringOr("name", "");
      if (!IsMetadataName(name)) {
        problems.push_back({where + ".name", "must be lower-case letters, digits, -, _ and ."});
      } else if (IsReservedName(name)) {
        problems.push_back({where + ".name", "is set by the server itself"});
      }
      if (!IsPrintableAscii(metadata[i].StringOr("value", ""))) {
        problems.push_back({where + ".value", "must be printable ASCII; -bin values are base64"});
      }
    }
  }

  void Start(const Value& spec, net::Purpose purpose, const Tools& tools,
             Done done) const override {
    SecretExpander secrets(tools.secrets);
    Result<net::HttpRequest> request = BuildCall(spec, purpose, secrets);
    if (!request) return done(Down(CheckOutcome::kError, request.error().message));
    tools.http->Start(
        std::move(*request),
        [judge = Judge(spec, std::move(secrets), tools.keep_good_evidence),
         done = std::move(done)](net::HttpAnswer answer) { done(judge(std::move(answer))); });
  }

 private:
  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Probe> MakeGrpcProbe() { return std::make_unique<GrpcProbe>(); }

}  // namespace pharos::probe
