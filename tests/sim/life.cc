#include "life.h"

#include <utility>

#include "base/one_shot.h"
#include "service/overlays.h"
#include "store/monitor_store.h"

namespace pharos::sim {

Life::Life(store::Store& store, FakeClock& clock, StoreFaults& faults)
    : store_(store),
      clock_(clock),
      faults_(faults),
      plan_(directory_, {.blind_after = Seconds(10), .max_blind_samples = 60}) {}

Status Life::Begin(const std::vector<rules::MaintenanceWindow>& windows) {
  {
    PHAROS_ASSIGN_OR_RETURN(const auto session, store_.Read());
    PHAROS_ASSIGN_OR_RETURN(auto monitors, store_.monitors().ListAll(*session));
    directory_.Reset(std::move(monitors));
  }
  PHAROS_ASSIGN_OR_RETURN(
      intake_, intake::Intake::Start({}, store_, directory_, overlays_, board_, clock_, metrics_));
  context_ = std::make_unique<service::Context>(
      service::Context{store_, directory_, *intake_, overlays_, board_, probes_, clock_});
  PHAROS_RETURN_IF_ERROR(ReloadOverlays(windows));
  pump_ = std::make_unique<automation::EventPump>(*context_, std::vector<service::EventListener*>{},
                                                  metrics_);
  services_ = std::make_unique<automation::ServiceFollower>(*context_);
  plan_.Fill(clock_.Now());
  return Ok();
}

void Life::Crash() {
  faults_.dead = true;
  End();
  faults_.dead = false;
}

void Life::End() {
  if (intake_ != nullptr) intake_->Stop();
  services_.reset();
  pump_.reset();
  context_.reset();
  intake_.reset();
}

Status Life::Submit(const model::CheckResult& result) { return SubmitAll({result}).front(); }

std::vector<Status> Life::SubmitAll(const std::vector<model::CheckResult>& results) {
  std::vector<OneShot<Status>> outcomes(results.size());
  std::vector<Status> said(results.size());
  std::vector<bool> waits(results.size());
  for (size_t i = 0; i < results.size(); ++i) {
    said[i] = intake_->Submit(
        results[i], [&outcome = outcomes[i]](Status done) { outcome.Set(std::move(done)); });
    waits[i] = said[i].has_value();
  }
  for (size_t i = 0; i < results.size(); ++i) {
    if (waits[i]) said[i] = outcomes[i].Take();
  }
  return said;
}

Status Life::SubmitManual(model::MonitorId monitor, const model::Sample& sample) {
  OneShot<Status> outcome;
  PHAROS_RETURN_IF_ERROR(
      intake_->SubmitManual(monitor, {sample}, [&](Status done) { outcome.Set(std::move(done)); }));
  return outcome.Take();
}

Status Life::React() {
  constexpr int kMaxSteps = 10'000;
  for (int i = 0; i < kMaxSteps; ++i) {
    PHAROS_ASSIGN_OR_RETURN(const bool more_events, pump_->Step());
    PHAROS_ASSIGN_OR_RETURN(const bool more_services, services_->Step());
    if (!more_events && !more_services) return Ok();
  }
  return Error(ErrorKind::kInternal, "the outbox does not end");
}

void Life::Settle() {
  // The queue is taken in order, so an entry without samples comes back after all before it.
  const std::vector<store::MonitorPtr> all = directory_.ListAll();
  if (all.empty()) return;
  OneShot<Status> outcome;
  if (intake_->SubmitManual(all.front()->id, {},
                            [&](Status done) { outcome.Set(std::move(done)); })) {
    (void)outcome.Take();
  }
}

Status Life::ReloadOverlays(const std::vector<rules::MaintenanceWindow>& windows) {
  PHAROS_RETURN_IF_ERROR(service::ReloadOverlays(*context_));
  overlays_.ResetMaintenances(windows);
  return Ok();
}

}  // namespace pharos::sim
