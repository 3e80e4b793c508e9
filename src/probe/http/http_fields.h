#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "model/field_spec.h"

namespace pharos::probe {

// All rows of kind "http", the shared ones first.
const std::vector<model::FieldSpec>& HttpFields();

// The rule that holds when nobody says otherwise: any 2xx or 3xx, and 429 (product.md 2.3).
std::string_view DefaultExpectedStatus();

// Of any answer no more than this is read, whatever the spec says.
inline constexpr size_t kMaxReadBytes = 16 * 1024 * 1024;

// A token of RFC 9110.
bool IsHeaderName(std::string_view text);

}  // namespace pharos::probe
