#include "api/kener_v4/affected.h"

#include <algorithm>
#include <utility>

#include "api/kener/js.h"
#include "api/kener_v4/envelope.h"
#include "api/kener_v4/monitor_view.h"
#include "api/kener_v4/texts.h"
#include "api/kener_v4/words.h"
#include "api/notes.h"
#include "service/monitors.h"

namespace pharos::api::kener_v4 {
namespace {

constexpr size_t kMaxAffected = 10'000;
constexpr size_t kMaxImpactBytes = 255;
constexpr std::string_view kImpacts = "impacts";

std::optional<model::Status> ParseImpact(std::string_view word) {
  const auto status = ParseStatusWord(word);
  return status == model::Status::kNoData ? std::nullopt : status;
}

Result<std::string> DecodeImpact(const Value* value, const AffectedRules& rules) {
  if (value == nullptr || !kener::IsTruthy(*value)) return std::string(rules.fallback);
  if (rules.known_words_only) {
    std::string word = kener::ToText(*value);
    if (!value->IsString() || !ParseImpact(word)) {
      return BadRequest("Invalid impact '" + word +
                        "'. Must be one of: UP, DOWN, DEGRADED, MAINTENANCE");
    }
    return word;
  }
  return FreeText("impact", *value, kMaxImpactBytes);
}

const Value* FindWord(const Value& notes, model::MonitorId monitor) {
  const Value* words = api::FindNote(notes, kNotes, kImpacts);
  return words == nullptr ? nullptr : words->Find(std::to_string(monitor.value()));
}

void SetWords(Value& notes, Value words) {
  if (words.IsNull()) {
    api::DropNote(notes, kNotes, kImpacts);
  } else {
    api::SetNote(notes, kNotes, kImpacts, std::move(words));
  }
}

}  // namespace

Result<std::optional<std::vector<Affected>>> DecodeAffected(const Call& call,
                                                            const AffectedRules& rules) {
  const Value* list = call.body.Find("monitors");
  if (list == nullptr) return std::optional<std::vector<Affected>>();
  if (!list->IsList()) return BadField("monitors", "must be an array");
  if (list->AsList().size() > kMaxAffected) {
    return BadField("monitors", "must have at most 10000 elements");
  }
  std::vector<Affected> found;
  for (const Value& element : list->AsList()) {
    const Value* tag = element.Find("monitor_tag");
    if (tag == nullptr || !tag->IsString() || tag->AsString().empty()) {
      return BadRequest("Each monitor must have a valid monitor_tag");
    }
    const auto monitor = call.services.monitors.FindByTag(*call.who, tag->AsString());
    if (monitor == nullptr) {
      return BadRequest("Monitor with tag '" + tag->AsString() + "' not found");
    }
    PHAROS_ASSIGN_OR_RETURN(std::string impact, DecodeImpact(element.Find("impact"), rules));
    found.push_back({monitor->id, std::move(impact)});
  }
  if (rules.no_repeats) {
    std::vector<model::MonitorId> ids;
    for (const Affected& one : found) ids.push_back(one.monitor);
    std::sort(ids.begin(), ids.end());
    if (std::adjacent_find(ids.begin(), ids.end()) != ids.end()) {
      return BadField("monitors", "must not name a monitor twice");
    }
  }
  return std::optional(std::move(found));
}

void ApplyAffected(const std::vector<Affected>& affected, bool keep_places,
                   std::vector<model::IncidentImpact>& impacts, Value& notes) {
  std::vector<model::IncidentImpact> wanted;
  const auto put = [&](model::MonitorId monitor, model::Status impact) {
    const auto same = [&](const model::IncidentImpact& one) { return one.monitor == monitor; };
    const auto at = std::find_if(wanted.begin(), wanted.end(), same);
    if (at == wanted.end()) {
      wanted.push_back({monitor, impact});
    } else {
      at->impact = impact;
    }
  };
  if (keep_places) {
    for (const model::IncidentImpact& old : impacts) {
      const auto is_old = [&](const Affected& one) { return one.monitor == old.monitor; };
      if (std::any_of(affected.begin(), affected.end(), is_old)) put(old.monitor, old.impact);
    }
  }
  Value words;
  for (const Affected& one : affected) {
    const auto status = ParseImpact(one.impact);
    put(one.monitor, status.value_or(model::Status::kUp));
    const std::string key = std::to_string(one.monitor.value());
    if (!status) {
      words.Set(key, one.impact);
    } else if (words.IsObject()) {
      words.Remove(key);
    }
  }
  impacts = std::move(wanted);
  SetWords(notes, std::move(words));
}

void PrintAffected(JsonWriter& json, const Call& call,
                   const std::vector<model::IncidentImpact>& impacts, const Value& notes) {
  json.BeginList();
  for (const model::IncidentImpact& impact : impacts) {
    const auto monitor = call.services.monitors.FindById(*call.who, impact.monitor);
    if (monitor == nullptr) continue;  // deleted just now
    json.BeginObject();
    json.Key("monitor_tag").String(monitor->tag);
    const Value* word = FindWord(notes, impact.monitor);
    const bool inert = impact.impact == model::Status::kUp && word != nullptr && word->IsString();
    json.Key("impact").String(inert ? std::string_view(word->AsString())
                                    : StatusWord(impact.impact));
    json.EndObject();
  }
  json.EndList();
}

std::vector<model::MonitorId> MonitorsByTags(const Call& call,
                                             const std::vector<std::string>& tags) {
  std::vector<model::MonitorId> ids;
  for (const std::string& tag : tags) {
    const auto monitor = call.services.monitors.FindByTag(*call.who, tag);
    if (monitor != nullptr) ids.push_back(monitor->id);
  }
  return ids;
}

}  // namespace pharos::api::kener_v4
