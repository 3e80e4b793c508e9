#include "probe/domain/rdap.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace pharos::probe {
namespace {

constexpr size_t kMaxBytes = 256 * 1024;
constexpr int kMaxDepth = 24;
constexpr size_t kMaxElements = 100;

const Value::List& ListOf(const Value& object, std::string_view name) {
  static const Value::List empty;
  const Value* list = object.Find(name);
  return list != nullptr && list->IsList() ? list->AsList() : empty;
}

bool HasRole(const Value& entity, std::string_view role) {
  const Value::List& roles = ListOf(entity, "roles");
  return std::any_of(roles.begin(), roles.end(), [role](const Value& one) {
    return one.IsString() && EqualsIgnoreCase(one.AsString(), role);
  });
}

// A property of a jCard: ["vcard", [["fn", {}, "text", "Registrar One"], ...]].
std::string CardText(const Value& entity, std::string_view property) {
  const Value::List& card = ListOf(entity, "vcardArray");
  if (card.size() < 2 || !card[1].IsList()) return {};
  size_t seen = 0;
  for (const Value& row : card[1].AsList()) {
    if (++seen > kMaxElements) break;
    if (!row.IsList() || row.AsList().size() < 4) continue;
    const Value::List& parts = row.AsList();
    if (parts[0].IsString() && parts[0].AsString() == property && parts[3].IsString()) {
      return RegistryText(parts[3].AsString());
    }
  }
  return {};
}

bool IsWebLink(std::string_view text) {
  const std::string lower = AsciiLower(text.substr(0, 8));
  return lower.starts_with("http://") || lower.starts_with("https://");
}

std::string LinkOf(const Value& entity) {
  for (const Value& link : ListOf(entity, "links")) {
    const std::string href = link.StringOr("href", "");
    if (link.StringOr("rel", "") == "about" && IsWebLink(href)) return RegistryText(href);
  }
  const std::string card = CardText(entity, "url");
  return IsWebLink(card) ? card : std::string();
}

void ReadRegistrar(const Value& answer, Registration& out) {
  size_t seen = 0;
  for (const Value& entity : ListOf(answer, "entities")) {
    if (++seen > kMaxElements) return;
    if (!HasRole(entity, "registrar")) continue;
    out.registrar = CardText(entity, "fn");
    if (out.registrar.empty()) out.registrar = CardText(entity, "org");
    if (out.registrar.empty()) out.registrar = RegistryText(entity.StringOr("handle", ""));
    out.registrar_url = LinkOf(entity);
    return;
  }
}

void ReadEvents(const Value& answer, Registration& out) {
  size_t seen = 0;
  for (const Value& event : ListOf(answer, "events")) {
    if (++seen > kMaxElements) return;
    const std::string action = AsciiLower(event.StringOr("eventAction", ""));
    const auto date = ParseRegistryDate(event.StringOr("eventDate", ""));
    if (!date) continue;
    if (action == "expiration") out.expires = date;
    if (action == "registration") out.created = date;
    if (action == "last changed") out.updated = date;
  }
}

std::string WithoutDot(std::string text) {
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

Result<Registration> ParseRdap(std::string_view json, std::string_view domain) {
  const Result<Value> answer = ParseJson(json, {.max_bytes = kMaxBytes, .max_depth = kMaxDepth});
  if (!answer) return Error(ErrorKind::kInvalid, "RDAP answer: " + answer.error().message);
  if (!answer->IsObject() || answer->StringOr("objectClassName", "") != "domain") {
    return Error(ErrorKind::kInvalid, "the RDAP answer describes no domain");
  }
  const std::string name = WithoutDot(answer->StringOr("ldhName", ""));
  if (!name.empty() && !EqualsIgnoreCase(name, domain)) {
    return Error(ErrorKind::kInvalid, "the RDAP answer is about another domain");
  }
  Registration out;
  ReadEvents(*answer, out);
  ReadRegistrar(*answer, out);
  for (const Value& server : ListOf(*answer, "nameservers")) {
    AddNameServer(server.StringOr("ldhName", ""), out);
  }
  for (const Value& status : ListOf(*answer, "status")) {
    if (status.IsString()) AddStatus(status.AsString(), out);
  }
  return out;
}

}  // namespace pharos::probe
