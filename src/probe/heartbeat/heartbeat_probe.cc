#include "probe/heartbeat/heartbeat_probe.h"

#include "probe/common_fields.h"
#include "probe/pushed_kind.h"

namespace pharos::probe {
namespace {

constexpr double kMaxSilenceS = 400.0 * 86400;

std::vector<model::FieldSpec> HeartbeatRows() {
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

class HeartbeatProbe : public PushedKind {
 public:
  HeartbeatProbe()
      : PushedKind(
            "heartbeat", "Heartbeat",
            "Nothing goes out. Whoever knows the secret can report health that is not there: "
            "the secret is never shown again, and keyless reports are off by default.",
            HeartbeatRows()) {}

  void Validate(const Value& spec, std::vector<FieldError>& problems) const override {
    const SpecReader reader(spec, descriptor().fields);
    if (reader.Int("down_after_s") <= reader.Int("degraded_after_s")) {
      problems.push_back({"down_after_s", "must be greater than degraded_after_s"});
    }
  }
};

}  // namespace

std::unique_ptr<Probe> MakeHeartbeatProbe() { return std::make_unique<HeartbeatProbe>(); }

}  // namespace pharos::probe
