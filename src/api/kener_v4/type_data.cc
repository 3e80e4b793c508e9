#include "api/kener_v4/type_data.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "api/kener/type_data.h"

namespace pharos::api::kener_v4 {
namespace {

using kener::HasHostList;
using kener::Row;

constexpr kener::Release kRelease = kener::Release::kFour;

// Other dialects write a single target as `host`; this one only has the list.
Value WithHostList(const Value& spec) {
  const std::string host = spec.StringOr("host", "");
  if (host.empty()) return spec;
  Value target;
  target.Set("host", host);
  for (const std::string_view field : {"port", "count"}) {
    if (const Value* value = spec.Find(field)) target.Set(field, *value);
  }
  Value out = spec;
  out.Set("hosts", Value::List{std::move(target)});
  return out;
}

bool ConcernsOnly(const Error& error, std::span<const Row> rows, const Value& type_data) {
  return std::all_of(error.fields.begin(), error.fields.end(), [&](const FieldError& problem) {
    if (problem.field == "url") return true;
    // Probes name the short form of a single target; this dialect only has the list.
    const std::string_view field =
        HasHostList(rows) && problem.field == "host" ? "hosts" : std::string_view(problem.field);
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.field == field; });
    return row != rows.end() && !kener::IsGiven(kRelease, *row, type_data.Find(row->key));
  });
}

}  // namespace

std::string_view TypeDataKeyOf(std::string_view kind, std::string_view spec_field) {
  return kener::TypeDataKeyOf(kRelease, kind, spec_field);
}

Result<Value> CompileTypeData(const probe::Catalog& probes, std::string_view kind,
                              const Value& type_data, const Value& base) {
  const std::span<const Row> rows = kener::RowsOf(kRelease, kind);
  Value spec = base.IsObject() ? base : Value(Value::Object{});
  PHAROS_RETURN_IF_ERROR(kener::ReadRows(kRelease, rows, type_data, spec));
  if (HasHostList(rows)) spec.Remove("host");
  // The original's rule: one answer is enough (kener-v4.md 6.2).
  constexpr std::string_view kLoss = "degraded_over_loss_percent";
  if (kind == "ping" && spec.Find(kLoss) == nullptr) spec.Set(kLoss, 100);
  if (probes.Find(kind) == nullptr) return spec;
  Result<Value> valid = probes.ValidateSpec(kind, spec, "");
  if (valid) return valid;
  if (ConcernsOnly(valid.error(), rows, type_data)) return Value(Value::Object{});
  Error error(ErrorKind::kInvalid, "");
  for (const FieldError& problem : valid.error().fields) {
    const std::string name = "type_data." + std::string(TypeDataKeyOf(kind, problem.field));
    const std::string rest = kener::InTypeDataWords(kRelease, kind, problem.message);
    error.fields.push_back({name, name + " " + rest});
  }
  error.message = error.fields.empty() ? valid.error().message : error.fields.front().message;
  return error;
}

Value PresentTypeData(const probe::Catalog& probes, std::string_view kind, const Value& stored,
                      const Value& noted) {
  Value shown = noted.IsObject() ? noted : Value(Value::Object{});
  const std::span<const Row> rows = kener::RowsOf(kRelease, kind);
  if (rows.empty() || !stored.IsObject() || stored.AsObject().empty()) return shown;
  const Value spec = HasHostList(rows) ? WithHostList(stored) : stored;
  const Result<Value> meant = CompileTypeData(probes, kind, shown, Value(Value::Object{}));
  for (const Row& row : rows) {
    const Value* now = spec.Find(row.field);
    const Value* then = meant ? meant->Find(row.field) : nullptr;
    if (now == nullptr || (then != nullptr && *then == *now)) continue;
    shown.Set(row.key, kener::ShowValue(kRelease, row, *now));
  }
  return shown;
}

}  // namespace pharos::api::kener_v4
