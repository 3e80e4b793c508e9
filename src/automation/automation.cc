#include "automation/automation.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "automation/event_pump.h"
#include "automation/service_status.h"
#include "base/log.h"
#include "notices/notices.h"
#include "store/delivery_store.h"
#include "store/event_store.h"

namespace pharos::automation {
namespace {

class AutomationImpl : public Automation {
 public:
  AutomationImpl(const AutomationSettings& settings, const service::Context& context,
                 std::vector<service::EventListener*> listeners, Metrics& metrics)
      : settings_(settings),
        context_(context),
        pump_(context, std::move(listeners), metrics),
        services_(context) {
    token_ = context.notices.Subscribe([this](const std::vector<notices::Notice>& hints) {
      for (const notices::Notice& hint : hints) {
        if (IsOfInterest(hint.kind)) return Wake();
      }
    });
    thread_ = std::thread([this] { Run(); });
  }

  ~AutomationImpl() override { Stop(); }

  void Stop() override {
    token_.reset();
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  Status Prune(Timestamp now) override {
    return context_.store.Write([&](store::Transaction& tx) -> Status {
      PHAROS_RETURN_IF_ERROR(
          context_.store.deliveries().Prune(tx, now - settings_.keep_deliveries));
      return context_.store.events().Prune(tx, now - settings_.keep_events);
    });
  }

 private:
  static bool IsOfInterest(notices::Notice::Kind kind) {
    return kind == notices::Notice::Kind::kEvent || kind == notices::Notice::Kind::kTransition ||
           kind == notices::Notice::Kind::kIncident;
  }

  void Wake() {
    {
      std::lock_guard lock(mutex_);
      woken_ = true;
    }
    wake_.notify_one();
  }

  bool IsStopping() {
    std::lock_guard lock(mutex_);
    return stopping_;
  }

  void Run() {
    while (true) {
      {
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, settings_.look_every, [&] { return stopping_ || woken_; });
        if (stopping_) return;
        woken_ = false;
      }
      if (Drain() && FollowServices()) SweepIfDue();
    }
  }

  // False when something went wrong and the rest has to wait for the next look.
  bool Drain() {
    while (!IsStopping()) {
      const Result<bool> more = pump_.Step();
      if (!more) {
        LogError("events wait to be reacted to", more.error());
        return false;
      }
      if (!*more) return true;
    }
    return false;
  }

  bool FollowServices() {
    while (!IsStopping()) {
      const Result<bool> more = services_.Step();
      if (!more) {
        LogError("statuses of services wait to be reported", more.error());
        return false;
      }
      if (!*more) return true;
    }
    return false;
  }

  void SweepIfDue() {
    const MonotonicTime now = context_.clock.Monotonic();
    if (now < next_sweep_) return;
    next_sweep_ = now + settings_.sweep_every;
    if (const Status status = pump_.Sweep(); !status) {
      LogError("automatic incidents were not compared with the monitors", status.error());
    }
  }

  const AutomationSettings settings_;
  const service::Context context_;
  EventPump pump_;            // of the thread
  ServiceFollower services_;  // of the thread
  MonotonicTime next_sweep_{};
  std::unique_ptr<notices::Board::Token> token_;

  std::mutex mutex_;  // guards the two below
  bool woken_ = true;
  bool stopping_ = false;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Automation> Automation::Start(const AutomationSettings& settings,
                                              const service::Context& context,
                                              std::vector<service::EventListener*> listeners,
                                              Metrics& metrics) {
  return std::make_unique<AutomationImpl>(settings, context, std::move(listeners), metrics);
}

}  // namespace pharos::automation
