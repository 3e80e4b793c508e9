#include "probe/heartbeat/heartbeat_probe.h"

#include "probe/pushed_kind.h"

namespace pharos::probe {
namespace {

class HeartbeatProbe : public PushedKind {
 public:
  HeartbeatProbe()
      : PushedKind(
            "heartbeat", "Heartbeat",
            "Nothing goes out. Whoever knows the secret can report health that is not there: "
            "the secret is never shown again, and keyless reports are off by default.",
            SignalRows()) {}

  void Validate(const Value& spec, std::vector<FieldError>& problems) const override {
    ValidateSilence(spec, problems);
  }
};

}  // namespace

std::unique_ptr<Probe> MakeHeartbeatProbe() { return std::make_unique<HeartbeatProbe>(); }

}  // namespace pharos::probe
