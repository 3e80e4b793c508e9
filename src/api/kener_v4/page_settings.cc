#include "api/kener_v4/page_settings.h"

#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "api/kener_v4/envelope.h"
#include "base/text.h"

namespace pharos::api::kener_v4 {
namespace {

enum class Kind : uint8_t { kObject, kBool, kCount, kDays, kLayout };

struct Row {
  std::string_view path;
  Kind kind;
  int fallback = 0;
};

// Objects whose shape is judged before any leaf, in this order.
constexpr std::array<std::string_view, 7> kObjects = {"incidents",
                                                      "incidents.ongoing",
                                                      "incidents.resolved",
                                                      "include_maintenances",
                                                      "include_maintenances.ongoing",
                                                      "include_maintenances.ongoing.past",
                                                      "include_maintenances.ongoing.upcoming"};
// Everything that is shown, in the order in which leaves are judged and shown.
constexpr std::array<Row, 16> kLeaves = {{
    {"incidents.enabled", Kind::kBool, 1},
    {"incidents.ongoing.show", Kind::kBool, 1},
    {"incidents.resolved.show", Kind::kBool, 1},
    {"incidents.resolved.max_count", Kind::kCount, 5},
    {"incidents.resolved.days_in_past", Kind::kCount, 7},
    {"include_maintenances.enabled", Kind::kBool, 1},
    {"include_maintenances.ongoing.show", Kind::kBool, 1},
    {"include_maintenances.ongoing.past.show", Kind::kBool, 1},
    {"include_maintenances.ongoing.past.max_count", Kind::kCount, 5},
    {"include_maintenances.ongoing.past.days_in_past", Kind::kCount, 7},
    {"include_maintenances.ongoing.upcoming.show", Kind::kBool, 1},
    {"include_maintenances.ongoing.upcoming.max_count", Kind::kCount, 5},
    {"include_maintenances.ongoing.upcoming.days_in_future", Kind::kCount, 30},
    {"monitor_layout_style", Kind::kLayout, 0},
    {"monitor_status_history_days.desktop", Kind::kDays, 90},
    {"monitor_status_history_days.mobile", Kind::kDays, 30},
}};
constexpr std::array<std::string_view, 4> kLayouts = {"default-list", "default-grid",
                                                      "compact-list", "compact-grid"};
// As sent and as stored.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kMetaKeys = {{
    {"meta_page_title", "metaPageTitle"},
    {"meta_page_description", "metaPageDescription"},
    {"social_page_preview_image", "socialPagePreviewImage"},
}};
constexpr int kMaxDays = 365;

const Value* FindAt(const Value& tree, std::string_view path) {
  const Value* at = &tree;
  for (const std::string_view name : Split(path, '.')) {
    at = at->Find(name);
    if (at == nullptr) return nullptr;
  }
  return at;
}

void SetAt(Value& tree, std::string_view path, Value value) {
  const size_t dot = path.find('.');
  if (dot == std::string_view::npos) {
    tree.Set(path, std::move(value));
    return;
  }
  const std::string_view head = path.substr(0, dot);
  Value* child = tree.Find(head);
  if (child == nullptr) child = &tree.Set(head, Value(Value::Object{}));
  SetAt(*child, path.substr(dot + 1), std::move(value));
}

bool IsWholeBetween(const Value& value, double least, double most) {
  if (!value.IsNumber()) return false;
  const double number = value.AsDouble();
  return number >= least && number <= most && std::floor(number) == number;
}

bool IsLayout(const Value& value) {
  if (!value.IsString()) return false;
  for (const std::string_view layout : kLayouts) {
    if (layout == value.AsString()) return true;
  }
  return false;
}

bool Fits(const Row& row, const Value& value) {
  switch (row.kind) {
    case Kind::kObject:
      return value.IsObject();
    case Kind::kBool:
      return value.IsBool();
    case Kind::kCount:
      return IsWholeBetween(value, 0, 9e15);
    case Kind::kDays:
      return IsWholeBetween(value, 1, kMaxDays);
    case Kind::kLayout:
      return IsLayout(value);
  }
  return false;
}

std::string_view Rule(Kind kind) {
  switch (kind) {
    case Kind::kObject:
      return "must be an object";
    case Kind::kBool:
      return "must be a boolean";
    case Kind::kCount:
      return "must be a non-negative integer";
    case Kind::kDays:
      return "must be an integer between 1 and 365";
    case Kind::kLayout:
      return "must be one of: default-list, default-grid, compact-list, compact-grid";
  }
  return "";
}

Status CheckRow(const Value& settings, const Row& row) {
  const Value* value = FindAt(settings, row.path);
  if (value == nullptr || Fits(row, *value)) return Ok();
  return BadField(row.path, Rule(row.kind));
}

Value Default(const Row& row) {
  if (row.kind == Kind::kBool) return Value(row.fallback != 0);
  if (row.kind == Kind::kLayout) return Value(kLayouts.front());
  return Value(row.fallback);
}

Value Merge(const Value& stored, const Value& sent) {
  if (!sent.IsObject()) return sent;
  Value merged = stored.IsObject() ? stored : Value(Value::Object{});
  for (const auto& [name, value] : sent.AsObject()) {
    const Value* old = merged.Find(name);
    merged.Set(name, Merge(old == nullptr ? Value() : *old, value));
  }
  return merged;
}

}  // namespace

Status CheckPageSettings(const Value& settings) {
  if (!settings.IsObject()) return BadField("page_settings", "must be an object");
  for (const std::string_view path : kObjects) {
    PHAROS_RETURN_IF_ERROR(CheckRow(settings, {path, Kind::kObject}));
  }
  for (const Row& row : kLeaves) {
    if (row.path == "monitor_status_history_days.desktop") {
      PHAROS_RETURN_IF_ERROR(CheckRow(settings, {"monitor_status_history_days", Kind::kObject}));
    }
    PHAROS_RETURN_IF_ERROR(CheckRow(settings, row));
  }
  for (const auto& [sent, stored] : kMetaKeys) {
    const Value* value = settings.Find(sent);
    if (value != nullptr && !value->IsString()) return BadField(sent, "must be a string");
  }
  return Ok();
}

Value MergePageSettings(const Value& stored, const Value& sent) {
  Value renamed(Value::Object{});
  for (const auto& [name, value] : sent.AsObject()) {
    std::string_view inner = name;
    for (const auto& [outer_name, inner_name] : kMetaKeys) {
      if (outer_name == name) inner = inner_name;
    }
    renamed.Set(inner, value);
  }
  return Merge(stored, renamed);
}

Value ShownPageSettings(const Value& stored) {
  Value shown(Value::Object{});
  const auto put = [&](const Row& row) {
    const Value* value = FindAt(stored, row.path);
    SetAt(shown, row.path, value != nullptr && Fits(row, *value) ? *value : Default(row));
  };
  // The order of the documented object, where the days come before the layout.
  for (const Row& row : kLeaves) {
    if (row.kind != Kind::kLayout) put(row);
  }
  for (const Row& row : kLeaves) {
    if (row.kind == Kind::kLayout) put(row);
  }
  for (const auto& [outer_name, inner_name] : kMetaKeys) {
    const Value* value = stored.Find(inner_name);
    if (value != nullptr && value->IsString()) shown.Set(outer_name, *value);
  }
  return shown;
}

}  // namespace pharos::api::kener_v4
