#include "api/console/envelope.h"
#include "api/console/tables.h"
#include "model/field_spec.h"
#include "probe/catalog.h"

namespace pharos::api::console {
namespace {

using T = FieldType;

const Shape& KindField() {
  static const Shape shape{
      "KindField",
      {{.name = "name", .required = true},
       {.name = "type",
        .required = true,
        .choices = {"bool", "int", "real", "text", "choice", "text_list", "pair_list", "object",
                    "object_list"}},
       {.name = "required", .type = T::kBool, .required = true},
       {.name = "default", .type = T::kAny, .required = true, .nullable = true},
       {.name = "min", .type = T::kNumber, .required = true, .nullable = true},
       {.name = "max", .type = T::kNumber, .required = true, .nullable = true},
       {.name = "choices", .type = T::kList, .required = true},
       {.name = "secret", .type = T::kBool, .required = true},
       {.name = "help", .required = true}},
      false};
  return shape;
}

const Shape& Kind() {
  static const Shape shape{
      "Kind",
      {{.name = "kind", .required = true},
       {.name = "title", .required = true},
       {.name = "pushed", .type = T::kBool, .required = true},
       {.name = "measures_latency", .type = T::kBool, .required = true},
       {.name = "fields", .type = T::kList, .required = true, .shape = &KindField()}},
      false};
  return shape;
}

const Shape& KindsReply() {
  static const Shape shape{
      "Kinds", {{.name = "items", .type = T::kList, .required = true, .shape = &Kind()}}, false};
  return shape;
}

std::string_view TypeName(model::FieldType type) {
  switch (type) {
    case model::FieldType::kBool:
      return "bool";
    case model::FieldType::kInt:
      return "int";
    case model::FieldType::kReal:
      return "real";
    case model::FieldType::kText:
      return "text";
    case model::FieldType::kChoice:
      return "choice";
    case model::FieldType::kTextList:
      return "text_list";
    case model::FieldType::kPairList:
      return "pair_list";
    case model::FieldType::kObject:
      return "object";
    case model::FieldType::kObjectList:
      return "object_list";
  }
  return "text";
}

void PrintLimit(JsonWriter& json, std::string_view name, double limit) {
  json.Key(name);
  if (limit == 0) {
    json.Null();
  } else {
    json.Real(limit);
  }
}

void PrintField(JsonWriter& json, const model::FieldSpec& field) {
  json.BeginObject();
  json.Key("name").String(field.name).Key("type").String(TypeName(field.type));
  json.Key("required").Bool(field.required).Key("default").Tree(field.fallback);
  PrintLimit(json, "min", field.min);
  PrintLimit(json, "max", field.max);
  json.Key("choices").BeginList();
  for (const std::string_view choice : field.choices) json.String(choice);
  json.EndList().Key("secret").Bool(field.secret).Key("help").String(field.help).EndObject();
}

Result<std::string> ListKinds(Call& call) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("items").BeginList();
  for (const probe::Probe* probe : call.services.monitors.probes().List()) {
    const probe::Descriptor& kind = probe->descriptor();
    json.BeginObject().Key("kind").String(kind.kind).Key("title").String(kind.title);
    json.Key("pushed").Bool(kind.pushed).Key("measures_latency").Bool(kind.measures_latency);
    json.Key("fields").BeginList();
    for (const model::FieldSpec& field : kind.fields) PrintField(json, field);
    json.EndList().EndObject();
  }
  json.EndList().EndObject();
  return out;
}

}  // namespace

std::vector<Endpoint> KindEndpoints() {
  return {{.method = "GET",
           .pattern = "/kinds",
           .operation = "kind.list",
           .scope = "monitors:read",
           .execution = Execution::kLoop,
           .summary = "Kinds of monitors, with the fields of their specs",
           .response = &KindsReply(),
           .act = ListKinds}};
}

}  // namespace pharos::api::console
