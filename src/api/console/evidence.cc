// What failed checks of a monitor saw, and how that differs from the last good one.
#include "service/evidence.h"

#include "api/console/envelope.h"
#include "api/console/tables.h"
#include "model/status.h"

namespace pharos::api::console {
namespace {

using T = FieldType;
using service::MonitorPtr;

constexpr int64_t kUsualFailures = 5;

// "seen" holds what is known of: addresses, remote_address, phases_us, chain, status, http_version,
// headers, body_bytes, body_digest, body, redirects, attempts, facts.
const Shape& FailureShape() {
  static const Shape shape{"FailureEvidence",
                           {{.name = "at", .type = T::kTime, .required = true},
                            {.name = "status", .required = true},
                            {.name = "error", .required = true},
                            {.name = "changes",
                             .type = T::kList,
                             .required = true,
                             .help = "What is different from the last good check, for people."},
                            {.name = "seen", .type = T::kObject, .required = true}},
                           false};
  return shape;
}

const Shape& GoodShape() {
  static const Shape shape{"GoodEvidence",
                           {{.name = "at", .type = T::kTime, .required = true},
                            {.name = "seen", .type = T::kObject, .required = true}},
                           false};
  return shape;
}

const Shape& EvidenceReply() {
  static const Shape shape{
      "Evidence",
      {{.name = "failures", .type = T::kList, .required = true, .shape = &FailureShape()},
       {.name = "good",
        .type = T::kObject,
        .required = true,
        .nullable = true,
        .shape = &GoodShape(),
        .help = "The last good check whose evidence was kept."}},
      false};
  return shape;
}

Result<std::string> GetEvidence(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const MonitorPtr monitor, FindMonitor(call));
  PHAROS_ASSIGN_OR_RETURN(const int64_t limit, QueryNumber(call.request, "limit", kUsualFailures, 1,
                                                           service::kEvidencePerMonitor));
  PHAROS_ASSIGN_OR_RETURN(const auto evidence, call.services.evidence.Read(*monitor, limit));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("failures").BeginList();
  for (const service::FailureSeen& failure : evidence.failures) {
    json.BeginObject();
    PutMillisecond(json, "at", failure.record.at);
    json.Key("status").String(model::StatusName(failure.record.status));
    json.Key("error").String(failure.record.message);
    json.Key("changes").BeginList();
    for (const std::string& change : failure.changes) json.String(change);
    json.EndList().Key("seen").Tree(model::ToValue(failure.record.seen)).EndObject();
  }
  json.EndList().Key("good");
  if (evidence.good) {
    json.BeginObject();
    PutMillisecond(json, "at", evidence.good->at);
    json.Key("seen").Tree(model::ToValue(evidence.good->seen)).EndObject();
  } else {
    json.Null();
  }
  json.EndObject();
  return out;
}

}  // namespace

std::vector<Endpoint> EvidenceEndpoints() {
  return {{.method = "GET",
           .pattern = "/monitors/{tag}/evidence",
           .operation = "history.evidence",
           .scope = "monitors:read",
           .summary = "What the newest failed checks saw, and what is different from a good one",
           .query = {{.name = "limit", .type = T::kInt}},
           .response = &EvidenceReply(),
           .act = GetEvidence}};
}

}  // namespace pharos::api::console
