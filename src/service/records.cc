#include "service/records.h"

#include <utility>

#include "base/text.h"
#include "store/audit_store.h"
#include "store/event_store.h"

namespace pharos::service {

model::Record NewRecord(model::OrgId org, std::string_view collection, Value data, Timestamp now) {
  model::Record record;
  record.org = org;
  record.collection = std::string(collection);
  record.uid = RandomUuid();
  record.data = std::move(data);
  record.created_at = now;
  record.updated_at = now;
  return record;
}

Result<model::Record> RequireRecord(store::Store& store, store::Session& session, model::OrgId org,
                                    std::string_view collection, std::string_view uid,
                                    std::string_view missing) {
  PHAROS_ASSIGN_OR_RETURN(auto found, store.records().Find(session, org, collection, uid));
  if (!found) return Error(ErrorKind::kNotFound, std::string(missing));
  return std::move(*found);
}

Status WriteAudited(const Context& context,
                    const std::function<Result<model::AuditEntry>(store::Transaction&)>& work) {
  return context.store.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(const model::AuditEntry entry, work(tx));
    return context.store.audit().Insert(tx, entry);
  });
}

Status AppendEvent(store::Store& store, store::Transaction& tx, model::OrgId org,
                   std::string_view kind, Value data, Timestamp now) {
  model::Event event;
  event.org = org;
  event.at = now;
  event.kind = std::string(kind);
  event.data = std::move(data);
  return store.events().Append(tx, event);
}

void AnnounceEvent(const Context& context, model::OrgId org) {
  context.notices.Publish({{notices::Notice::Kind::kEvent, org, model::MonitorId()}});
}

Value TimeValue(std::optional<Timestamp> at) { return at ? Value(ToUnixMicros(*at)) : Value(); }

std::optional<Timestamp> TimeMember(const Value& data, std::string_view name) {
  const Value* value = data.Find(name);
  if (value == nullptr || !value->IsInt()) return std::nullopt;
  return FromUnixMicros(value->AsInt());
}

std::string RandomKeyText(std::string_view prefix) {
  constexpr std::string_view kDigits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  constexpr size_t kLength = 40;
  std::string text(prefix);
  while (text.size() < prefix.size() + kLength) {
    for (const char c : RandomBytes(64)) {
      const auto byte = static_cast<unsigned char>(c);
      // Those above the last multiple of 62 would favour the first digits.
      if (byte >= 248 || text.size() == prefix.size() + kLength) continue;
      text += kDigits[byte % 62];
    }
  }
  return text;
}

std::string HashKeyText(std::string_view text) { return HexLower(Sha256(text)); }

}  // namespace pharos::service
