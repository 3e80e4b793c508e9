#include "api/kener_v3/type_data.h"

#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "api/kener/type_data.h"
#include "api/kener_v3/envelope.h"
#include "api/kener_v3/words.h"
#include "base/json.h"
#include "base/text.h"

namespace pharos::api::kener_v3 {
namespace {

using kener::Row;

constexpr kener::Release kRelease = kener::Release::kThree;

// null and empty texts are as good as absent to the original's probes.
bool IsGiven(const Value& value) {
  return !value.IsNull() && !(value.IsString() && Trim(value.AsString()).empty());
}

Result<Value> Compile(const probe::Catalog& probes, std::string_view kind, const Value& type_data,
                      const Value& base) {
  Value spec = base.IsObject() ? base : Value(Value::Object{});
  const std::span<const Row> rows = kener::RowsOf(kRelease, kind);
  PHAROS_RETURN_IF_ERROR(kener::ReadRows(kRelease, rows, type_data, spec));
  // One target of another interface gives way to the list.
  if (kener::HasHostList(rows) && spec.Find("hosts") != nullptr) spec.Remove("host");
  // Its groups are what their worst member is (kener-classic.md A.5).
  constexpr std::string_view kJudgeBy = "judge_by";
  if (kind == "group" && spec.Find(kJudgeBy) == nullptr) spec.Set(kJudgeBy, "worst");
  if (probes.Find(kind) == nullptr) return spec;
  Result<Value> valid = probes.ValidateSpec(kind, spec, "");
  if (valid) return valid;
  if (valid.error().fields.empty()) return BadRequest("type_data: " + valid.error().message);
  const FieldError& problem = valid.error().fields.front();
  return kener::WrongTypeData(kener::TypeDataKeyOf(kRelease, kind, problem.field),
                              kener::InTypeDataWords(kRelease, kind, problem.message));
}

// An object out of what clients send; nullopt for anything else.
std::optional<Value> ObjectOf(const Value& given) {
  if (given.IsObject()) return given;
  if (!given.IsString()) return std::nullopt;
  Result<Value> parsed = ParseJson(given.AsString());
  if (!parsed || !parsed->IsObject()) return std::nullopt;
  return std::move(*parsed);
}

}  // namespace

Status ApplyTypeData(const Value& given, const probe::Catalog& probes, model::Monitor& monitor) {
  if (!IsGiven(given)) {
    monitor.spec = Value(Value::Object{});
    SetNote(monitor.notes, "type_data", Value());
    return Ok();
  }
  const std::optional<Value> type_data = ObjectOf(given);
  if (!type_data) return BadRequest("type_data must be the JSON text of an object");
  if (type_data->AsObject().empty()) {
    monitor.spec = Value(Value::Object{});
  } else {
    PHAROS_ASSIGN_OR_RETURN(monitor.spec, Compile(probes, monitor.kind, *type_data, monitor.spec));
  }
  SetNote(monitor.notes, "type_data", given.IsString() ? given : Value(WriteJson(given)));
  return Ok();
}

std::string ShownTypeData(const model::Monitor& monitor, const probe::Catalog& probes) {
  const Value* note = FindNote(monitor.notes, "type_data");
  const std::optional<Value> noted = note != nullptr ? ObjectOf(*note) : std::nullopt;
  const std::span<const Row> rows = kener::RowsOf(kRelease, monitor.kind);
  if (noted) {
    const Result<Value> meant = noted->AsObject().empty()
                                    ? Result<Value>(Value(Value::Object{}))
                                    : Compile(probes, monitor.kind, *noted, monitor.spec);
    if (rows.empty() || (meant && *meant == monitor.spec)) return note->AsString();
  }
  Value shown = noted.value_or(Value(Value::Object{}));
  for (const Row& row : rows) {
    if (const Value* value = monitor.spec.Find(row.field)) {
      shown.Set(row.key, kener::ShowValue(kRelease, row, *value));
    }
  }
  // A single target of another interface.
  const std::string host = monitor.spec.StringOr("host", "");
  if (kener::HasHostList(rows) && !host.empty()) {
    const Value only(Value::List{monitor.spec});
    shown.Set("hosts", kener::ShowValue(kRelease, rows.front(), only));
  }
  return WriteJson(shown);
}

}  // namespace pharos::api::kener_v3
