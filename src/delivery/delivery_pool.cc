#include "delivery/delivery_pool.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "delivery/retry_policy.h"
#include "store/delivery_store.h"

namespace pharos::delivery {
namespace {

using model::Delivery;
using model::DeliveryState;
using notify::SendOutcome;

class DeliveryPoolImpl : public DeliveryPool {
 public:
  DeliveryPoolImpl(const DeliverySettings& settings, store::Store& store, notices::Board& board,
                   const notify::Catalog& catalog, const notify::Tools& tools, Metrics& metrics)
      : settings_(settings),
        store_(store),
        catalog_(catalog),
        tools_(tools),
        clock_(*tools.clock),
        sent_(metrics.GetCounter("pharos_deliveries_total", "Attempts to deliver, by outcome",
                                 {{"outcome", "sent"}})),
        retried_(metrics.GetCounter("pharos_deliveries_total", "Attempts to deliver, by outcome",
                                    {{"outcome", "retry"}})),
        failed_(metrics.GetCounter("pharos_deliveries_total", "Attempts to deliver, by outcome",
                                   {{"outcome", "failed"}})) {
    token_ = board.Subscribe([this](const std::vector<notices::Notice>& hints) {
      for (const notices::Notice& hint : hints) {
        if (hint.kind == notices::Notice::Kind::kTransition) return Wake();
      }
    });
    thread_ = std::thread([this] { Run(); });
  }

  ~DeliveryPoolImpl() override { Stop(Duration(0)); }

  void Stop(Duration deadline) override {
    token_.reset();
    {
      std::unique_lock lock(mutex_);
      stopping_ = true;
      wake_.notify_all();
      idle_.wait_for(lock, deadline, [&] { return in_flight_ == 0 && finished_.empty(); });
      ended_ = true;
      wake_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
  }

 private:
  struct Finished {
    Delivery delivery;
    SendOutcome outcome;
  };

  void Wake() {
    {
      std::lock_guard lock(mutex_);
      woken_ = true;
    }
    wake_.notify_one();
  }

  void Run() {
    while (true) {
      std::vector<Finished> finished;
      int room = 0;
      {
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, settings_.look_every,
                       [&] { return ended_ || woken_ || !finished_.empty(); });
        if (ended_ && finished_.empty()) return;
        woken_ = false;
        finished.swap(finished_);
        room = stopping_ ? 0 : settings_.max_in_flight - in_flight_;
      }
      if (!finished.empty()) WriteOutcomes(finished);
      if (room > 0) ClaimAndSend(std::min(room, settings_.claim_batch));
    }
  }

  // When nothing is due the transaction changes nothing, and so costs no sync of the disk.
  void ClaimAndSend(int limit) {
    const Timestamp now = clock_.Now();
    std::vector<Delivery> claimed;
    std::unordered_map<model::ChannelId, model::Channel> channels;
    Status status = store_.Write([&](store::Transaction& tx) -> Status {
      channels.clear();
      PHAROS_ASSIGN_OR_RETURN(claimed,
                              store_.deliveries().Claim(tx, now, now + settings_.claim_for, limit));
      if (claimed.empty()) return Ok();
      PHAROS_ASSIGN_OR_RETURN(auto all, store_.deliveries().ListAllChannels(tx));
      for (model::Channel& channel : all) channels.emplace(channel.id, std::move(channel));
      return Ok();
    });
    if (!status) {
      LogError("deliveries were not claimed", status.error());
      return;
    }
    for (Delivery& delivery : claimed) {
      const auto it = channels.find(delivery.channel);
      Send(std::move(delivery), it == channels.end() ? nullptr : &it->second);
    }
    if (static_cast<int>(claimed.size()) == limit) Wake();
  }

  void Send(Delivery delivery, const model::Channel* channel) {
    {
      std::lock_guard lock(mutex_);
      ++in_flight_;
    }
    const notify::Channel* kind = channel == nullptr ? nullptr : catalog_.Find(channel->kind);
    if (kind == nullptr || !channel->enabled) {
      Finish(std::move(delivery),
             {SendOutcome::Kind::kPermanent, "the channel is gone or disabled", 0});
      return;
    }
    const notify::Outgoing outgoing{delivery.event, delivery.dedup_key, delivery.message};
    kind->Send(outgoing, channel->config, settings_.attempt_timeout, tools_,
               [this, delivery = std::move(delivery)](SendOutcome outcome) mutable {
                 Finish(std::move(delivery), std::move(outcome));
               });
  }

  void Finish(Delivery delivery, SendOutcome outcome) {
    std::lock_guard lock(mutex_);
    --in_flight_;
    finished_.push_back({std::move(delivery), std::move(outcome)});
    wake_.notify_one();
    idle_.notify_all();
  }

  void Apply(Finished& entry) {
    Delivery& delivery = entry.delivery;
    delivery.last_error = Ellipsize(entry.outcome.error, 200);
    switch (entry.outcome.kind) {
      case SendOutcome::Kind::kSent:
        delivery.state = DeliveryState::kSent;
        sent_.Add();
        return;
      case SendOutcome::Kind::kPermanent:
        delivery.state = DeliveryState::kFailed;
        failed_.Add();
        return;
      case SendOutcome::Kind::kRetry:
        break;
    }
    const auto next =
        NextAttemptAt(delivery.attempts, delivery.created_at, clock_.Now(),
                      entry.outcome.retry_after_s, static_cast<uint64_t>(delivery.id.value()));
    delivery.state = next ? DeliveryState::kPending : DeliveryState::kFailed;
    if (next) delivery.due_at = *next;
    (next ? retried_ : failed_).Add();
  }

  void WriteOutcomes(std::vector<Finished>& finished) {
    for (Finished& entry : finished) Apply(entry);
    Status status = store_.Write([&](store::Transaction& tx) -> Status {
      for (const Finished& entry : finished) {
        const Status finished_one = store_.deliveries().Finish(tx, entry.delivery);
        // Its claim ran out and somebody else has it; the outcomes beside it stand.
        if (!finished_one && finished_one.error().kind == ErrorKind::kConflict) continue;
        PHAROS_RETURN_IF_ERROR(finished_one);
        if (entry.outcome.kind == SendOutcome::Kind::kPermanent) {
          PHAROS_RETURN_IF_ERROR(Disable(tx, entry));
        }
      }
      return Ok();
    });
    // The claims run out by themselves and the attempts are repeated with the same key.
    if (!status) LogError("outcomes of deliveries were not written", status.error());
    idle_.notify_all();
  }

  Status Disable(store::Transaction& tx, const Finished& entry) {
    PHAROS_ASSIGN_OR_RETURN(auto channels,
                            store_.deliveries().ListChannels(tx, entry.delivery.org));
    for (model::Channel& channel : channels) {
      if (channel.id != entry.delivery.channel || !channel.enabled) continue;
      channel.enabled = false;
      channel.disabled_reason = entry.delivery.last_error;
      Log(LogLevel::kWarning, "a channel was disabled after a permanent failure",
          {{"channel", channel.name}, {"error", entry.delivery.last_error}});
      return store_.deliveries().UpdateChannel(tx, channel);
    }
    return Ok();
  }

  const DeliverySettings settings_;
  store::Store& store_;
  const notify::Catalog& catalog_;
  const notify::Tools tools_;
  const Clock& clock_;
  Counter& sent_;
  Counter& retried_;
  Counter& failed_;
  std::unique_ptr<notices::Board::Token> token_;

  std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  std::condition_variable idle_;
  bool woken_ = false;
  bool stopping_ = false;
  bool ended_ = false;
  int in_flight_ = 0;
  std::vector<Finished> finished_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<DeliveryPool> DeliveryPool::Start(const DeliverySettings& settings,
                                                  store::Store& store, notices::Board& board,
                                                  const notify::Catalog& catalog,
                                                  const notify::Tools& tools, Metrics& metrics) {
  return std::make_unique<DeliveryPoolImpl>(settings, store, board, catalog, tools, metrics);
}

}  // namespace pharos::delivery
