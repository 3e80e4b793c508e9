#include "model/field_spec.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace pharos::model {
namespace {

constexpr double kDefaultTextBytes = 64 * 1024;
constexpr double kDefaultListElements = 100;

std::string Number(double n) {
  char text[32];
  std::snprintf(text, sizeof text, "%.15g", n);
  return text;
}

// Checks the value of one row; collects problems under the field's full name.
class FieldCheck {
 public:
  FieldCheck(const FieldSpec& row, std::string field, std::vector<FieldError>& problems)
      : row_(row), field_(std::move(field)), problems_(problems) {}

  // The value as it is to be kept; meaningless when problems were found.
  Value Run(const Value& value) {
    switch (row_.type) {
      case FieldType::kBool:
        if (!value.IsBool()) Complain("must be true or false");
        return value;
      case FieldType::kInt:
        return Integer(value);
      case FieldType::kReal:
        return Real(value);
      case FieldType::kText:
        return Text(value);
      case FieldType::kChoice:
        return Choice(value);
      case FieldType::kTextList:
        return TextList(value);
      case FieldType::kPairList:
        return PairList(value);
      case FieldType::kObject:
        if (!value.IsObject()) Complain("must be an object");
        return value;
      case FieldType::kObjectList:
        return ObjectList(value);
    }
    return value;
  }

 private:
  void Complain(std::string message) { Complain("", std::move(message)); }
  void Complain(std::string_view part, std::string message) {
    problems_.push_back({field_ + std::string(part), std::move(message)});
  }

  void CheckRange(double n) {
    if (row_.max != 0 && (n < row_.min || n > row_.max)) {
      Complain("must be between " + Number(row_.min) + " and " + Number(row_.max));
    } else if (n < row_.min) {
      Complain("must be at least " + Number(row_.min));
    }
  }

  Value Integer(const Value& value) {
    // JSON writers in some languages send 5.0 for 5.
    constexpr double kExact = 9007199254740992.0;
    const double n = value.IsNumber() ? value.AsDouble() : NAN;
    const bool whole = value.IsInt() || (std::abs(n) <= kExact && std::trunc(n) == n);
    if (!whole) {
      Complain("must be a whole number");
      return value;
    }
    CheckRange(n);
    return value.IsInt() ? value : Value(static_cast<int64_t>(n));
  }

  Value Real(const Value& value) {
    if (!value.IsNumber() || !std::isfinite(value.AsDouble())) {
      Complain("must be a number");
      return value;
    }
    CheckRange(value.AsDouble());
    return value;
  }

  Value Text(const Value& value) {
    if (!value.IsString()) {
      Complain("must be a text");
      return value;
    }
    const auto bytes = static_cast<double>(value.AsString().size());
    const double max = row_.max == 0 ? kDefaultTextBytes : row_.max;
    if (row_.required && bytes == 0) {
      Complain("is required");
    } else if (bytes > max) {
      Complain("must have at most " + Number(max) + " bytes");
    } else if (bytes < row_.min) {
      Complain("must have at least " + Number(row_.min) + " bytes");
    }
    return value;
  }

  Value Choice(const Value& value) {
    if (value.IsString() && std::find(row_.choices.begin(), row_.choices.end(), value.AsString()) !=
                                row_.choices.end()) {
      return value;
    }
    std::string known;
    for (const std::string_view choice : row_.choices) {
      if (!known.empty()) known += ", ";
      known += choice;
    }
    Complain("must be one of: " + known);
    return value;
  }

  // False when it is no list of an allowed length.
  bool IsFittingList(const Value& value) {
    if (!value.IsList()) {
      Complain("must be a list");
      return false;
    }
    const auto size = static_cast<double>(value.AsList().size());
    const double max = row_.max == 0 ? kDefaultListElements : row_.max;
    if (row_.required && size == 0) {
      Complain("is required");
    } else if (size > max) {
      Complain("must have at most " + Number(max) + " elements");
    } else if (size < row_.min) {
      Complain("must have at least " + Number(row_.min) + " elements");
    } else {
      return true;
    }
    return false;
  }

  static bool IsFittingText(const Value* value) {
    return value != nullptr && value->IsString() &&
           static_cast<double>(value->AsString().size()) <= kDefaultTextBytes;
  }

  Value TextList(const Value& value) {
    if (!IsFittingList(value)) return value;
    for (size_t i = 0; i < value.AsList().size(); ++i) {
      if (!IsFittingText(&value.AsList()[i])) {
        Complain("[" + std::to_string(i) + "]", "must be a text of at most 64 KiB");
      }
    }
    return value;
  }

  Value PairList(const Value& value) {
    if (!IsFittingList(value)) return value;
    for (size_t i = 0; i < value.AsList().size(); ++i) {
      const Value& pair = value.AsList()[i];
      const std::string part = "[" + std::to_string(i) + "]";
      if (!pair.IsObject()) {
        Complain(part, "must be an object with name and value");
        continue;
      }
      const Value* name = pair.Find("name");
      if (!IsFittingText(name) || name->AsString().empty()) {
        Complain(part + ".name", "must be a text that is not empty");
      }
      if (!IsFittingText(pair.Find("value"))) {
        Complain(part + ".value", "must be a text of at most 64 KiB");
      }
      for (const auto& [member, unused] : pair.AsObject()) {
        if (member != "name" && member != "value") {
          Complain(part + "." + member, "is not a known field");
        }
      }
    }
    return value;
  }

  Value ObjectList(const Value& value) {
    if (!IsFittingList(value)) return value;
    for (size_t i = 0; i < value.AsList().size(); ++i) {
      if (!value.AsList()[i].IsObject()) {
        Complain("[" + std::to_string(i) + "]", "must be an object");
      }
    }
    return value;
  }

  const FieldSpec& row_;
  std::string field_;
  std::vector<FieldError>& problems_;
};

// "type_data." names the object itself as "type_data".
std::string OwnName(std::string_view prefix) {
  if (!prefix.empty() && prefix.back() == '.') prefix.remove_suffix(1);
  return std::string(prefix);
}

}  // namespace

ValidatedSpec ValidateSpec(const std::vector<FieldSpec>& rows, const Value& input,
                           std::string_view prefix) {
  ValidatedSpec out;
  out.spec = Value(Value::Object{});
  if (!input.IsObject() && !input.IsNull()) {
    out.problems.push_back({OwnName(prefix), "must be an object"});
    return out;
  }
  const auto full_name = [&](std::string_view name) { return std::string(prefix).append(name); };
  for (const FieldSpec& row : rows) {
    const Value* given = input.Find(row.name);
    if (given != nullptr && !given->IsNull()) {
      out.spec.Set(row.name, FieldCheck(row, full_name(row.name), out.problems).Run(*given));
    } else if (row.required && row.fallback.IsNull()) {
      out.problems.push_back({full_name(row.name), "is required"});
    } else if (!row.fallback.IsNull()) {
      out.spec.Set(row.name, row.fallback);
    }
  }
  if (input.IsNull()) return out;
  for (const auto& [name, unused] : input.AsObject()) {
    const bool known = std::any_of(rows.begin(), rows.end(),
                                   [&](const FieldSpec& row) { return row.name == name; });
    if (!known) out.problems.push_back({full_name(name), "is not a known field"});
  }
  return out;
}

}  // namespace pharos::model
