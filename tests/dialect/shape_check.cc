#include "shape_check.h"

#include <algorithm>
#include <array>

#include "api/catalog.h"
#include "base/json.h"
#include "http/server.h"

namespace pharos::talk {
namespace {

constexpr std::array<std::string_view, 0> kWithoutShapes = {};
// Dialects that refuse some requests in plain text or HTML, as the program does that they imitate.
constexpr std::array<std::string_view, 1> kTextRefusals = {"kener_v4"};

std::string_view FaultName(api::Fault fault) {
  switch (fault) {
    case api::Fault::kMissing:
      return "missing";
    case api::Fault::kNull:
      return "null";
    case api::Fault::kWrongType:
      return "of a wrong type";
    case api::Fault::kNotWhole:
      return "not a whole number";
    case api::Fault::kTooShort:
      return "too short";
    case api::Fault::kTooLong:
      return "too long";
    case api::Fault::kTooSmall:
      return "too small";
    case api::Fault::kTooBig:
      return "too big";
    case api::Fault::kNotAChoice:
      return "none of the choices";
    case api::Fault::kControl:
      return "with control characters";
    case api::Fault::kNotATime:
      return "no time";
    case api::Fault::kUnknown:
      return "not in the shape";
  }
  return "wrong";
}

void CheckOne(const api::Shape& shape, const Value& body, const std::string& where,
              std::vector<std::string>& problems) {
  for (const api::Finding& finding : api::CheckShape(shape, body, {.reply = true})) {
    problems.push_back("shape " + std::string(shape.name) + where + ": " +
                       DescribeFinding(finding));
  }
}

bool IsJson(const WireReply& reply) {
  const std::string* type = reply.Find("content-type");
  return type != nullptr && type->find("json") != std::string::npos;
}

}  // namespace

bool MayLackShapes(std::string_view dialect) {
  return std::find(kWithoutShapes.begin(), kWithoutShapes.end(), dialect) != kWithoutShapes.end();
}

std::string DescribeFinding(const api::Finding& finding) {
  std::string text = (finding.path.empty() ? "the body" : finding.path) + " is " +
                     std::string(FaultName(finding.fault));
  if (finding.got != nullptr) text += " (" + WriteJson(*finding.got).substr(0, 100) + ")";
  return text;
}

http::Request ToHttp(const WireRequest& request) {
  http::Request parsed;
  parsed.method = request.method;
  parsed.target = request.target;
  const size_t mark = request.target.find('?');
  parsed.path = request.target.substr(0, mark);
  if (mark != std::string::npos) parsed.query = request.target.substr(mark + 1);
  for (const auto& [name, value] : request.headers) parsed.headers.push_back({name, value});
  parsed.peer_address = "127.0.0.1";
  // As the server does.
  parsed.body_too_large = request.body.size() > http::ServerLimits{}.max_body_bytes;
  if (!parsed.body_too_large) parsed.body = request.body;
  return parsed;
}

ShapeCheck::ShapeCheck(KeyDialect key_dialect)
    : dialects_(api::AllDialects()),
      resolver_(api::Resolver::Build(dialects_, api::AllTies(), {{"/api/v1", "kodo"}}).value()),
      key_dialect_(std::move(key_dialect)) {}

api::Resolved ShapeCheck::Resolve(const http::Request& request) const {
  return resolver_.Resolve(request, key_dialect_);
}

std::vector<std::string> ShapeCheck::Judge(const WireRequest& request,
                                           const WireReply& reply) const {
  std::vector<std::string> problems;
  if (request.method == "HEAD" || request.method == "OPTIONS") return problems;
  const http::Request parsed = ToHttp(request);
  const api::Resolved resolved = Resolve(parsed);
  if (resolved.dialect == nullptr) return problems;
  const api::Dialect& dialect = *resolved.dialect;
  const bool success = reply.status >= 200 && reply.status < 300;
  const api::Endpoint* row = resolved.match.endpoint;
  if ((success && row == nullptr) || (reply.status >= 300 && reply.status < 400)) return problems;
  const api::Shape* refusal =
      resolved.mount->error_shape != nullptr ? resolved.mount->error_shape : dialect.error_shape;
  const api::Shape* shape = success ? row->response : refusal;
  if (success && row->free_response) return problems;
  const bool may_be_text =
      std::find(kTextRefusals.begin(), kTextRefusals.end(), dialect.name) != kTextRefusals.end();
  if (!success && may_be_text && !IsJson(reply)) return problems;
  // Some refusals are pages for people, and faults of ours have no promised shape.
  if (!success && (!IsJson(reply) || reply.status >= 500)) return problems;
  if (shape == nullptr) {
    if (IsJson(reply) && !MayLackShapes(dialect.name)) {
      problems.push_back(success ? "the row has no response shape"
                                 : "the dialect has no error shape");
    }
    return problems;
  }
  const Result<Value> body = ParseJson(reply.body, {.max_bytes = 64 << 20});
  if (!body) {
    problems.push_back("shape " + std::string(shape->name) + ": the body is no JSON");
  } else if (success && row->response_is_list) {
    if (!body->IsList()) problems.push_back("the body is no list");
    for (size_t i = 0; body->IsList() && i < body->AsList().size(); ++i) {
      CheckOne(*shape, body->AsList()[i], "[" + std::to_string(i) + "]", problems);
    }
  } else {
    CheckOne(*shape, *body, "", problems);
  }
  return problems;
}

}  // namespace pharos::talk
