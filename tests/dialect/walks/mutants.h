#pragma once

#include <string>
#include <vector>

#include "api/schema.h"
#include "base/value.h"

namespace pharos::walk {

// A body with one thing changed.
struct Mutant {
  std::string what;   // "title too long"
  std::string field;  // "title"
  Value body;
};

// Every way in which one member of `body` may be wrong, going into nested objects and the first
// element of lists, and a member that the shape does not have.
std::vector<Mutant> Mutate(const api::Shape& shape, const Value& body);

}  // namespace pharos::walk
