#include "mutants.h"

#include <functional>
#include <limits>

namespace pharos::walk {
namespace {

using api::Field;
using api::FieldType;

struct Wrong {
  const char* what;
  Value value;
};

bool IsOfType(const Value& value, FieldType type) {
  switch (type) {
    case FieldType::kBool:
      return value.IsBool();
    case FieldType::kInt:
    case FieldType::kUnixTime:
    case FieldType::kNumber:
      return value.IsNumber();
    case FieldType::kText:
    case FieldType::kTime:
      return value.IsString();
    case FieldType::kObject:
      return value.IsObject();
    case FieldType::kList:
      return value.IsList();
    case FieldType::kAny:
      return true;
  }
  return true;
}

void AddTexts(const Field& field, std::vector<Wrong>& wrongs) {
  const double max = field.max.value_or(64 * 1024);
  wrongs.push_back({"is empty", ""});
  wrongs.push_back({"is blank", " \t "});
  wrongs.push_back({"is too long", std::string(static_cast<size_t>(max) + 1, 'a')});
  wrongs.push_back({"has a zero byte", std::string("a\0b", 3)});
  wrongs.push_back({"has an escape", "a\x1b[31mb"});
  wrongs.push_back({"is strange text", "\xF0\x9F\x92\xA9' OR 1=1 -- <script>\\"});
}

std::vector<Wrong> WrongsOf(const Field& field) {
  std::vector<Wrong> wrongs = {{"is null", Value()}};
  for (const Value& other : {Value(true), Value(7), Value("7"), Value(Value::List{}),
                             Value(Value::Object{}), Value(Value::List{Value()})}) {
    if (!IsOfType(other, field.type)) wrongs.push_back({"is of a wrong type", other});
  }
  switch (field.type) {
    case FieldType::kInt:
    case FieldType::kUnixTime:
      wrongs.push_back({"has a fraction", 1.5});
      [[fallthrough]];
    case FieldType::kNumber:
      wrongs.push_back({"is below", field.min.value_or(-1e15) - 1});
      wrongs.push_back({"is above", field.max.value_or(1e15) + 1});
      wrongs.push_back({"is huge", 1e300});
      wrongs.push_back({"is the least", std::numeric_limits<int64_t>::min()});
      wrongs.push_back({"is the greatest", std::numeric_limits<int64_t>::max()});
      break;
    case FieldType::kText:
      if (!field.choices.empty()) wrongs.push_back({"is no choice", "no-such-choice"});
      AddTexts(field, wrongs);
      break;
    case FieldType::kTime:
      wrongs.push_back({"is no time", "yesterday"});
      wrongs.push_back({"is an impossible time", "2026-99-99T25:61:61Z"});
      wrongs.push_back({"is empty", ""});
      break;
    case FieldType::kList: {
      wrongs.push_back({"is empty", Value::List{}});
      const auto many = static_cast<size_t>(field.max.value_or(1000)) + 1;
      if (many <= 100'000) wrongs.push_back({"is too long", Value::List(many, Value("x"))});
      break;
    }
    case FieldType::kObject:
      wrongs.push_back({"is empty", Value::Object{}});
      break;
    case FieldType::kBool:
    case FieldType::kAny:
      break;
  }
  return wrongs;
}

class Mutator {
 public:
  explicit Mutator(const Value& body) : body_(body) {}

  // `put` replaces the object at this place of the whole body.
  void Object(const api::Shape& shape, const Value& object, const std::string& path,
              const std::function<Value(Value)>& put) {
    for (const Field& field : shape.fields) {
      const Value* now = object.Find(field.name);
      const std::string name = path + std::string(field.name);
      const auto with = [&](Value value) {
        Value changed = object;
        changed.Set(field.name, std::move(value));
        return put(std::move(changed));
      };
      if (now != nullptr) {
        Value without = object;
        without.Remove(field.name);
        Add(name + " is missing", field, put(std::move(without)));
      }
      for (Wrong& wrong : WrongsOf(field)) Add(name + " " + wrong.what, field, with(wrong.value));
      if (now == nullptr || field.shape == nullptr) continue;
      if (now->IsObject()) Object(*field.shape, *now, name + ".", with);
      if (now->IsList() && !now->AsList().empty() && now->AsList()[0].IsObject()) {
        const auto with_first = [&](Value first) {
          Value list = *now;
          list.AsList()[0] = std::move(first);
          return with(std::move(list));
        };
        Object(*field.shape, now->AsList()[0], name + "[0].", with_first);
      }
    }
    Value more = object;
    more.Set("zz_unheard_of", 1);
    mutants_.push_back({path + "zz_unheard_of is there", "zz_unheard_of", put(std::move(more))});
  }

  std::vector<Mutant> Take() { return std::move(mutants_); }

 private:
  void Add(std::string what, const Field& field, Value body) {
    if (body != body_) mutants_.push_back({std::move(what), std::string(field.name), body});
  }

  const Value& body_;
  std::vector<Mutant> mutants_;
};

}  // namespace

std::vector<Mutant> Mutate(const api::Shape& shape, const Value& body) {
  Mutator mutator(body);
  mutator.Object(shape, body, "", [](Value changed) { return changed; });
  return mutator.Take();
}

}  // namespace pharos::walk
