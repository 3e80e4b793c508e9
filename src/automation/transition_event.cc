#include "automation/transition_event.h"

namespace pharos::automation {

TransitionEvent ReadTransition(const model::Event& event) {
  const Value& data = event.data;
  TransitionEvent out;
  out.monitor = model::MonitorId(data.IntOr("monitor", 0));
  out.change.from = model::ParseStatus(data.StringOr("from", "")).value_or(model::Status::kNoData);
  out.change.to = model::ParseStatus(data.StringOr("to", "")).value_or(model::Status::kNoData);
  out.change.cause = data.StringOr("cause", "");
  out.change.at = FromUnixMicros(data.IntOr("at", ToUnixMicros(event.at)));
  out.change.ordinal = data.IntOr("ordinal", event.id.value());
  out.change.failures = static_cast<int>(data.IntOr("failures", 0));
  out.alert = data.BoolOr("alert", false);
  if (event.kind == model::kMonitorNotice) {
    out.notice = data.StringOr("notice", "late");
    out.side_changes = static_cast<int>(data.IntOr("changes", 0));
  }
  return out;
}

}  // namespace pharos::automation
