#include "base/result.h"
#include "store/sqlite/json_column.h"
#include "store/sqlite/more_aggregates.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

constexpr char kInsertEvent[] =
    "-- notes what happened\n"
    "INSERT INTO events (org_id, at, kind, data) VALUES (?1, ?2, ?3, ?4)";
constexpr char kSelectEventsAfter[] =
    "-- what a reader has not dealt with yet, in order\n"
    "SELECT id, org_id, at, kind, data FROM events WHERE id > ?1 ORDER BY id LIMIT ?2";
constexpr char kSelectPlace[] =
    "-- how far a reader has come\n"
    "SELECT place FROM event_places WHERE reader = ?1";
constexpr char kUpsertPlace[] =
    "-- moves a reader to its new place\n"
    "INSERT OR REPLACE INTO event_places (reader, place) VALUES (?1, ?2)";
// Without readers there is no least place, and nothing goes.
constexpr char kPruneEvents[] =
    "-- removes old events that every reader has dealt with\n"
    "DELETE FROM events WHERE id <= (SELECT MIN(place) FROM event_places) AND at < ?1";

Result<model::Event> ReadEvent(Statement& s) {
  model::Event event;
  std::string data;
  s.Read(event.id, event.org, event.at, event.kind, data);
  PHAROS_ASSIGN_OR_RETURN(event.data, ParseColumn(data));
  return event;
}

Result<model::EventId> ReadPlace(Statement& s) { return s.Get<model::EventId>(0); }

}  // namespace

Status SqliteEventStore::Append(Transaction& tx, const model::Event& event) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kInsertEvent));
  return s.Bind(event.org, event.at, event.kind, WriteColumn(event.data)).Run();
}

Result<std::vector<model::Event>> SqliteEventStore::ListAfter(Session& session,
                                                              model::EventId after, int limit) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectEventsAfter));
  return CollectRows(s.Bind(after, limit), ReadEvent);
}

Result<model::EventId> SqliteEventStore::PlaceOf(Session& session, std::string_view reader) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectPlace));
  PHAROS_ASSIGN_OR_RETURN(const auto place, CollectRow(s.Bind(reader), ReadPlace));
  return place.value_or(model::EventId());
}

Status SqliteEventStore::SetPlace(Transaction& tx, std::string_view reader, model::EventId place) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kUpsertPlace));
  return s.Bind(reader, place).Run();
}

Status SqliteEventStore::Prune(Transaction& tx, Timestamp before) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kPruneEvents));
  return s.Bind(before).Run();
}

}  // namespace pharos::store::sqlite
