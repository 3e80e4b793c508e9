#include "probe/pushed_kind.h"

#include <utility>

#include "probe/common_fields.h"

namespace pharos::probe {
namespace {

constexpr double kMaxSilenceS = 400.0 * 86400;

}  // namespace

std::vector<model::FieldSpec> SignalRows() {
  using model::FieldType;
  return {
      {.name = "secret",
       .max = 128,
       .secret = true,
       .help = "Part of the address that reports come to; without one only keys may report."},
      {.name = "interval_s",
       .type = FieldType::kInt,
       .min = 1,
       .max = kMaxSilenceS,
       .help = "How often reports are expected, in seconds. Shown; only silence is judged."},
      {.name = "degraded_after_s",
       .type = FieldType::kInt,
       .fallback = 300,
       .min = 0,
       .max = kMaxSilenceS,
       .help =
           "Silence longer than this is degraded, in seconds; 0: never, silence is down alone."},
      {.name = "down_after_s",
       .type = FieldType::kInt,
       .fallback = 600,
       .min = 1,
       .max = kMaxSilenceS,
       .help = "Silence longer than this is down, in seconds; greater than degraded_after_s."},
      {.name = "accept_get_ping",
       .type = FieldType::kBool,
       .fallback = false,
       .help = "A plain GET also counts as a report (link previews and scanners then count too)."},
      {.name = "public_ping",
       .type = FieldType::kBool,
       .fallback = false,
       .help = "Accept reports without a key from whoever knows the id."},
  };
}

void PushedKind::ValidateSilence(const Value& spec, std::vector<FieldError>& problems) const {
  const SpecReader reader(spec, descriptor_.fields);
  if (reader.Int("down_after_s") <= reader.Int("degraded_after_s")) {
    problems.push_back({"down_after_s", "must be greater than degraded_after_s"});
  }
}

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
