#include "intake/intake.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <thread>
#include <unordered_set>
#include <utility>
#include <variant>

#include "base/bounded_queue.h"
#include "base/log.h"
#include "base/one_shot.h"
#include "intake/batch.h"
#include "intake/evidence_gate.h"
#include "rules/dependency.h"
#include "rules/group.h"
#include "rules/status_engine.h"
#include "store/history_store.h"
#include "store/state_store.h"

namespace pharos::intake {
namespace {

struct ManualBatch {
  model::MonitorId monitor;
  std::vector<model::Sample> samples;
};
struct CheckpointRequest {};

// Entries by hand above this size are written one per transaction, with the results that arrived
// meanwhile between them: a bulk of them must not keep heartbeats and checks waiting.
constexpr size_t kLargeManual = 2'048;
constexpr size_t kMaxSetAside = 64;
// Samples further ahead than this were written for the future, or before the clock was set back.
constexpr Duration kClockSlack = Minutes(1);

struct Item {
  std::variant<model::CheckResult, ManualBatch, CheckpointRequest> what;
  Intake::Done done;
};

class IntakeImpl : public Intake {
 public:
  IntakeImpl(const IntakeSettings& settings, store::Store& store,
             const store::MonitorDirectory& monitors, const OverlayBoard& overlays,
             notices::Board& board, const Clock& clock, Metrics& metrics)
      : settings_(settings),
        store_(store),
        monitors_(monitors),
        overlays_(overlays),
        board_(board),
        clock_(clock),
        watching_since_(clock.Now()),
        queue_(settings.max_queued),
        accepted_(metrics.GetCounter("pharos_intake_results_total",
                                     "Results taken in, by outcome of the transaction",
                                     {{"outcome", "committed"}})),
        failed_(metrics.GetCounter("pharos_intake_results_total",
                                   "Results taken in, by outcome of the transaction",
                                   {{"outcome", "failed"}})),
        refused_(metrics.GetCounter("pharos_intake_refused_total",
                                    "Results refused because the queue was full")),
        depth_(metrics.GetGauge("pharos_intake_queue_depth", "Results waiting")),
        batch_size_(metrics.GetHistogram("pharos_intake_batch_size", "Results per transaction",
                                         {1, 4, 16, 64, 256, 1024, 4096})) {}

  ~IntakeImpl() override { Stop(); }

  // Rows first, then the samples that the journal has beyond them.
  Status Restore() {
    PHAROS_ASSIGN_OR_RETURN(auto session, store_.Read());
    PHAROS_ASSIGN_OR_RETURN(auto rows, store_.states().ListAll(*session));
    std::unordered_map<model::MonitorId, model::MonitorState> states;
    for (model::MonitorState& row : rows) states.emplace(row.monitor, std::move(row));
    const Timestamp latest = clock_.Now() + kClockSlack;
    const auto observe = [&](const model::MonitorSample& entry) {
      if (entry.sample.at > latest) return;
      model::MonitorState& state = states[entry.monitor];
      state.monitor = entry.monitor;
      rules::ObserveStoredSample(state, entry.sample);
      // Its row is older than that, and the journal may be folded before the monitor's next result.
      dirty_.insert(entry.monitor);
    };
    PHAROS_RETURN_IF_ERROR(store_.history().VisitJournal(*session, observe));
    for (auto& [id, state] : states) {
      if (monitors_.Find(id) != nullptr) states_.Put(state);
    }
    return Ok();
  }

  void StartThread() {
    thread_ = std::thread([this] { Run(); });
  }

  Status Submit(model::CheckResult result, Done done) override {
    return Push(Item{std::move(result), std::move(done)});
  }

  Status SubmitManual(model::MonitorId monitor, std::vector<model::Sample> samples,
                      Done done) override {
    return Push(Item{ManualBatch{monitor, std::move(samples)}, std::move(done)});
  }

  Status Checkpoint() override {
    OneShot<Status> outcome;
    PHAROS_RETURN_IF_ERROR(
        Push(Item{CheckpointRequest{}, [&](Status status) { outcome.Set(std::move(status)); }}));
    return outcome.Take();
  }

  void Forget(model::MonitorId monitor) override { states_.Remove(monitor); }
  const StateBoard& states() const override { return states_; }
  Timestamp watching_since() const override { return watching_since_; }

  void Stop() override {
    queue_.Close();
    if (thread_.joinable()) thread_.join();
  }

 private:
  Status Push(Item item) {
    if (queue_.TryPush(std::move(item))) return Ok();
    refused_.Add();
    return Error::Unavailable("too many results are waiting", 1);
  }

  void Run() {
    std::deque<Item> set_aside;
    while (true) {
      std::vector<Item> items;
      if (set_aside.empty() || (set_aside.size() < kMaxSetAside && queue_.Size() > 0)) {
        items = queue_.PopBatch(settings_.max_batch);
        if (items.empty() && set_aside.empty()) break;
        depth_.Set(static_cast<double>(queue_.Size()));
      }
      SetLargeAside(items, set_aside);
      if (!items.empty()) Process(items);
      if (set_aside.empty()) continue;
      std::vector<Item> large;
      large.push_back(std::move(set_aside.front()));
      set_aside.pop_front();
      Process(large);
    }
    if (Status status = WriteDirtyStates(); !status) {
      LogError("states were not written at the end; the journal has them", status.error());
    }
  }

  static void SetLargeAside(std::vector<Item>& items, std::deque<Item>& set_aside) {
    const auto is_large = [](const Item& item) {
      const auto* manual = std::get_if<ManualBatch>(&item.what);
      return manual != nullptr && manual->samples.size() > kLargeManual;
    };
    const auto large = std::stable_partition(items.begin(), items.end(),
                                             [&](const Item& item) { return !is_large(item); });
    std::move(large, items.end(), std::back_inserter(set_aside));
    items.erase(large, items.end());
  }

  void Process(std::vector<Item>& items) {
    batch_size_.Observe(static_cast<double>(items.size()));
    Batch batch(states_);
    std::vector<Status> outcomes(items.size());
    bool wants_checkpoint = false;
    for (size_t i = 0; i < items.size(); ++i) {
      if (const auto* result = std::get_if<model::CheckResult>(&items[i].what)) {
        outcomes[i] = JudgeOne(*result, batch);
      } else if (const auto* manual = std::get_if<ManualBatch>(&items[i].what)) {
        outcomes[i] = JudgeManual(*manual, batch);
      } else {
        wants_checkpoint = true;
      }
    }
    JudgeChangedGroups(batch);
    Status written;
    if (!batch.IsEmpty()) {
      const Timestamp now = clock_.Now();
      written = store_.Write([&](store::Transaction& tx) { return batch.Write(store_, tx, now); });
    }
    if (written) Commit(batch);
    (written ? accepted_ : failed_).Add(static_cast<double>(items.size()));
    if (!written) LogError("results were not stored", written.error());
    for (size_t i = 0; i < items.size(); ++i) {
      if (!items[i].done || IsCheckpoint(items[i])) continue;
      items[i].done(written ? std::move(outcomes[i]) : written);
    }
    if (written) PublishNotices(batch);
    if (!wants_checkpoint) return;
    // Results that are stored stand, whatever becomes of the rows.
    if (written) written = WriteDirtyStates();
    for (const Item& item : items) {
      if (IsCheckpoint(item)) item.done(written);
    }
  }

  static bool IsCheckpoint(const Item& item) {
    return std::holds_alternative<CheckpointRequest>(item.what);
  }

  Status JudgeOne(const model::CheckResult& result, Batch& batch) {
    const store::MonitorPtr monitor = monitors_.Find(result.monitor);
    if (monitor == nullptr) return Error(ErrorKind::kNotFound, "Monitor not found");
    if (monitor->kind == "group" && result.source == model::ResultSource::kTick) {
      JudgeFor(*monitor, GroupResult(*monitor, result.at, batch), batch);
    } else {
      const bool keeps = gate_.Admits(batch.StateOf(monitor->id), result, clock_.Now());
      JudgeFor(*monitor, result, batch);
      if (keeps) batch.AddEvidence(*monitor, result);
    }
    ReviewChildren(*monitor, batch);
    return Ok();
  }

  void JudgeFor(const model::Monitor& monitor, const model::CheckResult& result, Batch& batch) {
    const model::ActiveOverlay overlay =
        overlays_.At(monitor.id, rules::SampleTime(monitor, result));
    const model::MonitorState& state = batch.StateOf(monitor.id);
    const bool doubted = state.doubted_at != Timestamp{};
    const rules::Upstream upstream =
        UpstreamOf(monitor, doubted ? state.doubted_at : result.at, batch);
    batch.Apply(monitor,
                rules::JudgeResult(monitor, state, result, overlay, clock_.Now(), upstream));
  }

  // What a group's members make of it now (product.md 2.11).
  model::CheckResult GroupResult(const model::Monitor& group, Timestamp at,
                                 const Batch& batch) const {
    const rules::GroupSpec spec = rules::ReadGroup(group.spec);
    std::vector<model::MonitorState> states;
    states.reserve(spec.members.size());
    std::vector<rules::MemberView> views;
    for (const rules::GroupMember& member : spec.members) {
      const store::MonitorPtr known = monitors_.FindByTag(group.org, member.tag);
      if (known == nullptr || !known->active || known->kind == "group") continue;
      auto state = batch.Peek(known->id);
      if (!state) continue;
      states.push_back(std::move(*state));
      views.push_back({known->name, member.weight, &states.back()});
    }
    rules::GroupVerdict verdict = rules::JudgeGroup(views, spec);
    model::CheckResult result;
    result.monitor = group.id;
    result.at = at;
    result.finished_at = clock_.Now();
    result.observed = verdict.status;
    result.latency_ms = verdict.latency_ms;
    result.message = std::move(verdict.message);
    return result;
  }

  // Groups follow a change of their members in the same transaction, once per batch.
  void JudgeChangedGroups(Batch& batch) {
    std::map<model::MonitorId, store::MonitorPtr> groups;
    for (const model::Transition& transition : batch.transitions()) {
      const store::MonitorPtr member = monitors_.Find(transition.monitor);
      if (member == nullptr) continue;
      for (store::MonitorPtr& group : monitors_.ListGroupsOf(*member)) {
        if (group->active) groups.emplace(group->id, std::move(group));
      }
    }
    for (const auto& [id, group] : groups) {
      JudgeFor(*group, GroupResult(*group, clock_.Now(), batch), batch);
      ReviewChildren(*group, batch);
    }
  }

  rules::Upstream UpstreamOf(const model::Monitor& monitor, Timestamp failed_at,
                             const Batch& batch) const {
    if (monitor.parents.empty()) return {};
    std::vector<store::MonitorPtr> parents;
    std::vector<model::MonitorState> states;
    for (const model::MonitorId id : monitor.parents) {
      store::MonitorPtr parent = monitors_.Find(id);
      if (parent == nullptr || !parent->active || parent->org != monitor.org) continue;
      states.push_back(batch.Peek(id).value_or(model::MonitorState{}));
      parents.push_back(std::move(parent));
    }
    std::vector<rules::ParentView> views;
    for (size_t i = 0; i < parents.size(); ++i) views.push_back({parents[i].get(), &states[i]});
    return rules::JudgeParents(views, failed_at);
  }

  // Failures that wait for a look at this monitor are told now, or are its own fault.
  void ReviewChildren(const model::Monitor& parent, Batch& batch) {
    for (const store::MonitorPtr& child : monitors_.ListByParent(parent.id)) {
      const auto state = batch.Peek(child->id);
      if (!state || state->doubted_at == Timestamp{}) continue;
      rules::Effects effects = rules::ReviewDoubt(
          *child, *state, UpstreamOf(*child, state->doubted_at, batch), clock_.Now());
      if (!effects.empty()) batch.Apply(*child, std::move(effects));
    }
  }

  Status JudgeManual(const ManualBatch& manual, Batch& batch) {
    const store::MonitorPtr monitor = monitors_.Find(manual.monitor);
    if (monitor == nullptr) return Error(ErrorKind::kNotFound, "Monitor not found");
    const Timestamp now = clock_.Now();
    for (const model::Sample& sample : manual.samples) {
      batch.Apply(*monitor,
                  rules::JudgeManualSample(*monitor, batch.StateOf(monitor->id), sample, now));
    }
    return Ok();
  }

  void Commit(const Batch& batch) {
    for (const auto& [id, state] : batch.states()) {
      states_.Put(state);
      // A monitor that was deleted meanwhile leaves no state behind. Looked up after the Put: a
      // deletion removes the monitor first and then the state, so one of the two comes last.
      if (monitors_.Find(id) == nullptr) {
        states_.Remove(id);
      } else {
        dirty_.insert(id);
      }
    }
  }

  void PublishNotices(const Batch& batch) {
    std::vector<notices::Notice> hints;
    hints.reserve(batch.states().size() + batch.transitions().size());
    for (const model::Transition& t : batch.transitions()) {
      hints.push_back({notices::Notice::Kind::kTransition, t.org, t.monitor});
    }
    // One sample hint per organisation is enough: readers look at the board themselves.
    std::unordered_set<int64_t> orgs;
    for (const auto& [id, state] : batch.states()) {
      const store::MonitorPtr monitor = monitors_.Find(id);
      if (monitor != nullptr && orgs.insert(monitor->org.value()).second) {
        hints.push_back({notices::Notice::Kind::kSample, monitor->org, id});
      }
    }
    board_.Publish(hints);
  }

  Status WriteDirtyStates() {
    std::vector<model::MonitorState> rows;
    rows.reserve(dirty_.size());
    for (const model::MonitorId id : dirty_) {
      if (monitors_.Find(id) == nullptr) continue;
      if (auto state = states_.Find(id)) rows.push_back(std::move(*state));
    }
    constexpr size_t kRowsPerWrite = 2'000;
    for (size_t begin = 0; begin < rows.size(); begin += kRowsPerWrite) {
      const size_t end = std::min(rows.size(), begin + kRowsPerWrite);
      PHAROS_RETURN_IF_ERROR(store_.Write([&](store::Transaction& tx) -> Status {
        for (size_t i = begin; i < end; ++i) {
          PHAROS_RETURN_IF_ERROR(store_.states().Upsert(tx, rows[i]));
        }
        return Ok();
      }));
    }
    dirty_.clear();
    return Ok();
  }

  const IntakeSettings settings_;
  store::Store& store_;
  const store::MonitorDirectory& monitors_;
  const OverlayBoard& overlays_;
  notices::Board& board_;
  const Clock& clock_;
  const Timestamp watching_since_;
  BoundedQueue<Item> queue_;
  StateBoard states_;
  EvidenceGate gate_;                           // intake thread only
  std::unordered_set<model::MonitorId> dirty_;  // intake thread only
  Counter& accepted_;
  Counter& failed_;
  Counter& refused_;
  Gauge& depth_;
  Histogram& batch_size_;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Intake>> Intake::Start(const IntakeSettings& settings, store::Store& store,
                                              const store::MonitorDirectory& monitors,
                                              const OverlayBoard& overlays, notices::Board& board,
                                              const Clock& clock, Metrics& metrics) {
  auto intake =
      std::make_unique<IntakeImpl>(settings, store, monitors, overlays, board, clock, metrics);
  PHAROS_RETURN_IF_ERROR(intake->Restore());
  intake->StartThread();
  return std::unique_ptr<Intake>(std::move(intake));
}

}  // namespace pharos::intake
