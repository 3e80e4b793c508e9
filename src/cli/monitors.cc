#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/console_client.h"
#include "cli/evidence_text.h"
#include "cli/read_file.h"

namespace pharos::cli {
namespace {

constexpr int kPage = 1'000;

// Names and messages come from elsewhere; a terminal must not act on them.
std::string Shown(std::string_view text, size_t width = 4096) {
  std::string shown = Ellipsize(SanitizeUtf8(text), width);
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return shown;
}

// Rows of equal columns, as wide as their widest cell.
class Table {
 public:
  explicit Table(std::vector<std::string> head) { rows_.push_back(std::move(head)); }
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void Print() const {
    std::vector<size_t> widths(rows_.front().size());
    for (const auto& row : rows_) {
      for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    for (const auto& row : rows_) {
      std::string line;
      for (size_t i = 0; i < row.size(); ++i) {
        line += row[i];
        if (i + 1 < row.size()) line += std::string(widths[i] - row[i].size() + 2, ' ');
      }
      std::printf("%s\n", line.c_str());
    }
  }

 private:
  std::vector<std::vector<std::string>> rows_;
};

std::string Number(const Value* value, const char* unit) {
  if (value == nullptr || !value->IsNumber()) return "-";
  char text[64];
  std::snprintf(text, sizeof text, "%.1f%s", value->AsDouble(), unit);
  return text;
}

std::string ScheduleText(const Value* schedule) {
  if (schedule == nullptr) return "-";
  const std::string kind = schedule->StringOr("kind", "");
  if (kind == "interval") return std::to_string(schedule->IntOr("interval_s", 0)) + " s";
  return kind == "cron" ? schedule->StringOr("cron", "") : "-";
}

std::string TargetOf(const Value& monitor) {
  const Value* spec = monitor.Find("spec");
  if (spec == nullptr) return "";
  const std::string url = spec->StringOr("url", "");
  return url.empty() ? spec->StringOr("host", "") : url;
}

std::string StatusOf(const Value& monitor) {
  if (!monitor.BoolOr("active", true)) return "paused";
  const Value* state = monitor.Find("state");
  return state == nullptr ? "" : state->StringOr("status", "");
}

std::string MonitorPath(const std::string& tag, std::string_view rest = {}) {
  return "/monitors/" + PercentEncode(tag) + std::string(rest);
}

void PrintJson(const Value& value) { std::printf("%s\n", WriteJson(value).c_str()); }

std::string ListQuery(const CommandLine& line) {
  std::string query;
  for (const auto& [name, value] : line.filters) {
    if (!value.empty()) query += "&" + name + "=" + PercentEncode(value);
  }
  return query;
}

Status List(ConsoleClient& client, const CommandLine& line) {
  Table table({"TAG", "NAME", "KIND", "STATUS", "LATENCY", "EVERY", "TARGET"});
  int64_t seen = 0;
  for (int page = 1;; ++page) {
    PHAROS_ASSIGN_OR_RETURN(
        const Value answer,
        client.Call("GET", "/monitors?sort=tag&limit=" + std::to_string(kPage) +
                               "&page=" + std::to_string(page) + ListQuery(line)));
    const Value* items = answer.Find("items");
    if (items == nullptr || !items->IsList() || items->AsList().empty()) break;
    for (const Value& monitor : items->AsList()) {
      ++seen;
      if (line.json) {
        PrintJson(monitor);
        continue;
      }
      const Value* state = monitor.Find("state");
      table.Add({Shown(monitor.StringOr("tag", ""), 40), Shown(monitor.StringOr("name", ""), 40),
                 Shown(monitor.StringOr("kind", "")), Shown(StatusOf(monitor)),
                 Number(state == nullptr ? nullptr : state->Find("latency_ms"), " ms"),
                 Shown(ScheduleText(monitor.Find("schedule"))), Shown(TargetOf(monitor), 80)});
    }
    if (seen >= answer.IntOr("total", 0)) break;
  }
  if (!line.json) table.Print();
  return Ok();
}

void PrintTree(const Value& value, const std::string& name) {
  if (value.IsObject()) {
    for (const auto& [member, inner] : value.AsObject()) {
      PrintTree(inner, name.empty() ? member : name + "." + member);
    }
    return;
  }
  const std::string text = value.IsString() ? value.AsString() : WriteJson(value);
  std::printf("%-28s %s\n", Shown(name).c_str(), Shown(text).c_str());
}

Status Show(ConsoleClient& client, const CommandLine& line) {
  PHAROS_ASSIGN_OR_RETURN(const Value monitor, client.Call("GET", MonitorPath(line.name)));
  if (line.json) {
    PrintJson(monitor);
  } else {
    PrintTree(monitor, "");
  }
  return Ok();
}

// 0 up or degraded, 3 down, 4 neither: as `pharos check` says it.
int CodeOf(const Value& result) {
  const std::string status = result.StringOr("status", "");
  if (status == "up" || status == "degraded") return 0;
  return status == "down" || status == "partial_outage" ? 3 : 4;
}

int PrintResult(const Value& result, bool json) {
  if (json) {
    PrintJson(result);
    return CodeOf(result);
  }
  std::printf("%-14s %s (%s)\n", "verdict", Shown(result.StringOr("status", "")).c_str(),
              Shown(result.StringOr("outcome", "")).c_str());
  const std::string message = result.StringOr("message", "");
  if (!message.empty()) std::printf("%-14s %s\n", "because", Shown(message).c_str());
  std::printf("%-14s %s\n", "latency", Number(result.Find("latency_ms"), " ms").c_str());
  const Value* details = result.Find("details");
  if (details != nullptr && details->IsList()) {
    for (const Value& detail : details->AsList()) {
      std::printf("%-14s %s\n", Shown(detail.StringOr("name", "")).c_str(),
                  Shown(detail.StringOr("value", "")).c_str());
    }
  }
  return CodeOf(result);
}

// A URL, a file with {"kind", "spec"}, or a monitor that is there.
Result<Value> ReadTest(const CommandLine& line) {
  Value body(Value::Object{});
  if (!line.monitor.empty()) body.Set("monitor", line.monitor);
  if (line.target.empty()) {
    if (!line.monitor.empty()) return body;
    return Error::Field("target", "say what to test: a URL, a file, or --monitor TAG");
  }
  if (line.target.find("://") != std::string::npos) {
    Value spec;
    spec.Set("url", line.target);
    if (line.monitor.empty()) body.Set("kind", "http");
    body.Set("spec", std::move(spec));
    return body;
  }
  PHAROS_ASSIGN_OR_RETURN(const std::string text, ReadSmallFile(line.target, "target"));
  PHAROS_ASSIGN_OR_RETURN(const Value parsed, ParseJson(text));
  for (const std::string_view member : {"kind", "spec"}) {
    if (const Value* given = parsed.Find(member)) body.Set(member, *given);
  }
  return body;
}

Result<int> Test(ConsoleClient& client, const CommandLine& line) {
  PHAROS_ASSIGN_OR_RETURN(const Value body, ReadTest(line));
  PHAROS_ASSIGN_OR_RETURN(const Value result, client.Call("POST", "/tests", body));
  return PrintResult(result, line.json);
}

Result<int> Check(ConsoleClient& client, const CommandLine& line) {
  PHAROS_ASSIGN_OR_RETURN(const Value result,
                          client.Call("POST", MonitorPath(line.name, "/check")));
  return PrintResult(result, line.json);
}

Status Clone(ConsoleClient& client, const CommandLine& line) {
  Value body(Value::Object{});
  if (!line.new_tag.empty()) body.Set("tag", line.new_tag);
  if (!line.new_name.empty()) body.Set("name", line.new_name);
  PHAROS_ASSIGN_OR_RETURN(const Value made,
                          client.Call("POST", MonitorPath(line.name, "/clone"), body));
  // The tag alone on standard output, so that a script can go on with it.
  std::printf("%s\n", Shown(made.StringOr("tag", "")).c_str());
  return Ok();
}

Status Switch(ConsoleClient& client, const CommandLine& line, std::string_view action,
              const char* done) {
  PHAROS_RETURN_IF_ERROR(client.Call("POST", MonitorPath(line.name, action)));
  std::fprintf(stderr, "Monitor '%s' %s.\n", Shown(line.name).c_str(), done);
  return Ok();
}

Status Delete(ConsoleClient& client, const CommandLine& line) {
  if (!line.force) {
    return Error::Field("force", "this removes the monitor '" + Shown(line.name) +
                                     "' with all its history; say --force to do it");
  }
  PHAROS_RETURN_IF_ERROR(client.Call("DELETE", MonitorPath(line.name)));
  std::fprintf(stderr, "Monitor '%s' deleted.\n", Shown(line.name).c_str());
  return Ok();
}

Status PrintFailures(ConsoleClient& client, const CommandLine& line) {
  constexpr int kMost = 20;  // that a server keeps
  const std::string path = "/evidence?limit=" + std::to_string(std::min(line.limit, kMost));
  PHAROS_ASSIGN_OR_RETURN(const Value all, client.Call("GET", MonitorPath(line.name, path)));
  if (line.json) {
    PrintJson(all);
    return Ok();
  }
  const Value* failures = all.Find("failures");
  for (const Value& one : failures != nullptr ? failures->AsList() : Value::List()) {
    std::printf("%s  %s  %s\n", Shown(one.StringOr("at", "")).c_str(),
                Shown(one.StringOr("status", "")).c_str(),
                Shown(one.StringOr("error", "")).c_str());
    const Value* changes = one.Find("changes");
    for (const Value& change : changes != nullptr ? changes->AsList() : Value::List()) {
      std::printf("  %-14s %s\n", "changed", Shown(change.AsString()).c_str());
    }
    if (const Value* seen = one.Find("seen")) {
      model::CheckEvidence evidence = model::EvidenceFrom(*seen);
      model::Bound(evidence);  // whatever the server sent, the terminal gets what is printable
      PrintEvidence(evidence, 2);
    }
    std::printf("\n");
  }
  return Ok();
}

Status PrintLog(ConsoleClient& client, const CommandLine& line) {
  if (line.evidence) return PrintFailures(client, line);
  const std::string path = "/checks?limit=" + std::to_string(line.limit);
  PHAROS_ASSIGN_OR_RETURN(const Value log, client.Call("GET", MonitorPath(line.name, path)));
  const Value* items = log.Find("items");
  Table table({"TIME", "STATUS", "SEEN", "LATENCY", "TRIES", "MESSAGE"});
  for (const Value& check : items != nullptr ? items->AsList() : Value::List()) {
    if (line.json) {
      PrintJson(check);
      continue;
    }
    table.Add({Shown(check.StringOr("at", "")), Shown(check.StringOr("status", "")),
               Shown(check.StringOr("observed", "")), Number(check.Find("latency_ms"), " ms"),
               std::to_string(check.IntOr("attempts", 0)), Shown(check.StringOr("error", ""))});
  }
  if (!line.json) table.Print();
  return Ok();
}

Result<int> Finished(Status status) {
  if (status) return 0;
  return std::move(status).error();
}

}  // namespace

Result<int> RunMonitor(const app::Settings& settings, const CommandLine& line) {
  PHAROS_ASSIGN_OR_RETURN(const auto client, ConsoleClient::Open(settings, line));
  switch (line.monitor_action) {
    case MonitorCommand::kList:
      return Finished(List(*client, line));
    case MonitorCommand::kShow:
      return Finished(Show(*client, line));
    case MonitorCommand::kTest:
      return Test(*client, line);
    case MonitorCommand::kCheck:
      return Check(*client, line);
    case MonitorCommand::kClone:
      return Finished(Clone(*client, line));
    case MonitorCommand::kPause:
      return Finished(Switch(*client, line, "/pause", "paused"));
    case MonitorCommand::kResume:
      return Finished(Switch(*client, line, "/resume", "resumed"));
    case MonitorCommand::kLog:
      return Finished(PrintLog(*client, line));
    case MonitorCommand::kDelete:
      return Finished(Delete(*client, line));
  }
  return 0;
}

}  // namespace pharos::cli
