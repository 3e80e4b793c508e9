#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"
#include "base/result.h"
#include "base/value.h"

namespace pharos::api::kener {

// Between a monitor's type_data (kener-v4.md 6.2, kener-classic.md A.5) and the spec that probes
// read, value by value. What a whole type_data means, and what is shown of it, is each interface's
// own matter.

// Whose type_data it is. Kener 2 and 3 (kThree) tested nothing and so took texts for numbers and
// "YES" for true; the sets of keys, the members of groups and the texts shown differ too.
enum class Release : uint8_t { kThree, kFour };

// How a type_data value becomes a spec value.
enum class Form : uint8_t {
  kText,
  kUpperText,  // letters raised
  kLowerText,  // letters lowered; shown in capitals
  kTexts,      // list of texts
  kWhole,
  kPort,  // a number or its text
  kFlag,
  kOppositeFlag,
  kMinutes,  // number of minutes -> seconds
  kHeaders,  // [{key,value}] -> [{name,value}]
  kHosts,    // [{type,host,port,timeout,count}] -> [{host,ip_version,port,timeout_ms,count}]
  kMembers,  // [{tag,weight}], of kThree [{tag,selected}] -> [{tag,weight}]
};

struct Row {
  std::string_view key;    // in type_data
  std::string_view field;  // in the spec
  Form form;
};

// The rows of a kind, in the order in which they are shown; none for kinds without a translation.
std::span<const Row> RowsOf(Release release, std::string_view kind);
// The type_data key behind a spec field ("timeout_ms" -> "timeout"); the field itself if none.
std::string_view TypeDataKeyOf(Release release, std::string_view kind, std::string_view spec_field);
// A text about a spec with type_data keys in place of spec fields, for rules that compare two.
std::string InTypeDataWords(Release release, std::string_view kind, std::string_view text);
// Whether the kind looks at a list of hosts; that row is the first.
bool HasHostList(std::span<const Row> rows);

// Whether a value says anything: null and empty texts mean the same as an absent key.
bool IsGiven(Release release, const Row& row, const Value* value);

// Writes what `type_data` gives into `spec` and removes what it does not give. Errors: kInvalid
// about "type_data.<key>".
Status ReadRows(Release release, std::span<const Row> rows, const Value& type_data, Value& spec);

// The type_data value to show for a spec value.
Value ShowValue(Release release, const Row& row, const Value& value);

// kInvalid about "type_data.<key>", which the message names too.
Error WrongTypeData(std::string_view key, std::string_view rest);

}  // namespace pharos::api::kener
