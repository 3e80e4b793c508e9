#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "probe/probe.h"

namespace pharos::probe {

// All kinds of monitors that this program knows. One line per kind in catalog.cc. Immutable after
// construction, thread-safe.
class Catalog {
 public:
  Catalog();
  ~Catalog();
  // nullptr for an unknown kind.
  const Probe* Find(std::string_view kind) const;
  std::vector<const Probe*> List() const;
  // Fills defaults and validates rows and kind. Error: kInvalid with all problems; field names are
  // prefixed ("spec.url").
  Result<Value> ValidateSpec(std::string_view kind, const Value& spec,
                             std::string_view prefix = "spec.") const;

 private:
  std::vector<std::unique_ptr<Probe>> probes_;
};

}  // namespace pharos::probe
