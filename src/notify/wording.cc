#include "notify/wording.h"

#include <cmath>

#include "base/text.h"
#include "notify/facts.h"

namespace pharos::notify {
namespace {

std::string Capital(std::string word) {
  for (char& c : word) c = c == '_' ? ' ' : c;
  if (!word.empty() && word[0] >= 'a' && word[0] <= 'z') word[0] = static_cast<char>(word[0] - 32);
  return word;
}

void AddFact(Wording& wording, const char* name, std::string text) {
  if (!text.empty()) wording.facts.emplace_back(name, std::move(text));
}

std::string DurationText(int64_t seconds) {
  if (seconds < 60) return std::to_string(seconds) + " s";
  if (seconds < 3'600) return std::to_string(seconds / 60) + " min";
  return std::to_string(seconds / 3'600) + " h " + std::to_string(seconds % 3'600 / 60) + " min";
}

std::string NamesIn(const Value& owner) {
  const Value& monitors = Part(owner, "monitors");
  std::string names;
  if (!monitors.IsList()) return names;
  for (const Value& monitor : monitors.AsList()) {
    names += (names.empty() ? "" : ", ") + monitor.StringOr("name", "");
  }
  return names;
}

void WordStatus(const std::string& status, Wording& wording) {
  if (status == "up") {
    wording.mood = Mood::kGood;
    wording.sign = "UP";
  } else if (status == "down") {
    wording.mood = Mood::kBad;
    wording.sign = "DOWN";
  } else if (status == "maintenance") {
    wording.mood = Mood::kPlanned;
    wording.sign = "MAINTENANCE";
  } else {
    wording.mood = Mood::kWarning;
    wording.sign = "WARNING";
  }
}

void WordFlapping(const Value& flapping, Wording& wording) {
  const std::string now = wording.headline.substr(wording.subject.size());
  if (flapping.BoolOr("settled", false)) {
    wording.headline = wording.subject + " has settled: it" + now;
    return;
  }
  wording.headline = wording.subject + " is FLAPPING (it" + now + ")";
  wording.sign = "FLAPPING";
  const std::string what = "It changed " + std::to_string(flapping.IntOr("changes", 0)) +
                           " times in its last 20 checks. The next message comes when it settles.";
  wording.detail = wording.detail.empty() ? what : what + " " + wording.detail;
}

void WordMonitor(const Value& message, Wording& wording) {
  const Value& monitor = Part(message, "monitor");
  const Value& check = Part(message, "check");
  const std::string status = monitor.StringOr("status", "");
  WordStatus(status, wording);
  wording.subject = monitor.StringOr("name", "");
  if (wording.sign == "WARNING") {
    wording.headline =
        wording.subject + (status == "partial_outage" ? " has a PARTIAL OUTAGE" : " is DEGRADED");
  } else if (wording.sign == "MAINTENANCE") {
    wording.headline = wording.subject + " is under MAINTENANCE";
  } else {
    wording.headline = wording.subject + " is " + wording.sign;
  }
  wording.detail = check.StringOr("error", "");
  if (const Value& flapping = Part(message, "flapping"); flapping.IsObject()) {
    WordFlapping(flapping, wording);
  }
  AddFact(wording, "Status", Capital(status));
  AddFact(wording, "Before", Capital(monitor.StringOr("previous_status", "")));
  AddFact(wording, "URL", monitor.StringOr("url", ""));
  if (const double latency = check.DoubleOr("latency_ms", 0); latency > 0) {
    AddFact(wording, "Response time", std::to_string(std::llround(latency)) + " ms");
  }
  if (const Value& duration = Part(Part(message, "incident"), "duration_s"); duration.IsInt()) {
    AddFact(wording, "Lasted", DurationText(duration.AsInt()));
  }
  wording.link_text = "Open the monitor";
}

void WordIncident(const std::string& event, const Value& message, Wording& wording) {
  const Value& incident = Part(message, "incident");
  const bool over = incident.StringOr("status", "") == "resolved";
  const bool is_minor = incident.StringOr("severity", "") == "minor";
  wording.mood = over ? Mood::kGood : is_minor ? Mood::kWarning : Mood::kBad;
  wording.sign = over ? "RESOLVED" : event == "incident.updated" ? "UPDATE" : "INCIDENT";
  wording.subject = incident.StringOr("title", "");
  wording.headline = (over                          ? "Resolved: "
                      : event == "incident.updated" ? "Update: "
                                                    : "Incident: ") +
                     wording.subject;
  wording.detail = incident.StringOr("message", "");
  AddFact(wording, "Status", Capital(incident.StringOr("status", "")));
  AddFact(wording, "Severity", Capital(incident.StringOr("severity", "")));
  AddFact(wording, "Affects", NamesIn(incident));
  if (const Value& duration = Part(incident, "duration_s"); duration.IsInt()) {
    AddFact(wording, "Lasted", DurationText(duration.AsInt()));
  }
  wording.link_text = "Open the status page";
}

void WordMaintenance(const std::string& event, const Value& message, Wording& wording) {
  const Value& maintenance = Part(message, "maintenance");
  const std::string step = event.substr(event.find('.') + 1);
  wording.mood = step == "completed" ? Mood::kGood : Mood::kPlanned;
  wording.sign = "MAINTENANCE";
  wording.subject = maintenance.StringOr("title", "");
  wording.headline =
      "Maintenance " + (step == "reminder" ? "begins soon" : step) + ": " + wording.subject;
  wording.detail = maintenance.StringOr("description", "");
  const auto text = [&](const char* name) {
    const auto time = TimeOf(maintenance, name);
    return time ? FormatSqlSeconds(*time) + " UTC" : std::string();
  };
  AddFact(wording, "Begins", text("starts_at"));
  AddFact(wording, "Ends", text("ends_at"));
  AddFact(wording, "Affects", NamesIn(maintenance));
  wording.link_text = "Open the status page";
}

}  // namespace

Wording WordingOf(const Outgoing& outgoing) {
  const Value& message = outgoing.message;
  Wording wording;
  wording.at = TimeOf(message, "at");
  wording.sender = message.StringOr("site_name", "");
  if (wording.sender.empty()) wording.sender = "Pharos";
  wording.link = message.StringOr("url", "");
  if (Part(message, "maintenance").IsObject()) {
    WordMaintenance(outgoing.event, message, wording);
  } else if (Part(message, "monitor").IsObject()) {
    WordMonitor(message, wording);
  } else if (Part(message, "incident").IsObject()) {
    WordIncident(outgoing.event, message, wording);
  } else {
    wording.sign = outgoing.event == "test" ? "TEST" : "NOTICE";
    wording.subject =
        message.StringOr("title", outgoing.event == "test" ? "Test message" : outgoing.event);
    wording.headline = wording.subject;
    wording.detail = message.StringOr("text", "");
    wording.link_text = "Open the status page";
  }
  AddFact(wording, "Time", TimeText(wording));
  return wording;
}

std::string OneLine(const Wording& wording, size_t max_bytes) {
  std::string head = wording.sender + ": " + wording.headline;
  std::string tail;
  if (wording.at) tail = " (" + FormatSqlSeconds(*wording.at).substr(11, 5) + " UTC)";
  const size_t room = max_bytes > tail.size() ? max_bytes - tail.size() : 0;
  if (!wording.detail.empty()) head += " - " + wording.detail;
  for (char& c : head) c = c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  return Ellipsize(head, room) + tail;
}

std::string SubjectLine(const Wording& wording) {
  return "[" + wording.sign + "] " + wording.subject;
}

std::string TimeText(const Wording& wording) {
  return wording.at ? FormatSqlSeconds(*wording.at) + " UTC" : std::string();
}

int ColourOf(Mood mood) {
  switch (mood) {
    case Mood::kBad:
      return 0xdc2626;
    case Mood::kWarning:
      return 0xeab308;
    case Mood::kGood:
      return 0x16a34a;
    case Mood::kPlanned:
      return 0x2563eb;
    case Mood::kNeutral:
      return 0x64748b;
  }
  return 0x64748b;
}

std::string_view EmojiOf(Mood mood) {
  switch (mood) {
    case Mood::kBad:
      return "\U0001F534";
    case Mood::kWarning:
      return "\U0001F7E1";
    case Mood::kGood:
      return "\U0001F7E2";
    case Mood::kPlanned:
      return "\U0001F535";
    case Mood::kNeutral:
      return "\u26AA";
  }
  return "\u26AA";
}

std::optional<AlertFacts> AlertOf(const Outgoing& outgoing) {
  const Value& message = outgoing.message;
  if (outgoing.event == "test") return AlertFacts{outgoing.dedup_key, false, "info"};
  if (Part(message, "maintenance").IsObject()) return std::nullopt;
  if (const Value& monitor = Part(message, "monitor"); monitor.IsObject()) {
    const std::string status = monitor.StringOr("status", "");
    if (status == "maintenance" || status == "no_data") return std::nullopt;
    const std::string severity = status == "down" ? "critical" : "warning";
    return AlertFacts{"monitor/" + monitor.StringOr("uid", ""), status == "up", severity};
  }
  const Value& incident = Part(message, "incident");
  if (!incident.IsObject() || outgoing.event == "incident.published") return std::nullopt;
  const std::string severity = incident.StringOr("severity", "");
  return AlertFacts{"incident/" + incident.StringOr("uid", ""),
                    incident.StringOr("status", "") == "resolved",
                    severity == "critical" ? "critical"
                    : severity == "major"  ? "error"
                                           : "warning"};
}

}  // namespace pharos::notify
