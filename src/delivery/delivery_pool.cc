#include "delivery/delivery_pool.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/crypto.h"
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
        if (hint.kind == notices::Notice::Kind::kDelivery) return Wake();
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
    std::optional<std::vector<Duration>> waits{};  // the channel's own schedule
    bool tried = true;                             // false: nothing was sent
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
      // Not all of them: there may be thousands, and this is the one writer's time.
      for (const Delivery& delivery : claimed) {
        if (channels.contains(delivery.channel)) continue;
        PHAROS_ASSIGN_OR_RETURN(
            auto found, store_.deliveries().FindChannel(tx, delivery.org, delivery.channel));
        if (found) channels.emplace(found->id, *std::move(found));
      }
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
      Finished finished{std::move(delivery),
                        {SendOutcome::Kind::kRejected, "the channel is gone or disabled"}};
      finished.tried = false;
      Finish(std::move(finished));
      return;
    }
    // Two channels may lead to one receiver, which must not take their messages for one.
    const notify::Outgoing outgoing{delivery.event, delivery.dedup_key + "@" + channel->uid,
                                    delivery.message, delivery.org};
    kind->Send(outgoing, channel->config, settings_.attempt_timeout, tools_,
               [this, delivery = std::move(delivery),
                waits = kind->RetryWaits(channel->config)](SendOutcome outcome) mutable {
                 Finish({std::move(delivery), std::move(outcome), std::move(waits)});
               });
  }

  void Finish(Finished finished) {
    std::lock_guard lock(mutex_);
    --in_flight_;
    finished_.push_back(std::move(finished));
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
      case SendOutcome::Kind::kRejected:
      case SendOutcome::Kind::kPermanent:
        delivery.state = DeliveryState::kFailed;
        failed_.Add();
        return;
      case SendOutcome::Kind::kRetry:
        break;
    }
    const auto next = entry.waits ? NextAttemptAt(delivery.attempts, *entry.waits, clock_.Now(),
                                                  entry.outcome.retry_after_s)
                                  : NextAttemptAt(delivery.attempts, delivery.created_at,
                                                  clock_.Now(), entry.outcome.retry_after_s,
                                                  static_cast<uint64_t>(delivery.id.value()));
    delivery.state = next ? DeliveryState::kPending : DeliveryState::kFailed;
    if (next) delivery.due_at = *next;
    (next ? retried_ : failed_).Add();
  }

  void WriteOutcomes(std::vector<Finished>& finished) {
    const Timestamp now = clock_.Now();
    std::vector<std::string> uids;
    for (Finished& entry : finished) {
      Apply(entry);
      uids.push_back(RandomUuid());
    }
    Status status = store_.Write([&](store::Transaction& tx) -> Status {
      for (size_t i = 0; i < finished.size(); ++i) {
        const Finished& entry = finished[i];
        if (entry.tried) {
          PHAROS_RETURN_IF_ERROR(
              store_.deliveries().InsertAttempt(tx, AttemptOf(entry, uids[i], now)));
        }
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

  static model::DeliveryAttempt AttemptOf(const Finished& entry, const std::string& uid,
                                          Timestamp now) {
    model::DeliveryAttempt attempt;
    attempt.org = entry.delivery.org;
    attempt.channel = entry.delivery.channel;
    attempt.delivery = entry.delivery.id;
    attempt.uid = uid;
    attempt.event = entry.delivery.event;
    attempt.payload = entry.outcome.payload;
    attempt.status_code = entry.outcome.status_code;
    attempt.error = entry.delivery.last_error;
    attempt.at = now;
    return attempt;
  }

  Status Disable(store::Transaction& tx, const Finished& entry) {
    PHAROS_ASSIGN_OR_RETURN(auto channel, store_.deliveries().FindChannel(tx, entry.delivery.org,
                                                                          entry.delivery.channel));
    if (!channel || !channel->enabled) return Ok();
    channel->enabled = false;
    channel->disabled_reason = entry.delivery.last_error;
    channel->updated_at = clock_.Now();
    Log(LogLevel::kWarning, "a channel was disabled after a permanent failure",
        {{"channel", channel->name}, {"error", entry.delivery.last_error}});
    return store_.deliveries().UpdateChannel(tx, *channel);
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
