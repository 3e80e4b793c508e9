#include "rules/status_engine.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "rules/confirmation.h"
#include "rules/flapping.h"
#include "rules/schedule_policy.h"

namespace pharos::rules {
namespace {

// How far ahead of our clock a time may stand before it is taken for a clock that was set back.
constexpr Duration kClockSlack = Minutes(1);
// Also tells that the newest sample was masked so.
constexpr std::string_view kMaintenanceText = "Status set by manual maintenance";

model::Sample SampleAt(Timestamp at) {
  model::Sample sample;
  sample.at = at;
  return sample;
}

double CleanLatency(double ms) { return ms > 0 && std::isfinite(ms) ? ms : 0; }

std::string CleanMessage(std::string_view message) {
  return Ellipsize(message, model::kMaxMessageBytes);
}

// Without this, a wall clock that was an hour ahead and is set right would make every result of the
// next hour a late one, and the monitor would stand still.
void ForgetFuture(model::MonitorState& state, Timestamp now) {
  const Timestamp latest = now + kClockSlack;
  if (state.last_result_at > latest) state.last_result_at = Timestamp{};
  if (state.last_signal_at > latest) state.last_signal_at = now;
  if (state.shown_since > latest) state.shown_since = now;
  if (state.last_sample_at > latest) {
    state.last_sample_at = Timestamp{};
    state.held.clear();
  }
}

bool RepeatsLast(const model::Monitor& monitor) {
  return monitor.kind == "manual" && monitor.spec.BoolOr("repeat_last", false);
}

bool IsRealCheck(model::SampleOrigin origin) {
  return origin == model::SampleOrigin::kRealtime || origin == model::SampleOrigin::kTimeout ||
         origin == model::SampleOrigin::kError;
}

model::SampleOrigin OriginOf(const model::CheckResult& result) {
  switch (result.outcome) {
    case model::CheckOutcome::kBlocked:
    case model::CheckOutcome::kBlind:
      return model::SampleOrigin::kBlind;
    case model::CheckOutcome::kTimeout:
      return model::SampleOrigin::kTimeout;
    case model::CheckOutcome::kError:
      return model::SampleOrigin::kError;
    case model::CheckOutcome::kAnswered:
    case model::CheckOutcome::kNone:
      break;
  }
  return result.source == model::ResultSource::kManual ? model::SampleOrigin::kManual
                                                       : model::SampleOrigin::kRealtime;
}

// What the check itself says; nullopt when nobody said anything (product.md 1.5, step 1).
std::optional<model::Sample> ObservedLayer(const model::Monitor& monitor,
                                           const model::MonitorState& state,
                                           const model::CheckResult& result, Timestamp at) {
  model::Sample sample = SampleAt(at);
  if (result.outcome == model::CheckOutcome::kNone) {
    if (!RepeatsLast(monitor) || !state.newest_is_manual) return std::nullopt;
    sample.status = sample.observed = state.observed;
    sample.origin = model::SampleOrigin::kManual;
    sample.latency_ms = state.latency_ms;
    return sample;
  }
  sample.origin = OriginOf(result);
  sample.message = CleanMessage(result.message);
  sample.code = result.code;
  sample.attempts = std::max<uint8_t>(result.attempts, 1);
  if (sample.origin == model::SampleOrigin::kBlind) {
    if (sample.message.empty()) sample.message = "Monitor was blind";
    return sample;
  }
  sample.status = sample.observed = result.observed;
  sample.latency_ms = CleanLatency(result.latency_ms.value_or(0));
  if (result.source == model::ResultSource::kSilence && result.observed != model::Status::kNoData &&
      state.last_signal_at >= result.at) {
    // A signal overtook the verdict on the silence before it.
    sample.status = sample.observed = state.last_signal_status;
    sample.message.clear();
  }
  return sample;
}

std::optional<model::Sample> DefaultLayer(const model::Monitor& monitor, Timestamp at) {
  if (!monitor.default_status) return std::nullopt;
  switch (*monitor.default_status) {
    case model::Status::kUp:
    case model::Status::kDegraded:
    case model::Status::kPartialOutage:
    case model::Status::kDown:
      break;
    case model::Status::kMaintenance:
    case model::Status::kNoData:
      return std::nullopt;
  }
  model::Sample sample = SampleAt(at);
  sample.status = *monitor.default_status;
  sample.origin = model::SampleOrigin::kDefault;
  if (sample.status != model::Status::kUp) sample.message = "Default status applied";
  return sample;
}

void ApplyOverlay(const model::ActiveOverlay& overlay, model::Sample& sample) {
  if (overlay.maintenance) {
    sample.status = *overlay.maintenance;
    sample.origin = model::SampleOrigin::kMaintenance;
    sample.message = std::string(kMaintenanceText);
  } else if (overlay.incident) {
    sample.status = *overlay.incident;
    sample.origin = model::SampleOrigin::kIncident;
    sample.message = "Status set by manual incident";
  }
}

// default < observed < incident < maintenance (product.md 1.5, step 5). The default does not fill
// time in which we were blind or could not reach the monitor: that stays no_data (architecture
// D17).
std::optional<model::Sample> MergeLayers(const model::Monitor& monitor,
                                         const std::optional<model::Sample>& observed,
                                         const model::ActiveOverlay& overlay, Timestamp at) {
  std::optional<model::Sample> merged = observed;
  const bool says_nothing = !merged || (merged->status == model::Status::kNoData &&
                                        merged->origin != model::SampleOrigin::kBlind &&
                                        merged->origin != model::SampleOrigin::kUnreachable);
  if (says_nothing) {
    if (std::optional<model::Sample> fallback = DefaultLayer(monitor, at)) {
      if (merged) {
        fallback->latency_ms = merged->latency_ms;
        fallback->code = merged->code;
        fallback->attempts = merged->attempts;
      }
      merged = std::move(fallback);
    }
  }
  if (overlay.IsActive()) {
    if (!merged) merged = SampleAt(at);
    ApplyOverlay(overlay, *merged);
  }
  return merged;
}

// Whether people are told of a change to `to`. Time without data is no news, and neither is what a
// maintenance shows (product.md 5.6); after both, what counts is whether the monitor came back
// other than the last check had left it.
bool IsNews(const model::MonitorState& before, model::Status to, bool in_maintenance) {
  if (to == model::Status::kNoData || in_maintenance) return false;
  if (before.shown != model::Status::kNoData && before.message != kMaintenanceText) return true;
  if (!before.anchor) return model::SideOf(to) == model::Side::kUnhealthy;
  return to != *before.anchor;
}

// What a check's status does to the number of failures in a row; no_data and maintenance say
// nothing unless the check itself failed.
int CountFailures(int failures, model::Status observed, bool has_failed) {
  switch (observed) {
    case model::Status::kUp:
    case model::Status::kDegraded:
    case model::Status::kPartialOutage:
      return 0;
    case model::Status::kDown:
      return failures < INT_MAX ? failures + 1 : failures;
    case model::Status::kMaintenance:
    case model::Status::kNoData:
      return has_failed && failures < INT_MAX ? failures + 1 : failures;
  }
  return failures;
}

int FailuresAfter(int failures, const model::CheckResult& result) {
  if (result.source == model::ResultSource::kManual) return failures;
  switch (result.outcome) {
    case model::CheckOutcome::kBlocked:
    case model::CheckOutcome::kBlind:
    case model::CheckOutcome::kNone:
      return failures;
    case model::CheckOutcome::kAnswered:
      return CountFailures(failures, result.observed, false);
    case model::CheckOutcome::kTimeout:
    case model::CheckOutcome::kError:
      return CountFailures(failures, result.observed, true);
  }
  return failures;
}

// The same from what was stored of a result.
int FailuresAfter(int failures, const model::Sample& sample) {
  switch (sample.origin) {
    case model::SampleOrigin::kManual:
    case model::SampleOrigin::kDefault:
    case model::SampleOrigin::kBlind:
      return failures;
    case model::SampleOrigin::kUnreachable:
      return 0;
    case model::SampleOrigin::kRealtime:
    case model::SampleOrigin::kSignal:
    case model::SampleOrigin::kIncident:
    case model::SampleOrigin::kMaintenance:
      return CountFailures(failures, sample.observed, false);
    case model::SampleOrigin::kTimeout:
    case model::SampleOrigin::kError:
      return CountFailures(failures, sample.observed, true);
  }
  return failures;
}

// Whether a failure may be the parents' fault: what people, programs and signals say of the monitor
// is their own word.
bool IsLook(const model::CheckResult& result) {
  return result.source == model::ResultSource::kProbe ||
         result.source == model::ResultSource::kSilence;
}

bool ChangesSide(const std::optional<model::Status>& from, const std::optional<model::Status>& to) {
  return from && to && model::SideOf(*from) != model::SideOf(*to);
}

void MakeUnreachable(const Upstream& upstream, model::Sample& sample) {
  sample.status = model::Status::kNoData;
  sample.origin = model::SampleOrigin::kUnreachable;
  sample.message = UnreachableText(upstream);
}

// One judgement: the state before, the state as it becomes, and the effects on the way.
class Judgement {
 public:
  Judgement(const model::Monitor& monitor, const model::MonitorState& state, bool in_maintenance,
            Timestamp now, const Upstream& upstream = {})
      : monitor_(monitor),
        before_(state),
        next_(state),
        in_maintenance_(in_maintenance),
        upstream_(upstream) {
    next_.monitor = monitor.id;
    ForgetFuture(next_, now);
  }

  model::MonitorState& next() { return next_; }

  // From now on a change to down is not told: it was found by the check made at `at`, and the
  // parents were not looked at since.
  void DoubtFailureAt(Timestamp at) { doubted_check_ = at; }

  void Store(model::Sample sample) { effects_.push_back(StoreSample{std::move(sample)}); }

  void Show(model::Status to, Timestamp at, std::string_view cause) {
    if (to == next_.shown) return;
    model::Transition transition;
    transition.org = monitor_.org;
    transition.monitor = monitor_.id;
    // A signal's time may lie after that of a check which is stored at the start of its minute.
    transition.at = std::max(at, next_.shown_since);
    transition.from = next_.shown;
    transition.to = to;
    transition.cause = std::string(cause);
    transition.ordinal = ++next_.transitions;
    next_.shown = to;
    next_.shown_since = transition.at;
    effects_.push_back(RecordTransition{transition});
    if (monitor_.active && IsNews(before_, to, in_maintenance_)) Tell(std::move(transition));
  }

  // Makes `sample` the newest one of the state; a change of status is dated `when`.
  void Adopt(const model::Sample& sample, Timestamp when) {
    next_.last_sample_at = std::max(next_.last_sample_at, sample.at);
    next_.message = sample.message;
    if (sample.latency_ms > 0) next_.latency_ms = sample.latency_ms;
    Show(sample.status, when, sample.message);
  }
  void Adopt(const model::Sample& sample) { Adopt(sample, sample.at); }

  // Takes over what the result says beside its status, and counts failures. To be called before the
  // time of the last result moves: a second result for the same time must not count twice.
  void TakeIn(const model::CheckResult& result, bool counts = true) {
    if (!result.facts.IsNull()) next_.facts = result.facts;
    if (!counts || result.at <= next_.last_result_at) return;
    const int failures = FailuresAfter(next_.failures, result);
    const bool is_more = failures > next_.failures;
    next_.failures = failures;
    const model::AutoIncident& automatic = monitor_.auto_incident;
    if (is_more && automatic.enabled && failures == automatic.failure_threshold) {
      effects_.push_back(ReportFailing{failures, result.at, CleanMessage(result.message)});
    }
  }

  // A check was judged that published the side which the state has now as its anchor.
  void WatchFlapping(const std::optional<model::Status>& anchor_before) {
    flaps_ = JudgeFlapping(monitor_.flapping, next_, ChangesSide(anchor_before, next_.anchor));
  }

  // The failure of which nobody is told yet goes on with `sample`, which shows it.
  void GoOnDoubting(const model::Sample& sample, Timestamp now) {
    if (next_.doubted_at == Timestamp{}) return;
    const bool is_open =
        upstream_.standing == Upstream::Standing::kUnknown && now < upstream_.wait_until;
    if (!is_open) return EndDoubt();
    std::erase_if(next_.doubtful, [&](const model::Sample& s) { return s.at >= sample.at; });
    if (next_.doubtful.size() < kMaxDoubtful) next_.doubtful.push_back(sample);
  }
  // The parents are not to blame, or it is too late to find out.
  void EndDoubt() {
    if (next_.doubted_at == Timestamp{}) return;
    if (!next_.flapping) Notify(QueueNotice::Kind::kLate, next_.shown_since);
    DropDoubt();
  }
  void DropDoubt() {
    next_.doubted_at = Timestamp{};
    next_.doubtful.clear();
  }
  // The monitor cannot be reached, so what was held against it lately says nothing either; and it
  // stands where it stood before that when it is reached again.
  void Exonerate() {
    if (next_.doubted_at != Timestamp{}) next_.anchor = model::Status::kUp;
    for (std::vector<model::Sample>* list : {&next_.doubtful, &next_.held}) {
      for (model::Sample& sample : *list) {
        if (sample.observed != model::Status::kDown) continue;
        MakeUnreachable(upstream_, sample);
        Store(std::move(sample));
      }
      list->clear();
    }
    next_.doubted_at = Timestamp{};
    next_.unreachable = true;
    next_.failures = 0;
  }

  void Notify(QueueNotice::Kind kind, Timestamp at) {
    QueueNotice notice;
    notice.kind = kind;
    notice.side_changes = CountSideChanges(next_.side_changes);
    notice.transition.org = monitor_.org;
    notice.transition.monitor = monitor_.id;
    notice.transition.at = at;
    notice.transition.from = kind == QueueNotice::Kind::kLate ? model::Status::kUp : before_.shown;
    notice.transition.to = next_.shown;
    notice.transition.cause = next_.message;
    notice.transition.ordinal = next_.transitions;
    effects_.push_back(std::move(notice));
  }

  Effects Finish() {
    if (flaps_.began) Notify(QueueNotice::Kind::kFlapping, next_.shown_since);
    if (flaps_.settled) Notify(QueueNotice::Kind::kSettled, next_.last_result_at);
    effects_.push_back(SetState{std::move(next_)});
    return std::move(effects_);
  }
  // The result was too late, or of a paused monitor: where it stands does not change, but that a
  // sample was stored at `stored_at` is remembered, so that no replay takes it for a new one.
  Effects FinishUnchanged(Timestamp stored_at = {}) {
    model::MonitorState state = before_;
    state.last_sample_at = std::max(state.last_sample_at, stored_at);
    effects_.push_back(SetState{std::move(state)});
    return std::move(effects_);
  }

 private:
  static constexpr size_t kMaxDoubtful = 60;

  void Tell(model::Transition transition) {
    const bool was_untold = before_.doubted_at != Timestamp{};
    // The failure that is over now was told to nobody.
    if (was_untold && model::SideOf(transition.to) == model::Side::kHealthy) return;
    if (next_.flapping || flaps_.settled) return;
    if (transition.to == model::Status::kDown && doubted_check_ != Timestamp{}) {
      next_.doubted_at = doubted_check_;
      return;
    }
    effects_.push_back(QueueDelivery{std::move(transition)});
  }

  const model::Monitor& monitor_;
  const model::MonitorState& before_;
  model::MonitorState next_;
  const bool in_maintenance_;
  const Upstream upstream_;
  FlapVerdict flaps_;
  Timestamp doubted_check_{};
  Effects effects_;
};

// A sample whose time was taken by another one must not be rewritten later.
void DropHeldAt(model::MonitorState& state, Timestamp at) {
  for (std::vector<model::Sample>* list : {&state.held, &state.doubtful}) {
    std::erase_if(*list, [&](const model::Sample& waiting) { return waiting.at == at; });
  }
}

// The receipt of a heartbeat: effective at once, whatever the confirmation threshold
// (kodo.md 11.3).
Effects JudgeSignal(const model::Monitor& monitor, const model::MonitorState& state,
                    const model::CheckResult& result, const model::ActiveOverlay& overlay,
                    Timestamp now) {
  Judgement judgement(monitor, state, overlay.maintenance.has_value(), now);
  model::MonitorState& next = judgement.next();
  model::Sample sample = SampleAt(SampleTime(monitor, result));
  sample.status = model::SideOf(result.observed) == model::Side::kNeutral ? model::Status::kUp
                                                                          : result.observed;
  sample.observed = sample.status;
  sample.message = CleanMessage(result.message);
  sample.code = result.code;
  sample.attempts = std::max<uint8_t>(result.attempts, 1);
  ApplyOverlay(overlay, sample);
  sample.origin = model::SampleOrigin::kSignal;
  judgement.Store(sample);
  if (sample.at < next.last_signal_at) return judgement.FinishUnchanged();

  const bool is_new = result.at > next.last_result_at;
  if (monitor.active) judgement.TakeIn(result);
  next.last_signal_at = sample.at;
  next.last_signal_status = sample.observed;
  next.last_result_at = std::max(next.last_result_at, result.at);
  if (!monitor.active) {
    next.last_sample_at = std::max(next.last_sample_at, sample.at);
    return judgement.Finish();
  }
  next.observed = sample.observed;
  next.newest_is_manual = false;
  next.unreachable = false;
  judgement.DropDoubt();
  if (!overlay.IsActive()) {
    // The next verdict on silence must not be held against a status from before this signal.
    const std::optional<model::Status> anchor = std::exchange(next.anchor, sample.observed);
    if (is_new) judgement.WatchFlapping(anchor);
  }
  judgement.Adopt(sample);
  FreezeConfirmation(next);
  return judgement.Finish();
}

}  // namespace

Timestamp SampleTime(const model::Monitor& monitor, const model::CheckResult& result) {
  const Duration step = SampleStep(monitor);
  if (result.source != model::ResultSource::kHeartbeat) return FloorTo(result.at, step);
  const Timestamp at = FloorTo(result.at, Milliseconds(1));
  // One millisecond aside where a verdict on silence is stored, so that neither replaces the other
  // (product.md 2.10).
  return at == FloorTo(at, step) ? at + Milliseconds(1) : at;
}

Effects JudgeResult(const model::Monitor& monitor, const model::MonitorState& state,
                    const model::CheckResult& result, const model::ActiveOverlay& overlay,
                    Timestamp now, const Upstream& upstream) {
  if (result.source == model::ResultSource::kHeartbeat) {
    return JudgeSignal(monitor, state, result, overlay, now);
  }
  Judgement judgement(monitor, state, overlay.maintenance.has_value(), now, upstream);
  model::MonitorState& next = judgement.next();
  const Timestamp at = SampleTime(monitor, result);
  std::optional<model::Sample> observed = ObservedLayer(monitor, next, result, at);
  const bool failed = observed && IsLook(result) && IsRealCheck(observed->origin) &&
                      observed->observed == model::Status::kDown;
  const bool unreachable = failed && upstream.standing == Upstream::Standing::kDown;
  if (unreachable) MakeUnreachable(upstream, *observed);
  // Compared on the monitor's own grid: a manual entry or a signal within the same minute does not
  // make the minute's check a late one.
  const bool late = at < FloorTo(next.last_sample_at, SampleStep(monitor));
  if (late || !monitor.active) {
    const auto sample = MergeLayers(monitor, observed, overlay, at);
    if (sample) judgement.Store(*sample);
    return judgement.FinishUnchanged(sample ? at : Timestamp{});
  }

  const bool is_new = result.at > next.last_result_at;
  judgement.TakeIn(result, !unreachable);
  next.last_result_at = std::max(next.last_result_at, result.at);
  if (observed) {
    next.observed = observed->observed;
    next.newest_is_manual = observed->origin == model::SampleOrigin::kManual;
    if (observed->origin != model::SampleOrigin::kBlind) next.unreachable = false;
  }
  if (unreachable) {
    judgement.Exonerate();
  } else if (overlay.IsActive() ||
             (observed && !failed && observed->origin != model::SampleOrigin::kBlind)) {
    judgement.DropDoubt();
  }
  if (overlay.IsActive()) {
    FreezeConfirmation(next);
  } else if (observed && IsRealCheck(observed->origin)) {
    const std::optional<model::Status> anchor = next.anchor;
    Confirmation confirmation = Confirm(monitor.confirmation_threshold, next, std::move(*observed));
    for (model::Sample& earlier : confirmation.rewritten) judgement.Store(std::move(earlier));
    observed = std::move(confirmation.sample);
    if (is_new && IsLook(result) && monitor.kind != "manual") judgement.WatchFlapping(anchor);
  } else {
    DropHeldAt(next, at);
  }
  if (failed && upstream.standing == Upstream::Standing::kUnknown) {
    if (now < upstream.wait_until) judgement.DoubtFailureAt(result.at);
  }

  const std::optional<model::Sample> sample = MergeLayers(monitor, observed, overlay, at);
  if (sample) {
    if (!observed && sample->origin == model::SampleOrigin::kDefault) {
      next.observed = model::Status::kNoData;
      next.newest_is_manual = false;
    }
    judgement.Store(*sample);
    // What somebody says counts from when it was said, not from the minute that it is kept under.
    const bool said = result.source == model::ResultSource::kManual ||
                      result.source == model::ResultSource::kMetrics;
    judgement.Adopt(*sample, said ? result.at : sample->at);
    if (failed && !unreachable) judgement.GoOnDoubting(*sample, now);
  } else if (next.held.empty()) {
    // Nothing to store; but an overlay or a default that is gone must not go on being shown.
    judgement.Show(next.observed, at, "");
  }
  return judgement.Finish();
}

Effects ReviewDoubt(const model::Monitor& monitor, const model::MonitorState& state,
                    const Upstream& upstream, Timestamp now) {
  if (state.doubted_at == Timestamp{} || !monitor.active) return {};
  Judgement judgement(monitor, state, false, now, upstream);
  switch (upstream.standing) {
    case Upstream::Standing::kUnknown:
      if (now < upstream.wait_until) return {};
      [[fallthrough]];
    case Upstream::Standing::kClear:
      judgement.EndDoubt();
      break;
    case Upstream::Standing::kDown: {
      judgement.Exonerate();
      model::MonitorState& next = judgement.next();
      next.message = UnreachableText(upstream);
      judgement.Show(model::Status::kNoData, next.last_sample_at, next.message);
      break;
    }
  }
  return judgement.Finish();
}

Effects JudgeManualSample(const model::Monitor& monitor, const model::MonitorState& state,
                          const model::Sample& sample, Timestamp now) {
  Judgement judgement(monitor, state, false, now);
  model::MonitorState& next = judgement.next();
  model::Sample entry = sample;
  entry.at = FloorTo(sample.at, Milliseconds(1));
  entry.observed = entry.status;
  entry.origin = model::SampleOrigin::kManual;
  entry.latency_ms = CleanLatency(entry.latency_ms);
  entry.message = CleanMessage(entry.message);
  judgement.Store(entry);
  DropHeldAt(next, entry.at);
  // What is written for the future stands in history only: the present goes on without it.
  if (entry.at < next.last_sample_at || entry.at > now + kClockSlack) return judgement.Finish();

  next.observed = entry.status;
  next.last_result_at = std::max(next.last_result_at, entry.at);
  next.newest_is_manual = true;
  judgement.Adopt(entry);
  if (RepeatsLast(monitor)) next.latency_ms = entry.latency_ms;
  return judgement.Finish();
}

void ObserveStoredSample(model::MonitorState& state, const model::Sample& sample) {
  if (sample.at <= state.last_sample_at || sample.origin == model::SampleOrigin::kManual) return;
  const bool is_overlay = sample.origin == model::SampleOrigin::kIncident ||
                          sample.origin == model::SampleOrigin::kMaintenance;
  state.last_sample_at = sample.at;
  state.last_result_at = std::max(state.last_result_at, sample.at);
  state.unreachable = sample.origin == model::SampleOrigin::kUnreachable;
  if (state.unreachable) state.held.clear();
  // Under an overlay no_data may mean that nobody said anything: then the last word still stands.
  if (!is_overlay || sample.observed != model::Status::kNoData) state.observed = sample.observed;
  state.message = sample.message;
  state.failures = FailuresAfter(state.failures, sample);
  if (sample.latency_ms > 0) state.latency_ms = sample.latency_ms;
  if (sample.origin == model::SampleOrigin::kSignal) {
    state.last_signal_at = std::max(state.last_signal_at, sample.at);
    state.last_signal_status = sample.observed;
    state.held.clear();
    if (sample.status == sample.observed) {
      NoteSide(state, ChangesSide(state.anchor, sample.observed));
      state.anchor = sample.observed;
    }
  } else if (is_overlay) {
    FreezeConfirmation(state);
  } else if (IsRealCheck(sample.origin) && sample.status != model::Status::kNoData) {
    if (model::SideOf(sample.status) != model::SideOf(sample.observed)) {
      constexpr size_t kMaxHeld = 60;
      NoteSide(state, false);
      if (state.held.size() < kMaxHeld) state.held.push_back(sample);
    } else {
      NoteSide(state, ChangesSide(state.anchor, sample.status));
      state.anchor = sample.status;
      state.held.clear();
    }
  }
  if (!is_overlay) state.newest_is_manual = false;
}

bool ReplaySays(const model::MonitorState& before, const Effects& effects) {
  const model::MonitorState* after = nullptr;
  model::MonitorState replayed = before;
  for (const Effect& effect : effects) {
    if (const auto* store = std::get_if<StoreSample>(&effect)) {
      if (store->sample.at <= before.last_sample_at) return false;
      ObserveStoredSample(replayed, store->sample);
    } else if (const auto* set = std::get_if<SetState>(&effect)) {
      after = &set->state;
    }
  }
  if (after == nullptr) return true;
  replayed.last_result_at = after->last_result_at;
  replayed.facts = after->facts;
  return replayed == *after;
}

}  // namespace pharos::rules
