#pragma once

#include <string_view>
#include <vector>

#include "probe/probe.h"

namespace pharos::probe {

// Rows of kinds whose silence is judged: secret, interval_s, degraded_after_s, down_after_s,
// accept_get_ping, public_ping.
std::vector<model::FieldSpec> SignalRows();

// Base of kinds whose results are handed in: nothing ever goes out, so Start has nothing to say.
class PushedKind : public Probe {
 public:
  const Descriptor& descriptor() const override { return descriptor_; }
  void Validate(const Value& /*spec*/, std::vector<FieldError>& /*problems*/) const override {}
  void Start(const Value& spec, net::Purpose purpose, const Tools& tools, Done done) const override;

 protected:
  PushedKind(std::string_view kind, std::string_view title, std::string_view posture,
             std::vector<model::FieldSpec> fields);
  // down_after_s must be greater than degraded_after_s.
  void ValidateSilence(const Value& spec, std::vector<FieldError>& problems) const;

 private:
  Descriptor descriptor_;
};

}  // namespace pharos::probe
