#pragma once

#include <string_view>
#include <vector>

#include "probe/probe.h"

namespace pharos::probe {

// Base of kinds whose results are handed in: nothing ever goes out, so Start has nothing to say.
class PushedKind : public Probe {
 public:
  const Descriptor& descriptor() const override { return descriptor_; }
  void Validate(const Value& /*spec*/, std::vector<FieldError>& /*problems*/) const override {}
  void Start(const Value& spec, net::Purpose purpose, const Tools& tools, Done done) const override;

 protected:
  PushedKind(std::string_view kind, std::string_view title, std::string_view posture,
             std::vector<model::FieldSpec> fields);

 private:
  Descriptor descriptor_;
};

}  // namespace pharos::probe
