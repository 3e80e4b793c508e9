#include "base/result.h"
#include "store/sqlite/aggregates.h"
#include "store/sqlite/json_column.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

constexpr char kUpsertState[] =
    "-- writes where a monitor stands, unless it has been deleted meanwhile\n"
    "INSERT OR REPLACE INTO monitor_states (monitor_id, shown, observed, shown_since,"
    " last_result_at, last_sample_at, latency_ms, message, anchor, held, last_signal_at,"
    " last_signal_status, newest_is_manual, transitions, facts, failures, watching)"
    " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17"
    " WHERE NOT EXISTS (SELECT 1 FROM deleted_monitors WHERE monitor_id = ?1)";
constexpr char kSelectStates[] =
    "-- where all monitors stand, for the start\n"
    "SELECT monitor_id, shown, observed, shown_since, last_result_at, last_sample_at, latency_ms,"
    " message, anchor, held, last_signal_at, last_signal_status, newest_is_manual, transitions,"
    " facts, failures, watching FROM monitor_states ORDER BY monitor_id";

// [[time in microseconds, status, observed, origin, latency, message, code, attempts], ...]; empty
// when there are none, as it almost always is. Rows of the first version end with the message.
Value HeldList(const std::vector<model::Sample>& held) {
  Value::List list;
  for (const model::Sample& s : held) {
    list.emplace_back(Value::List{ToUnixMicros(s.at), static_cast<int>(s.status),
                                  static_cast<int>(s.observed), static_cast<int>(s.origin),
                                  s.latency_ms, s.message, static_cast<int64_t>(s.code),
                                  static_cast<int>(s.attempts)});
  }
  return Value(std::move(list));
}

std::string WriteHeld(const std::vector<model::Sample>& held) {
  return held.empty() ? std::string() : WriteColumn(HeldList(held));
}

Result<std::vector<model::Sample>> ReadHeld(const Value& list) {
  std::vector<model::Sample> held;
  const auto is_sample = [](const Value& row) {
    if (!row.IsList()) return false;
    const Value::List& f = row.AsList();
    if (f.size() != 6 && (f.size() != 8 || !f[6].IsInt() || !f[7].IsInt())) return false;
    return f[0].IsInt() && f[1].IsInt() && f[2].IsInt() && f[3].IsInt() && f[4].IsNumber() &&
           f[5].IsString();
  };
  if (!list.IsList()) return Error::Internal("damaged held samples");
  for (const Value& row : list.AsList()) {
    if (!is_sample(row)) return Error::Internal("damaged held sample");
    const Value::List& f = row.AsList();
    model::Sample& s = held.emplace_back();
    s.at = FromUnixMicros(f[0].AsInt());
    s.status = static_cast<model::Status>(f[1].AsInt());
    s.observed = static_cast<model::Status>(f[2].AsInt());
    s.origin = static_cast<model::SampleOrigin>(f[3].AsInt());
    s.latency_ms = f[4].AsDouble();
    s.message = f[5].AsString();
    if (f.size() == 6) continue;
    s.code = static_cast<int32_t>(f[6].AsInt());
    s.attempts = static_cast<uint8_t>(f[7].AsInt());
  }
  return held;
}

Result<std::vector<model::Sample>> ParseHeld(std::string_view text) {
  std::vector<model::Sample> held;
  if (text.empty()) return held;
  PHAROS_ASSIGN_OR_RETURN(const Value list, ParseColumn(text));
  return ReadHeld(list);
}

// What concerns flapping and parents: {"sides", "flapping", "doubted_at", "doubtful",
// "unreachable"}, each only when it says something; empty when none does.
std::string WriteWatching(const model::MonitorState& state) {
  Value watching;
  if (state.side_changes != 0) watching.Set("sides", static_cast<int64_t>(state.side_changes));
  if (state.flapping) watching.Set("flapping", true);
  if (state.doubted_at != Timestamp{}) {
    watching.Set("doubted_at", ToUnixMicros(state.doubted_at));
  }
  if (!state.doubtful.empty()) watching.Set("doubtful", HeldList(state.doubtful));
  if (state.unreachable) watching.Set("unreachable", true);
  return watching.IsNull() ? std::string() : WriteColumn(watching);
}

Status ParseWatching(std::string_view text, model::MonitorState& state) {
  if (text.empty()) return Ok();
  PHAROS_ASSIGN_OR_RETURN(const Value watching, ParseColumn(text));
  state.side_changes = static_cast<uint32_t>(watching.IntOr("sides", 0));
  state.flapping = watching.BoolOr("flapping", false);
  state.doubted_at = FromUnixMicros(watching.IntOr("doubted_at", 0));
  state.unreachable = watching.BoolOr("unreachable", false);
  if (const Value* doubtful = watching.Find("doubtful")) {
    PHAROS_ASSIGN_OR_RETURN(state.doubtful, ReadHeld(*doubtful));
  }
  return Ok();
}

Result<model::MonitorState> ReadState(Statement& s) {
  model::MonitorState state;
  std::string held;
  std::string facts;
  std::string watching;
  s.Read(state.monitor, state.shown, state.observed, state.shown_since, state.last_result_at,
         state.last_sample_at, state.latency_ms, state.message, state.anchor, held,
         state.last_signal_at, state.last_signal_status, state.newest_is_manual, state.transitions,
         facts, state.failures, watching);
  PHAROS_RETURN_IF_ERROR(ParseWatching(watching, state));
  PHAROS_ASSIGN_OR_RETURN(state.held, ParseHeld(held));
  if (!facts.empty()) {
    PHAROS_ASSIGN_OR_RETURN(state.facts, ParseColumn(facts));
  }
  return state;
}

}  // namespace

Status SqliteStateStore::Upsert(Transaction& tx, const model::MonitorState& state) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kUpsertState));
  s.Bind(state.monitor, state.shown, state.observed, state.shown_since, state.last_result_at,
         state.last_sample_at, state.latency_ms, state.message, state.anchor, WriteHeld(state.held),
         state.last_signal_at, state.last_signal_status, state.newest_is_manual, state.transitions,
         state.facts.IsNull() ? std::string() : WriteColumn(state.facts), state.failures,
         WriteWatching(state));
  return s.Run();
}

Result<std::vector<model::MonitorState>> SqliteStateStore::ListAll(Session& session) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectStates));
  return CollectRows(s, ReadState);
}

}  // namespace pharos::store::sqlite
