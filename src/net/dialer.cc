#include "net/dialer.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>

#include <array>
#include <atomic>
#include <deque>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "net/dial.h"
#include "net/loop_lag.h"
#include "net/own_network.h"
#include "net/poller.h"
#include "net/resolver.h"
#include "net/tls_trust.h"

namespace pharos::net {
namespace {

constexpr uint32_t kDnsTag = 1;
constexpr uint32_t kFirstDialTag = 2;
constexpr size_t kAdmitBatch = 64;  // new ones per turn, so that running ones are not held up
constexpr size_t kFailures = static_cast<size_t>(DialFailure::kCancelled) + 1;
constexpr int kMaxNameServers = 8;
constexpr int kMaxShutdownRounds = 100;
constexpr Duration kNotableLoss = Milliseconds(100);

// As for HTTP: a refusal or a wrong answer is the other side's word whatever happened to us.
bool MayBeOurs(DialFailure failure) {
  switch (failure) {
    case DialFailure::kResolve:
    case DialFailure::kUnreachable:
    case DialFailure::kTimeout:
    case DialFailure::kTlsHandshake:
    case DialFailure::kReset:
      return true;
    case DialFailure::kNone:
    case DialFailure::kBadTarget:
    case DialFailure::kBlocked:
    case DialFailure::kRefused:
    case DialFailure::kNotPermitted:
    case DialFailure::kOverload:
    case DialFailure::kWrongAnswer:
    case DialFailure::kCancelled:
      return false;
  }
  return false;
}

struct SslContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

class DialMetrics {
 public:
  explicit DialMetrics(Metrics& metrics)
      : in_flight_(metrics.GetGauge("pharos_dials_in_flight",
                                    "Outbound conversations outside HTTP that are under way")) {
    for (size_t f = 0; f < kFailures; ++f) {
      counters_[f] = &metrics.GetCounter(
          "pharos_dials_total", "Outbound conversations outside HTTP by outcome",
          {{"failure", std::string(DialFailureName(static_cast<DialFailure>(f)))}});
    }
  }
  void Count(DialFailure failure) { counters_[static_cast<size_t>(failure)]->Add(); }
  void SetInFlight(size_t n) { in_flight_.Set(static_cast<double>(n)); }

 private:
  std::array<Counter*, kFailures> counters_{};
  Gauge& in_flight_;
};

struct Active {
  Active(const DialContext& context, uint64_t id, DialRequest request, DialDone done)
      : dial(context, id, std::move(request), std::move(done)) {}
  Dial dial;
  MonotonicTime due = MonotonicTime::max();  // as it stands in due_
  uint64_t lookup = 0;                       // ticket of the resolver
  Duration lost_before{};                    // by the loop, when it began
  MonotonicTime lookup_started;
  uint32_t tag = 0;      // of the socket being watched; 0 = none
  uint32_t watched = 0;  // Dial::sockets() of that socket
};

struct Waiting {
  uint64_t id = 0;
  DialRequest request;
  DialDone done;
  MonotonicTime since;
};

class LoopDialer : public Dialer {
 public:
  LoopDialer(const DialerSettings& settings, const OutboundPolicy& policy, Metrics& metrics)
      : settings_(settings),
        registry_(metrics),
        metrics_(metrics),
        trust_(settings.ca_bundle, clock_),
        tls_(SSL_CTX_new(TLS_client_method())),
        context_{policy, clock_, trust_, tls_.get()} {}

  ~LoopDialer() override {
    if (!loop_.joinable()) return;
    stopping_ = true;
    poller_->Wake();
    loop_.join();
  }

  Status Open() {
    if (!tls_) return Error::Internal("OpenSSL does not start");
    // The chain is judged after the handshake, by InspectPeer, so that it can be reported whole.
    SSL_CTX_set_cert_verify_callback(tls_.get(), [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
    SSL_CTX_set_mode(tls_.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    PHAROS_ASSIGN_OR_RETURN(poller_, Poller::Create());
    ResolverSettings dns;
    dns.servers = settings_.dns_servers;
    dns.check_service = settings_.check_name_service;
    dns.metrics = &registry_;
    const auto watch = [this](int fd, bool readable, bool writable) {
      if (readable || writable) return poller_->Watch(fd, kDnsTag, readable, writable, true);
      poller_->Forget(fd);
    };
    PHAROS_ASSIGN_OR_RETURN(resolver_, Resolver::Create(dns, watch, clock_));
    loop_ = std::thread([this] { Run(); });
    return Ok();
  }

  uint64_t Start(DialRequest request, DialDone done) override {
    uint64_t id = 0;
    {
      std::lock_guard lock(mutex_);
      id = ++last_id_;
      std::deque<Waiting>& queue =
          waiting_.size() >= settings_.max_queued || stopping_ ? refused_ : waiting_;
      queue.push_back({id, std::move(request), std::move(done), clock_.Monotonic()});
    }
    WakeLoop();
    return id;
  }

  void Cancel(uint64_t id) override {
    {
      std::lock_guard lock(mutex_);
      cancelled_.push_back(id);
    }
    WakeLoop();
  }

  size_t InFlight() const override { return in_flight_; }

  std::vector<std::string> NameServers() const override {
    if (!settings_.dns_servers.empty()) return settings_.dns_servers;
    std::vector<std::string> servers;
    std::ifstream file("/etc/resolv.conf");
    for (std::string line; servers.size() < kMaxNameServers && std::getline(file, line);) {
      if (!line.starts_with("nameserver")) continue;
      const std::string address(Trim(std::string_view(line).substr(10)));
      if (IpAddress::Parse(address)) servers.push_back(address);
    }
    return servers;
  }

 private:
  using Due = std::set<std::pair<MonotonicTime, Active*>>;

  void WakeLoop() {
    if (std::this_thread::get_id() == loop_id_) {
      more_to_do_ = true;
    } else if (!wake_sent_.exchange(true)) {
      poller_->Wake();
    }
  }

  void Run() {
    // TLS writes to connections that the peer has closed; nobody wants that signal.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    loop_id_ = std::this_thread::get_id();
    // Reads the CA bundle here, beside the rest of the start, so that no check has to wait for it.
    if (Result<X509StorePtr> store = trust_.StoreFor({}); !store) {
      LogError("the CA bundle was not read", store.error());
    }
    while (!stopping_) {
      const int wait_ms = WaitMs();
      lag_.BeforeWait(clock_.Monotonic(), Milliseconds(wait_ms));
      const auto ready_ones = poller_->Wait(wait_ms);
      lag_.AfterWait(clock_.Monotonic());
      for (const Poller::Ready& ready : ready_ones) Dispatch(ready);
      if (dns_due_ && clock_.Monotonic() >= *dns_due_) resolver_->OnTimeout();
      FireTimers();
      wake_sent_ = false;  // before the queues are looked at, so that nothing is overlooked
      more_to_do_ = false;
      CancelAsked();
      AnswerRefused("too many outbound conversations are waiting");
      Admit();
    }
    Shutdown();
  }

  int WaitMs() {
    Duration wait = more_to_do_ ? Duration::zero() : Seconds(60);
    const MonotonicTime now = clock_.Monotonic();
    dns_due_.reset();
    if (const std::optional<Duration> dns = resolver_->NextTimeout()) {
      dns_due_ = now + *dns;
      wait = std::min(wait, *dns);
    }
    if (!due_.empty()) wait = std::min(wait, due_.begin()->first - now);
    if (!actives_.empty()) wait = std::min(wait, LoopLag::kSlice);
    if (wait <= Duration::zero()) return 0;
    return static_cast<int>((wait + Milliseconds(1) - Duration(1)) / Milliseconds(1));
  }

  void Dispatch(const Poller::Ready& ready) {
    if (ready.tag == kDnsTag) {
      resolver_->OnSocket(ready.fd, ready.readable || ready.failed, ready.writable);
      return;
    }
    const auto found = by_tag_.find(ready.tag);
    if (found == by_tag_.end()) return;  // closed earlier in this batch
    Active* active = found->second;
    Apply(active, active->dial.OnReady());
  }

  void FireTimers() {
    const MonotonicTime now = clock_.Monotonic();
    while (!due_.empty() && due_.begin()->first <= now) {
      Active* active = due_.begin()->second;
      if (active->lookup != 0) {
        resolver_->Cancel(std::exchange(active->lookup, 0));
        AskService(active);
      } else {
        Apply(active, active->dial.OnTimer());
      }
    }
  }

  // Its time was up before a name server answered: perhaps none answers anybody.
  void AskService(Active* active) {
    due_.erase({active->due, active});
    active->due = MonotonicTime::max();
    resolver_->CheckService([this, id = active->dial.id()](bool alive) {
      const auto found = actives_.find(id);
      if (found == actives_.end()) return;
      Active* waiting = found->second.get();
      Apply(waiting, alive ? waiting->dial.OnTimer()
                           : waiting->dial.Fail(DialFailure::kOverload, Resolver::kServiceIsDead));
    });
  }

  // What was our own trouble is not the target's.
  void Excuse(const Active& active, DialAnswer& answer) {
    const Duration lost = lag_.Lost(clock_.Monotonic()) - active.lost_before;
    // An answer that lay there while we did not run was not slow.
    if (lost >= kNotableLoss && answer.phases.total_us >= 0) {
      answer.phases.total_us = std::max<int64_t>(0, answer.phases.total_us - lost.count());
    }
    if (!MayBeOurs(answer.failure)) return;
    if (LoopLag::Explains(lost, active.dial.request().timeout)) {
      answer.failure = DialFailure::kOverload;
      answer.message = LoopLag::Message(lost);
    } else if (answer.failure == DialFailure::kUnreachable && !network_.HasRoute()) {
      answer.failure = DialFailure::kOverload;
      answer.message = OwnNetwork::kNoRoute;
    }
  }

  void Admit() {
    std::deque<Waiting> batch;
    {
      std::lock_guard lock(mutex_);
      while (!waiting_.empty() && batch.size() < kAdmitBatch &&
             actives_.size() + batch.size() < settings_.max_in_flight) {
        batch.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
      }
      if (!waiting_.empty() && batch.size() == kAdmitBatch) more_to_do_ = true;
    }
    for (Waiting& one : batch) {
      const MonotonicTime now = clock_.Monotonic();
      const bool too_late = now - one.since > one.request.timeout;
      auto owner =
          std::make_unique<Active>(context_, one.id, std::move(one.request), std::move(one.done));
      Active* active = owner.get();
      active->lost_before = lag_.Lost(now);
      actives_[one.id] = std::move(owner);
      in_flight_ = actives_.size();
      metrics_.SetInFlight(actives_.size());
      if (!active->dial.Begin(now)) {
        Finish(active);
      } else if (too_late) {
        active->dial.Fail(DialFailure::kOverload, "waited too long for a place in flight");
        Finish(active);
      } else {
        Resolve(active);
      }
    }
  }

  void Resolve(Active* active) {
    const std::string name = active->dial.NameToResolve();
    if (name.empty()) return Apply(active, active->dial.OnAddresses({}, -1));
    active->lookup_started = clock_.Monotonic();
    SetDue(active);
    const uint64_t ticket = resolver_->Resolve(
        name, active->dial.request().ip_version,
        [this, id = active->dial.id()](const Resolver::Answer& answer) { OnResolved(id, answer); });
    if (ticket != 0) active->lookup = ticket;  // with 0 the answer came, and `active` may be gone
  }

  void OnResolved(uint64_t id, const Resolver::Answer& answer) {
    const auto found = actives_.find(id);
    if (found == actives_.end()) return;
    Active* active = found->second.get();
    active->lookup = 0;
    if (answer) {
      const int64_t took_us = (clock_.Monotonic() - active->lookup_started).count();
      return Apply(active, active->dial.OnAddresses(*answer, took_us));
    }
    const Error& error = answer.error();
    const bool is_ours = error.kind == ErrorKind::kUnavailable && error.retry_after_s > 0;
    Apply(active, active->dial.Fail(is_ours ? DialFailure::kOverload : DialFailure::kResolve,
                                    error.message));
  }

  void Apply(Active* active, Dial::Wait wait) {
    if (wait == Dial::Wait::kFinished) return Finish(active);
    if (const int fd = active->dial.fd(); fd >= 0) {
      const bool is_new = active->watched != active->dial.sockets();
      if (is_new) {
        by_tag_.erase(active->tag);
        active->tag = NewTag();
        active->watched = active->dial.sockets();
        by_tag_[active->tag] = active;
      }
      poller_->Watch(fd, active->tag, wait == Dial::Wait::kRead, wait == Dial::Wait::kWrite,
                     is_new);
    }
    SetDue(active);
  }

  uint32_t NewTag() {
    do {
      if (++last_tag_ < kFirstDialTag) last_tag_ = kFirstDialTag;
    } while (by_tag_.contains(last_tag_));
    return last_tag_;
  }

  void SetDue(Active* active) {
    const MonotonicTime due = active->dial.due();
    if (due == active->due) return;
    due_.erase({active->due, active});
    active->due = due;
    due_.emplace(due, active);
  }

  // Gives the place back before the answer goes out, so that a callback sees a consistent count.
  void Finish(Active* active) {
    if (active->lookup != 0) resolver_->Cancel(active->lookup);
    due_.erase({active->due, active});
    by_tag_.erase(active->tag);
    const auto found = actives_.find(active->dial.id());
    std::unique_ptr<Active> owner = std::move(found->second);
    actives_.erase(found);
    in_flight_ = actives_.size();
    metrics_.SetInFlight(actives_.size());
    const DialDone done = owner->dial.TakeDone();
    DialAnswer answer = owner->dial.TakeAnswer();
    Excuse(*owner, answer);
    owner.reset();  // the socket goes before the callback runs
    metrics_.Count(answer.failure);
    if (done) done(std::move(answer));
  }

  void CancelAsked() {
    std::vector<uint64_t> asked;
    std::deque<Waiting> gone;
    {
      std::lock_guard lock(mutex_);
      asked.swap(cancelled_);
      for (const uint64_t id : asked) {
        const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                        [id](const Waiting& one) { return one.id == id; });
        if (found == waiting_.end()) continue;
        gone.push_back(std::move(*found));
        waiting_.erase(found);
      }
    }
    for (Waiting& one : gone) Answer(one, DialFailure::kCancelled, "cancelled");
    for (const uint64_t id : asked) {
      const auto found = actives_.find(id);
      if (found == actives_.end()) continue;
      found->second->dial.Fail(DialFailure::kCancelled, "cancelled");
      Finish(found->second.get());
    }
  }

  void Answer(Waiting& one, DialFailure failure, const char* message) {
    DialAnswer answer;
    answer.failure = failure;
    answer.message = message;
    metrics_.Count(failure);
    if (one.done) one.done(std::move(answer));
  }

  // False when there was nothing to answer.
  bool AnswerRefused(const char* why) {
    std::deque<Waiting> refused;
    {
      std::lock_guard lock(mutex_);
      refused.swap(refused_);
    }
    for (Waiting& one : refused) Answer(one, DialFailure::kOverload, why);
    return !refused.empty();
  }

  void Shutdown() {
    {
      std::lock_guard lock(mutex_);
      for (Waiting& one : waiting_) refused_.push_back(std::move(one));
      waiting_.clear();
    }
    while (!actives_.empty()) {
      Active* active = actives_.begin()->second.get();
      active->dial.Fail(DialFailure::kOverload, "shutting down");
      Finish(active);
    }
    int rounds = 0;  // a callback that starts again is refused again, but not for ever
    while (AnswerRefused("shutting down") && ++rounds < kMaxShutdownRounds) {
    }
    resolver_.reset();
  }

  const DialerSettings settings_;
  // Sockets run on real time, whatever clock the rest is given.
  const SystemClock clock_;
  Metrics& registry_;
  DialMetrics metrics_;
  TlsTrust trust_;
  const std::unique_ptr<SSL_CTX, SslContextDeleter> tls_;
  const DialContext context_;
  std::unique_ptr<Poller> poller_;
  std::unique_ptr<Resolver> resolver_;

  // Shared with callers.
  std::mutex mutex_;
  uint64_t last_id_ = 0;
  std::deque<Waiting> waiting_;
  std::deque<Waiting> refused_;
  std::vector<uint64_t> cancelled_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> wake_sent_ = false;
  std::atomic<size_t> in_flight_ = 0;
  std::atomic<std::thread::id> loop_id_;

  // Of the loop thread.
  bool more_to_do_ = false;
  std::optional<MonotonicTime> dns_due_;
  uint32_t last_tag_ = kFirstDialTag;
  std::unordered_map<uint64_t, std::unique_ptr<Active>> actives_;
  std::unordered_map<uint32_t, Active*> by_tag_;
  Due due_;
  LoopLag lag_;
  OwnNetwork network_{clock_};
  std::thread loop_;
};

}  // namespace

Result<std::unique_ptr<Dialer>> Dialer::Start(const DialerSettings& settings,
                                              const OutboundPolicy& policy, Metrics& metrics) {
  auto dialer = std::make_unique<LoopDialer>(settings, policy, metrics);
  PHAROS_RETURN_IF_ERROR(dialer->Open());
  return Result<std::unique_ptr<Dialer>>(std::move(dialer));
}

}  // namespace pharos::net
