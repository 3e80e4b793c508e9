#include "service/export.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/json.h"
#include "model/sample.h"
#include "model/transition.h"
#include "service/samples.h"
#include "store/history_store.h"
#include "store/transition_store.h"

namespace pharos::service {
namespace {

using model::Sample;
using model::Transition;

// Minutes are read by spans that hold few samples even of a monitor that is checked each second.
constexpr Duration kMinuteSpan = Days(1);

std::string_view OriginName(model::SampleOrigin origin) {
  switch (origin) {
    case model::SampleOrigin::kRealtime:
      return "realtime";
    case model::SampleOrigin::kTimeout:
      return "timeout";
    case model::SampleOrigin::kError:
      return "error";
    case model::SampleOrigin::kManual:
      return "manual";
    case model::SampleOrigin::kDefault:
      return "default";
    case model::SampleOrigin::kSignal:
      return "signal";
    case model::SampleOrigin::kIncident:
      return "incident";
    case model::SampleOrigin::kMaintenance:
      return "maintenance";
    case model::SampleOrigin::kBlind:
      return "blind";
    case model::SampleOrigin::kUnreachable:
      return "unreachable";
  }
  return "";
}

constexpr std::string_view kSampleHeader =
    "time,status,observed,origin,latency_ms,code,attempts,error\r\n";
constexpr std::string_view kTransitionHeader = "time,from,to,cause,number\r\n";

std::string_view HeaderOf(ExportKind kind) {
  return kind == ExportKind::kTransitions ? kTransitionHeader : kSampleHeader;
}

void AppendRow(std::string& out, const Sample& s, ExportFormat format) {
  if (format == ExportFormat::kJson) {
    JsonWriter json(out);
    json.BeginObject().Key("time").String(FormatIsoMillis(s.at));
    json.Key("status").String(model::StatusName(s.status));
    json.Key("observed").String(model::StatusName(s.observed));
    json.Key("origin").String(OriginName(s.origin));
    json.Key("latency_ms");
    if (s.latency_ms > 0) {
      json.Real(s.latency_ms);
    } else {
      json.Null();
    }
    json.Key("code").Int(s.code).Key("attempts").Int(s.attempts);
    json.Key("error").String(s.message).EndObject();
    return;
  }
  out += FormatIsoMillis(s.at);
  out += ',';
  out += model::StatusName(s.status);
  out += ',';
  out += model::StatusName(s.observed);
  out += ',';
  out += OriginName(s.origin);
  out += ',';
  if (s.latency_ms > 0) AppendJsonNumber(out, s.latency_ms);
  out += ',' + std::to_string(s.code) + ',' + std::to_string(s.attempts) + ',';
  AppendCsvText(out, s.message);
  out += "\r\n";
}

void AppendRow(std::string& out, const Transition& t, ExportFormat format) {
  if (format == ExportFormat::kJson) {
    JsonWriter json(out);
    json.BeginObject().Key("time").String(FormatIsoMillis(t.at));
    json.Key("from").String(model::StatusName(t.from)).Key("to").String(model::StatusName(t.to));
    json.Key("cause").String(t.cause).Key("number").Int(t.ordinal).EndObject();
    return;
  }
  out += FormatIsoMillis(t.at);
  out += ',';
  out += model::StatusName(t.from);
  out += ',';
  out += model::StatusName(t.to);
  out += ',';
  AppendCsvText(out, t.cause);
  out += ',' + std::to_string(t.ordinal) + "\r\n";
}

template <class Row>
void AppendRows(const std::vector<Row>& rows, ExportFormat format, ExportPart& part) {
  part.text.reserve(part.text.size() + rows.size() * (format == ExportFormat::kCsv ? 64 : 160));
  for (const Row& row : rows) {
    if (format == ExportFormat::kJson && part.rows > 0) part.text += ",\n";
    AppendRow(part.text, row, format);
    ++part.rows;
  }
}

// Cuts the surplus row, which only says that there is more.
template <class Row>
std::optional<Timestamp> CutTo(std::vector<Row>& rows, int64_t limit) {
  if (static_cast<int64_t>(rows.size()) <= limit) return std::nullopt;
  const Timestamp next = rows[static_cast<size_t>(limit)].at;
  rows.resize(static_cast<size_t>(limit));
  // Rows of one time stay together, or the next part would begin with some of them again.
  if (rows.front().at < next) std::erase_if(rows, [&](const Row& row) { return row.at == next; });
  return next;
}

Result<std::optional<Timestamp>> OldestIn(store::Store& store, model::MonitorId monitor,
                                          Timestamp from, Timestamp to) {
  PHAROS_ASSIGN_OR_RETURN(auto session, store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto oldest,
                          store.history().Read(*session, monitor, from, to, 1, false));
  if (oldest.empty()) return std::optional<Timestamp>();
  return std::optional<Timestamp>(oldest.front().at);
}

}  // namespace

std::optional<ExportKind> ParseExportKind(std::string_view word) {
  if (word == "minutes") return ExportKind::kMinutes;
  if (word == "checks") return ExportKind::kChecks;
  if (word == "transitions") return ExportKind::kTransitions;
  return std::nullopt;
}

std::optional<ExportFormat> ParseExportFormat(std::string_view word) {
  if (word == "csv") return ExportFormat::kCsv;
  if (word == "json") return ExportFormat::kJson;
  return std::nullopt;
}

void AppendCsvText(std::string& out, std::string_view text) {
  // A NUL ends the text for many readers of CSV; what stands behind it must not become the first.
  while (text.starts_with('\0')) text.remove_prefix(1);
  const bool formula =
      !text.empty() && std::string_view("=+-@\t\r\n").find(text.front()) != std::string_view::npos;
  const bool quoted = text.find_first_of(",\"\r\n\t;") != std::string_view::npos;
  if (quoted) out += '"';
  if (formula) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    if (c != '\0') out += c;
  }
  if (quoted) out += '"';
}

Result<ExportPart> ExportService::Rows(const model::Monitor& monitor, const ExportQuery& query,
                                       int64_t limit) const {
  ExportPart part;
  const auto more = static_cast<size_t>(limit) + 1;
  switch (query.kind) {
    case ExportKind::kChecks: {
      PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
      PHAROS_ASSIGN_OR_RETURN(
          std::vector<Sample> rows,
          context_.store.history().Read(*session, monitor.id, query.from, query.to, more, false));
      part.next = CutTo(rows, limit);
      AppendRows(rows, query.format, part);
      return part;
    }
    case ExportKind::kTransitions: {
      PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
      PHAROS_ASSIGN_OR_RETURN(
          std::vector<Transition> rows,
          context_.store.transitions().ListUp(*session, monitor.org, monitor.id, query.from,
                                              query.to, static_cast<int>(more)));
      part.next = CutTo(rows, limit);
      AppendRows(rows, query.format, part);
      return part;
    }
    case ExportKind::kMinutes:
      break;
  }
  const SampleService samples(context_);
  Timestamp from = FloorToMinute(query.from);
  while (from < query.to && part.rows < limit) {
    // Long gaps are skipped.
    PHAROS_ASSIGN_OR_RETURN(const auto oldest,
                            OldestIn(context_.store, monitor.id, from, query.to));
    if (!oldest) return part;
    from = FloorToMinute(*oldest);
    const Timestamp end = std::min(query.to, FloorTo(from, kMinuteSpan) + kMinuteSpan);
    PHAROS_ASSIGN_OR_RETURN(std::vector<Sample> rows, samples.ReadMinutes(monitor, from, end));
    std::erase_if(rows, [](const Sample& s) { return s.origin == model::SampleOrigin::kSignal; });
    const std::optional<Timestamp> cut = CutTo(rows, limit - part.rows);
    AppendRows(rows, query.format, part);
    from = cut.value_or(end);
  }
  if (from < query.to) part.next = from;
  return part;
}

Result<ExportPart> ExportService::Part(const model::Monitor& monitor, const ExportQuery& query,
                                       int64_t limit) const {
  if (limit < 1 || limit > kMaxExportRows) {
    return Error::Field("limit", "limit must be from 1 to " + std::to_string(kMaxExportRows));
  }
  if (query.from >= query.to) return Error::Field("to", "to must be after from");
  PHAROS_ASSIGN_OR_RETURN(ExportPart part, Rows(monitor, query, limit));
  if (query.format == ExportFormat::kCsv) {
    part.text.insert(0, HeaderOf(query.kind));
  } else {
    part.text = '[' + std::move(part.text) + "]\n";
  }
  return part;
}

Status ExportService::Write(const model::Monitor& monitor, const ExportQuery& query,
                            const Sink& sink) const {
  constexpr int64_t kRowsPerPiece = 5'000;
  const bool csv = query.format == ExportFormat::kCsv;
  PHAROS_RETURN_IF_ERROR(sink(csv ? HeaderOf(query.kind) : std::string_view("[")));
  ExportQuery rest = query;
  bool first = true;
  while (rest.from < rest.to) {
    PHAROS_ASSIGN_OR_RETURN(const ExportPart part, Rows(monitor, rest, kRowsPerPiece));
    if (part.rows > 0 && !first && !csv) PHAROS_RETURN_IF_ERROR(sink(",\n"));
    if (part.rows > 0) {
      PHAROS_RETURN_IF_ERROR(sink(part.text));
      first = false;
    }
    if (!part.next) break;
    rest.from = *part.next;
  }
  return csv ? Ok() : sink("]\n");
}

}  // namespace pharos::service
