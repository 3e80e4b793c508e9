#include "probe/pushed_kind.h"

#include <utility>

namespace pharos::probe {

PushedKind::PushedKind(std::string_view kind, std::string_view title, std::string_view posture,
                       std::vector<model::FieldSpec> fields) {
  descriptor_.kind = kind;
  descriptor_.title = title;
  descriptor_.pushed = true;
  descriptor_.posture = posture;
  descriptor_.fields = std::move(fields);
}

void PushedKind::Start(const Value& /*spec*/, net::Purpose /*purpose*/, const Tools& /*tools*/,
                       Done done) const {
  Observation observation;
  observation.outcome = model::CheckOutcome::kNone;
  observation.status = model::Status::kNoData;
  observation.message = "results of this kind are reported, nothing is checked";
  done(std::move(observation));
}

}  // namespace pharos::probe
