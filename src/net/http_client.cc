#include "net/http_client.h"

#include <curl/curl.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "net/http_exchange.h"
#include "net/loop_lag.h"
#include "net/own_network.h"
#include "net/poller.h"
#include "net/resolver.h"
#include "net/tls_trust.h"

namespace pharos::net {
namespace {

constexpr uint32_t kCurlTag = 1;
constexpr uint32_t kDnsTag = 2;
constexpr size_t kAdmitBatch = 64;  // new exchanges per turn, so that running ones are not held up
constexpr size_t kMaxIdleHandles = 256;
constexpr long kMaxKeptConnections = 512;
constexpr int kMaxRefusalRounds = 100;
constexpr Duration kNotableLoss = Milliseconds(100);
constexpr size_t kPurposes = 3;
constexpr size_t kFailures = static_cast<size_t>(HttpFailure::kOverload) + 1;

const char* PurposeName(Purpose purpose) {
  switch (purpose) {
    case Purpose::kProbe:
      return "probe";
    case Purpose::kNotify:
      return "notify";
    case Purpose::kOnDemand:
      return "on_demand";
  }
  return "unknown";
}

// Counters by purpose and outcome, looked up once.
class ExchangeMetrics {
 public:
  explicit ExchangeMetrics(Metrics& metrics)
      : in_flight_(metrics.GetGauge("pharos_outbound_in_flight",
                                    "Outbound HTTP exchanges that hold a place in flight")) {
    for (size_t p = 0; p < kPurposes; ++p) {
      for (size_t f = 0; f < kFailures; ++f) {
        counters_[p][f] = &metrics.GetCounter(
            "pharos_outbound_exchanges_total", "Outbound HTTP exchanges by purpose and outcome",
            {{"purpose", PurposeName(static_cast<Purpose>(p))},
             {"failure", HttpFailureName(static_cast<HttpFailure>(f))}});
      }
    }
  }
  void Count(Purpose purpose, HttpFailure failure) {
    counters_[static_cast<size_t>(purpose)][static_cast<size_t>(failure)]->Add();
  }
  void SetInFlight(size_t n) { in_flight_.Set(static_cast<double>(n)); }

 private:
  std::array<std::array<Counter*, kFailures>, kPurposes> counters_{};
  Gauge& in_flight_;
};

// Whether our own trouble can make an exchange fail so. A refusal, a bad certificate or a limit is
// the other side's word whatever happened to us.
bool MayBeOurs(HttpFailure failure) {
  switch (failure) {
    case HttpFailure::kResolve:
    case HttpFailure::kUnreachable:
    case HttpFailure::kTimeout:
    case HttpFailure::kTlsHandshake:
    case HttpFailure::kProtocol:
    case HttpFailure::kReset:
      return true;
    case HttpFailure::kNone:
    case HttpFailure::kBadUrl:
    case HttpFailure::kBlocked:
    case HttpFailure::kRefused:
    case HttpFailure::kTlsVerify:
    case HttpFailure::kTooManyRedirects:
    case HttpFailure::kBadRedirect:
    case HttpFailure::kTooLarge:
    case HttpFailure::kOverload:
      return false;
  }
  return false;
}

// An exchange with a place in flight: being resolved, or with curl.
struct Active {
  explicit Active(std::unique_ptr<HttpExchange> e) : exchange(std::move(e)) {}
  std::unique_ptr<HttpExchange> exchange;
  std::unique_ptr<EasyHandle> easy;
  uint64_t lookup = 0;  // ticket of the resolver
  MonotonicTime lookup_started;
  Duration lost_before{};  // by the loop, when it began
  bool asks_service = false;
  size_t index = 0;  // in actives_
};

struct Waiting {
  HttpRequest request;
  BodyObserver observer;
  HttpDone done;
  MonotonicTime since;
};

struct Refused {
  HttpDone done;
  Purpose purpose;
  std::string url;
  const char* reason;
};

class CurlHttpClient : public HttpClient {
 public:
  CurlHttpClient(const HttpClientSettings& settings, const OutboundPolicy& policy,
                 const Clock& clock, Metrics& metrics)
      : settings_(settings),
        registry_(metrics),
        metrics_(metrics),
        trust_(settings.ca_bundle, clock),
        context_{policy, settings_, trust_, clock_} {}

  ~CurlHttpClient() override {
    if (loop_.joinable()) {
      stopping_ = true;
      poller_->Wake();
      loop_.join();
    }
    if (multi_ != nullptr) curl_multi_cleanup(multi_);
    curl_global_cleanup();
  }

  Status Open(const Clock& clock) {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
      return Error::Internal("libcurl does not start");
    }
    PHAROS_ASSIGN_OR_RETURN(poller_, Poller::Create());
    ResolverSettings dns;
    dns.servers = settings_.dns_servers;
    dns.check_service = settings_.check_name_service;
    dns.metrics = &registry_;
    const auto watch = [this](int fd, bool readable, bool writable) {
      if (readable || writable) return poller_->Watch(fd, kDnsTag, readable, writable, true);
      poller_->Forget(fd);
    };
    PHAROS_ASSIGN_OR_RETURN(resolver_, Resolver::Create(dns, watch, clock));
    multi_ = curl_multi_init();
    if (multi_ == nullptr) return Error::Internal("curl_multi_init failed");
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlHttpClient::OnCurlSocket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlHttpClient::OnCurlTimer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kMaxKeptConnections);
    loop_ = std::thread([this] { Run(); });
    return Ok();
  }

  void Start(HttpRequest request, BodyObserver observer, HttpDone done) override {
    {
      std::lock_guard lock(mutex_);
      const char* reason = nullptr;
      if (stopping_) {
        reason = "shutting down";
      } else if (waiting_.size() >= settings_.max_queued) {
        reason = "too many outbound requests are waiting";
      }
      if (reason != nullptr) {
        refused_.push_back({std::move(done), request.purpose, std::move(request.url), reason});
      } else {
        waiting_.push_back(
            {std::move(request), std::move(observer), std::move(done), clock_.Monotonic()});
      }
    }
    if (std::this_thread::get_id() == loop_id_) {
      more_to_admit_ = true;
    } else if (!wake_sent_.exchange(true)) {  // one signal for all that come before the loop looks
      poller_->Wake();
    }
  }

  size_t InFlight() const override { return in_flight_; }

 private:
  // The loop.
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
      if (curl_due_ && clock_.Monotonic() >= *curl_due_) {
        curl_due_.reset();
        CurlAction(CURL_SOCKET_TIMEOUT, 0);
      }
      if (dns_due_ && clock_.Monotonic() >= *dns_due_) resolver_->OnTimeout();
      ExpireLookups();
      ReadFinished();
      wake_sent_ = false;  // before the queues are looked at, so that nothing is overlooked
      AnswerRefused();
      Admit();
    }
    Shutdown();
  }

  void Dispatch(const Poller::Ready& ready) {
    if (ready.tag == kDnsTag) {
      resolver_->OnSocket(ready.fd, ready.readable || ready.failed, ready.writable);
      return;
    }
    const int mask = (ready.readable ? CURL_CSELECT_IN : 0) |
                     (ready.writable ? CURL_CSELECT_OUT : 0) |
                     (ready.failed ? CURL_CSELECT_ERR : 0);
    CurlAction(ready.fd, mask);
  }

  void CurlAction(curl_socket_t fd, int mask) {
    int running = 0;
    curl_multi_socket_action(multi_, fd, mask, &running);
  }

  // Until the earliest of curl's timer, a name server's and a look-up's deadline; rounded up, so
  // that the loop does not spin through the last fraction of a millisecond.
  int WaitMs() {
    Duration wait = more_to_admit_ ? Duration::zero() : Seconds(60);
    const MonotonicTime now = clock_.Monotonic();
    dns_due_.reset();
    if (curl_due_) wait = std::min(wait, *curl_due_ - now);
    if (const std::optional<Duration> dns = resolver_->NextTimeout()) {
      dns_due_ = now + *dns;
      wait = std::min(wait, *dns);
    }
    if (!lookups_.empty()) wait = std::min(wait, lookups_.begin()->first - now);
    if (!actives_.empty()) wait = std::min(wait, LoopLag::kSlice);
    if (wait <= Duration::zero()) return 0;
    return static_cast<int>((wait + Milliseconds(1) - Duration(1)) / Milliseconds(1));
  }

  static int OnCurlSocket(CURL*, curl_socket_t fd, int what, void* data, void* known) {
    auto* self = static_cast<CurlHttpClient*>(data);
    if (what == CURL_POLL_REMOVE) {
      self->poller_->Forget(fd);
      return 0;
    }
    const bool is_new = known == nullptr;
    if (is_new) curl_multi_assign(self->multi_, fd, self);
    self->poller_->Watch(fd, kCurlTag, (what & CURL_POLL_IN) != 0, (what & CURL_POLL_OUT) != 0,
                         is_new);
    return 0;
  }

  static int OnCurlTimer(CURLM*, long timeout_ms, void* data) {
    auto* self = static_cast<CurlHttpClient*>(data);
    self->curl_due_.reset();
    if (timeout_ms >= 0) self->curl_due_ = self->clock_.Monotonic() + Milliseconds(timeout_ms);
    return 0;
  }

  // Taking requests in.
  // False when there was nothing to answer.
  bool AnswerRefused() {
    std::vector<Refused> refused;
    {
      std::lock_guard lock(mutex_);
      refused.swap(refused_);
    }
    for (Refused& one : refused) {
      HttpAnswer answer;
      answer.failure = HttpFailure::kOverload;
      answer.message = one.reason;
      answer.final_url = std::move(one.url);
      metrics_.Count(one.purpose, HttpFailure::kOverload);
      if (one.done) one.done(std::move(answer));
    }
    return !refused.empty();
  }

  void Admit() {
    std::vector<Waiting> batch;
    {
      std::lock_guard lock(mutex_);
      while (!waiting_.empty() && batch.size() < kAdmitBatch &&
             actives_.size() + batch.size() < settings_.max_in_flight) {
        batch.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
      }
      more_to_admit_ = !waiting_.empty() && batch.size() == kAdmitBatch;  // callbacks may set it
    }
    const MonotonicTime now = clock_.Monotonic();
    for (Waiting& one : batch) {
      const bool too_late = now - one.since > one.request.timeout;
      auto active = std::make_unique<Active>(std::make_unique<HttpExchange>(
          context_, std::move(one.request), std::move(one.observer), std::move(one.done)));
      Active* added = active.get();
      added->index = actives_.size();
      added->lost_before = lag_.Lost(now);
      actives_.push_back(std::move(active));
      in_flight_ = actives_.size();
      const bool begun = added->exchange->Begin(now);
      if (begun && too_late) {
        added->exchange->Fail(HttpFailure::kOverload, "waited too long for a place in flight");
      }
      if (begun && !too_late) {
        StartHop(added);
      } else {
        Finish(added);
      }
    }
    if (!batch.empty()) metrics_.SetInFlight(actives_.size());
  }

  // One hop: look up, connect, transfer.
  void StartHop(Active* active) {
    HttpExchange& exchange = *active->exchange;
    if (!exchange.CheckHop()) return Finish(active);
    const std::string name = exchange.NameToResolve();
    if (name.empty()) return Connect(active, {}, -1);
    active->lookup_started = clock_.Monotonic();
    const auto entry = lookups_.emplace(exchange.deadline(), active);
    const uint64_t ticket = resolver_->Resolve(
        name, exchange.request().ip_version, [this, active, entry](const Resolver::Answer& answer) {
          lookups_.erase(entry);
          active->lookup = 0;
          OnResolved(active, answer);
        });
    if (ticket != 0) active->lookup = ticket;  // with 0 the answer came, and `active` may be gone
  }

  void OnResolved(Active* active, const Resolver::Answer& answer) {
    const int64_t took_us = (clock_.Monotonic() - active->lookup_started).count();
    if (answer) return Connect(active, *answer, took_us);
    active->exchange->Fail(
        answer.error().kind == ErrorKind::kUnavailable && answer.error().retry_after_s > 0
            ? HttpFailure::kOverload
            : HttpFailure::kResolve,
        answer.error().message);
    Finish(active);
  }

  void ExpireLookups() {
    const MonotonicTime now = clock_.Monotonic();
    while (!lookups_.empty() && lookups_.begin()->first <= now) {
      Active* active = lookups_.begin()->second;
      lookups_.erase(lookups_.begin());
      resolver_->Cancel(active->lookup);
      active->lookup = 0;
      active->asks_service = true;
      unanswered_.push_back(active);
    }
    if (unanswered_.empty() || asking_service_) return;
    asking_service_ = true;
    resolver_->CheckService([this](bool alive) { AnswerUnanswered(alive); });
  }

  // Those whose time was up before a name server answered.
  void AnswerUnanswered(bool alive) {
    asking_service_ = false;
    std::vector<Active*> ended;
    ended.swap(unanswered_);
    for (Active* active : ended) {
      if (alive) {
        active->exchange->Fail(HttpFailure::kResolve, "no name server answered in time about " +
                                                          active->exchange->NameToResolve());
      } else {
        active->exchange->Fail(HttpFailure::kOverload, Resolver::kServiceIsDead);
      }
      Finish(active);
    }
  }

  // What was our own trouble is not the target's.
  void Excuse(const Active& active, HttpAnswer& answer) {
    const Duration lost = lag_.Lost(clock_.Monotonic()) - active.lost_before;
    // An answer that lay there while we did not run was not slow.
    if (lost >= kNotableLoss && answer.phases.total_us >= 0) {
      answer.phases.total_us = std::max<int64_t>(0, answer.phases.total_us - lost.count());
    }
    if (!MayBeOurs(answer.failure)) return;
    if (LoopLag::Explains(lost, active.exchange->request().timeout)) {
      answer.failure = HttpFailure::kOverload;
      answer.message = LoopLag::Message(lost);
    } else if (answer.failure == HttpFailure::kUnreachable && !network_.HasRoute()) {
      answer.failure = HttpFailure::kOverload;
      answer.message = OwnNetwork::kNoRoute;
    }
  }

  void Connect(Active* active, std::vector<IpAddress> addresses, int64_t resolve_us) {
    HttpExchange& exchange = *active->exchange;
    const Duration left = exchange.deadline() - clock_.Monotonic();
    if (!active->easy) active->easy = TakeHandle();
    if (left <= Duration::zero()) {
      exchange.Fail(HttpFailure::kTimeout, "timed out before the next connection");
      return Finish(active);
    }
    if (active->easy->get() == nullptr) {
      exchange.Fail(HttpFailure::kOverload, "out of memory");
      return Finish(active);
    }
    if (!exchange.PrepareHop(*active->easy, std::move(addresses), resolve_us, left)) {
      return Finish(active);
    }
    curl_easy_setopt(active->easy->get(), CURLOPT_PRIVATE, active);
    curl_multi_add_handle(multi_, active->easy->get());
  }

  void ReadFinished() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* easy = message->easy_handle;
      const CURLcode code = message->data.result;  // the message dies with the removal
      char* data = nullptr;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &data);
      auto* active = reinterpret_cast<Active*>(data);
      const bool follows = active->exchange->FinishHop(easy, code);
      curl_multi_remove_handle(multi_, easy);
      if (follows) {
        StartHop(active);
      } else {
        Finish(active);
      }
    }
  }

  // Gives the place back before the answer goes out, so that a callback sees a consistent count.
  void Finish(Active* active) {
    const std::unique_ptr<Active> owner = std::move(actives_[active->index]);
    if (active->index + 1 != actives_.size()) {
      actives_[active->index] = std::move(actives_.back());
      actives_[active->index]->index = active->index;
    }
    actives_.pop_back();
    in_flight_ = actives_.size();
    metrics_.SetInFlight(actives_.size());
    if (owner->easy) ReturnHandle(std::move(owner->easy));
    const HttpDone done = owner->exchange->TakeDone();
    HttpAnswer answer = owner->exchange->TakeAnswer(clock_.Monotonic());
    Excuse(*owner, answer);
    metrics_.Count(owner->exchange->request().purpose, answer.failure);
    if (done) done(std::move(answer));
  }

  std::unique_ptr<EasyHandle> TakeHandle() {
    if (idle_.empty()) return std::make_unique<EasyHandle>();
    std::unique_ptr<EasyHandle> handle = std::move(idle_.back());
    idle_.pop_back();
    return handle;
  }

  void ReturnHandle(std::unique_ptr<EasyHandle> handle) {
    if (idle_.size() >= kMaxIdleHandles) return;
    handle->Reset();  // lets go of everything that points into the exchange
    idle_.push_back(std::move(handle));
  }

  void Shutdown() {
    {
      std::lock_guard lock(mutex_);
      for (Waiting& one : waiting_) {
        refused_.push_back({std::move(one.done), one.request.purpose, std::move(one.request.url),
                            "shutting down"});
      }
      waiting_.clear();
    }
    while (!actives_.empty()) {
      Active* active = actives_.back().get();
      if (active->lookup != 0) resolver_->Cancel(active->lookup);
      if (active->easy) curl_multi_remove_handle(multi_, active->easy->get());
      if (active->asks_service) std::erase(unanswered_, active);
      active->exchange->Fail(HttpFailure::kOverload, "shutting down");
      Finish(active);
    }
    lookups_.clear();
    int rounds = 0;  // a callback that starts again is refused again, but not for ever
    while (AnswerRefused() && ++rounds < kMaxRefusalRounds) {
    }
    idle_.clear();
    resolver_.reset();
    std::lock_guard lock(mutex_);
    if (!refused_.empty()) {
      Log(LogLevel::kError, "exchanges started while the client was shutting down are lost",
          {{"count", refused_.size()}});
    }
  }

  const HttpClientSettings settings_;
  // Sockets and curl run on real time, whatever clock the rest is given.
  const SystemClock clock_;
  Metrics& registry_;
  ExchangeMetrics metrics_;
  TlsTrust trust_;
  const ExchangeContext context_;
  std::unique_ptr<Poller> poller_;
  std::unique_ptr<Resolver> resolver_;
  CURLM* multi_ = nullptr;

  // Shared with callers.
  std::mutex mutex_;
  std::deque<Waiting> waiting_;
  std::vector<Refused> refused_;
  std::atomic<bool> stopping_ = false;
  std::atomic<size_t> in_flight_ = 0;
  std::atomic<bool> wake_sent_ = false;
  std::atomic<std::thread::id> loop_id_;

  // Of the loop thread.
  bool more_to_admit_ = false;
  std::optional<MonotonicTime> curl_due_;
  std::optional<MonotonicTime> dns_due_;
  std::vector<std::unique_ptr<Active>> actives_;
  std::multimap<MonotonicTime, Active*> lookups_;
  std::vector<Active*> unanswered_;  // wait for the word about our own name service
  bool asking_service_ = false;
  LoopLag lag_;
  OwnNetwork network_{clock_};
  std::vector<std::unique_ptr<EasyHandle>> idle_;
  std::thread loop_;
};

}  // namespace

Result<std::unique_ptr<HttpClient>> HttpClient::Start(const HttpClientSettings& settings,
                                                      const OutboundPolicy& policy,
                                                      const Clock& clock, Metrics& metrics) {
  for (const Purpose purpose : {Purpose::kProbe, Purpose::kNotify}) {
    const std::string& proxy = policy.ProxyFor(purpose);
    if (proxy.empty()) continue;
    if (Result<Endpoint> endpoint = ParseProxy(proxy); !endpoint) {
      return Error(std::move(endpoint).error());
    }
  }
  auto client = std::make_unique<CurlHttpClient>(settings, policy, clock, metrics);
  PHAROS_RETURN_IF_ERROR(client->Open(clock));
  return Result<std::unique_ptr<HttpClient>>(std::move(client));
}

}  // namespace pharos::net
