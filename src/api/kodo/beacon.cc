#include "api/kodo/beacon.h"

#include <utility>

#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "api/kodo/ids.h"
#include "api/kodo/shapes_more.h"
#include "service/beacons.h"
#include "service/keys.h"

namespace pharos::api::kodo {
namespace {

constexpr std::string_view kWhat = "Beacon key";

// Whose events these are. A beacon key reports and does nothing else; any other key must be one
// with full access (kodo.md 12).
Result<model::OrgId> OwnerOf(const Call& call, const std::string& key) {
  const Error refused(ErrorKind::kUnauthenticated, "Invalid beacon key");
  PHAROS_ASSIGN_OR_RETURN(const auto org, call.services.beacons.FindKey(key));
  if (org) return *org;
  const auto known = call.services.keys.Find(key);
  if (known == nullptr || known->key.dialect != "kodo") return refused;
  if (!service::KeyVerifier::CheckUsable(*known, call.clock.Now())) return refused;
  if (!known->principal.Has("*:*")) {
    return Error(ErrorKind::kForbidden, "Insufficient scope: *:* required");
  }
  call.services.keys.NoteUse(*known);
  return known->principal.org;
}

void PrintKey(JsonWriter& json, const service::BeaconKey& key, const std::string* text) {
  json.BeginObject();
  PutText(json, "id", key.uid);
  PutText(json, "name", key.name);
  if (text != nullptr) PutText(json, "key", *text);
  PutText(json, "key_prefix", key.key_prefix);
  json.Key("enabled").Bool(!key.revoked_at);
  PutTimeOrNull(json, "revoked_at", key.revoked_at);
  PutTime(json, "created_at", key.created_at);
  json.EndObject();
}

std::optional<service::BeaconKind> ParseKind(std::string_view type) {
  if (type == "log") return service::BeaconKind::kLog;
  if (type == "trace") return service::BeaconKind::kTrace;
  if (type == "vital") return service::BeaconKind::kVital;
  if (type == "page_load") return service::BeaconKind::kPageLoad;
  if (type == "slow_request") return service::BeaconKind::kSlowRequest;
  return std::nullopt;
}

}  // namespace

Result<std::string> ReportBeacon(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckCreate(BeaconBody(), call.body));
  PHAROS_ASSIGN_OR_RETURN(const model::OrgId org,
                          OwnerOf(call, TextOf(call.body, "key").value_or(std::string())));
  const Value* events = call.body.Find("events");
  const Value* user = call.body.Find("user");
  PHAROS_ASSIGN_OR_RETURN(const auto counts, call.services.beacons.Ingest(
                                                 org, *events, user != nullptr ? *user : Value()));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("success").Bool(true);
  json.Key("received").Int(counts.received);
  json.Key("signatures_updated").Int(counts.signatures_updated);
  json.Key("logs_stored").Int(counts.logs_stored);
  json.Key("traces_stored").Int(counts.traces_stored);
  json.Key("spans_stored").Int(counts.spans_stored);
  json.EndObject();
  return out;
}

Result<std::string> ListBeaconKeys(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto keys, call.services.beacons.Keys(*call.who));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("beacon_keys").BeginList();
  for (const service::BeaconKey& key : keys) PrintKey(json, key, nullptr);
  json.EndList().EndObject();
  return out;
}

Result<std::string> CreateBeaconKey(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckCreate(NameBody(), call.body));
  PHAROS_ASSIGN_OR_RETURN(const auto made,
                          call.services.beacons.CreateKey(
                              *call.who, TextOf(call.body, "name").value_or(std::string())));
  std::string out;
  JsonWriter json(out);
  PrintKey(json, made.key, &made.text.Reveal());
  return out;
}

Result<std::string> RevokeBeaconKey(Call& call) {
  auto revoked = call.services.beacons.RevokeKey(*call.who, PathId(call));
  if (!revoked) return NotFoundAs(std::move(revoked).error(), kWhat);
  return std::string(kSuccess);
}

Result<std::string> ListBeaconErrors(Call& call) {
  const Paging paging = ReadPaging(call.request, 50, 200);
  PHAROS_ASSIGN_OR_RETURN(const auto groups, call.services.beacons.Groups(*call.who, paging.limit));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("errors").BeginList();
  for (const service::ErrorGroup& group : groups) {
    json.BeginObject();
    PutText(json, "id", group.uid);
    PutTextOrNull(json, "service", group.service);
    PutTextOrNull(json, "environment", group.environment);
    PutTextOrNull(json, "type", group.type);
    PutText(json, "message", group.message);
    PutTextOrNull(json, "top_frame", group.top_frame);
    json.Key("count").Real(group.count);
    PutTime(json, "first_seen", group.first_seen);
    PutTime(json, "last_seen", group.last_seen);
    json.EndObject();
  }
  json.EndList().EndObject();
  return out;
}

Result<std::string> ListBeaconEvents(Call& call) {
  const std::string type = QueryText(call.request, "type");
  const auto kind = ParseKind(type.empty() ? std::string("log") : type);
  if (!kind) return BadField("type", "Invalid value");
  const Paging paging = ReadPaging(call.request, 50, 200);
  PHAROS_ASSIGN_OR_RETURN(const auto items,
                          call.services.beacons.Items(*call.who, *kind, paging.limit));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("events").BeginList();
  for (const service::BeaconItem& item : items) {
    json.BeginObject();
    PutText(json, "id", item.uid);
    PutTextOrNull(json, "service", item.service);
    PutTime(json, "recorded_at", item.at);
    json.Key("event").Tree(item.event);
    json.EndObject();
  }
  json.EndList().EndObject();
  return out;
}

}  // namespace pharos::api::kodo
