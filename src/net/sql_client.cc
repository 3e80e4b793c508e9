#include "net/sql_client.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "net/resolver.h"
#include "net/sql_driver.h"

namespace pharos::net {
namespace {

constexpr size_t kMaxAddresses = 8;
constexpr size_t kMaxMessageBytes = 300;
constexpr size_t kMaxFirstValueBytes = 1024;
constexpr size_t kShortestRedacted = 4;
constexpr Duration kGrace = Milliseconds(250);  // for a driver to say itself where it stuck
constexpr Duration kStopPatience = Seconds(2);
constexpr Duration kIdleWait = Seconds(60);
constexpr size_t kFailures = static_cast<size_t>(SqlFailure::kOverload) + 1;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

void Signal(int event_fd) {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(event_fd, &one, sizeof one);
}

// The libraries take trust anchors as a file; this one exists in memory only.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& text)
      : fd_(text.empty() ? -1 : memfd_create("pharos-ca", MFD_CLOEXEC)) {
    if (fd_.get() >= 0 &&
        write(fd_.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size())) {
      path_ = "/proc/self/fd/" + std::to_string(fd_.get());
    }
  }
  const std::string& path() const { return path_; }

 private:
  Descriptor fd_;
  std::string path_;
};

struct Job {
  Job(SqlRequest asked, SqlDone call, MonotonicTime at)
      : request(std::move(asked)), done(std::move(call)), since(at) {}
  const SqlRequest request;
  SqlDone done;  // empty once it was called
  const MonotonicTime since;
  MonotonicTime deadline;
  MonotonicTime lookup_started;
  uint64_t lookup = 0;  // ticket of the resolver
  std::vector<IpAddress> addresses;
  int64_t resolve_us = -1;
  SqlInterrupt interrupt;
  std::optional<MonotonicTime> due;  // as it stands in the client's list
};
using JobPtr = std::shared_ptr<Job>;

// What the client's thread and the workers share. A worker that a library holds up for good keeps
// it alive after the client is gone.
struct Exchange {
  Exchange(std::string bundle, int wake, int stop)
      : ca_bundle(std::move(bundle)), wake_fd(wake), stop_fd(stop) {}
  const std::string ca_bundle;
  const Descriptor wake_fd;  // of the client's thread
  const Descriptor stop_fd;  // readable for good once the client is shutting down
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<JobPtr> ready;
  std::deque<std::pair<JobPtr, SqlAnswer>> finished;
  size_t workers = 0;
  size_t idle = 0;
  bool stopping = false;
};

SqlTls TlsFor(const SqlRequest& request) {
  if (!request.ca_pem.empty() && !request.target.tls_is_chosen) return SqlTls::kVerifyFull;
  return request.target.tls;
}

SqlAnswer RunAt(const SqlTask& task, SqlWaiter& waiter) {
  switch (task.request.target.product) {
    case SqlProduct::kPostgres:
      return RunPostgres(task, waiter);
    case SqlProduct::kMysql:
      return RunMysql(task, waiter);
  }
  return {};
}

bool MayTryNext(SqlFailure failure) {
  return failure == SqlFailure::kRefused || failure == SqlFailure::kUnreachable;
}

// One address after the other, until one of them takes the connection.
SqlAnswer RunJob(Job& job, const Exchange& exchange) {
  const MemoryFile anchors(job.request.ca_pem);
  const SqlTls tls = TlsFor(job.request);
  const bool verifies = tls >= SqlTls::kVerifyCa;
  const std::string ca_path =
      !job.request.ca_pem.empty() ? anchors.path() : (verifies ? exchange.ca_bundle : "");
  SqlWaiter waiter(job.deadline, exchange.stop_fd.get(), job.interrupt);
  const MonotonicTime begun = waiter.Now();
  SqlAnswer answer;
  for (size_t i = 0; i < job.addresses.size(); ++i) {
    const auto left = static_cast<int64_t>(job.addresses.size() - i);
    waiter.BeginConnecting();
    waiter.set_connect_deadline(waiter.Now() + (job.deadline - waiter.Now()) / left);
    answer = RunAt({job.request, job.addresses[i], ca_path, tls}, waiter);
    answer.remote_address = job.addresses[i].ToString();
    const bool no_connection =
        MayTryNext(answer.failure) ||
        (answer.failure == SqlFailure::kTimeout && answer.phases.connect_us < 0);
    if (!no_connection || left == 1 || waiter.Now() >= job.deadline) break;
  }
  answer.phases.resolve_us = job.resolve_us;
  answer.phases.total_us = (waiter.Now() - begun).count() + std::max<int64_t>(0, job.resolve_us);
  return answer;
}

void Work(const std::shared_ptr<Exchange>& exchange) {
  // TLS writes to connections that the peer has closed; nobody wants that signal.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  std::unique_lock lock(exchange->mutex);
  while (true) {
    ++exchange->idle;
    const bool has_work = exchange->changed.wait_for(
        lock, kIdleWait, [&] { return exchange->stopping || !exchange->ready.empty(); });
    --exchange->idle;
    if (!has_work || exchange->stopping) break;
    const JobPtr job = std::move(exchange->ready.front());
    exchange->ready.pop_front();
    lock.unlock();
    SqlAnswer answer = RunJob(*job, *exchange);
    lock.lock();
    exchange->finished.emplace_back(job, std::move(answer));
    Signal(exchange->wake_fd.get());
  }
  --exchange->workers;
  exchange->changed.notify_all();
}

class SqlMetrics {
 public:
  explicit SqlMetrics(Metrics& metrics)
      : in_flight_(metrics.GetGauge("pharos_sql_in_flight", "Database checks under way")) {
    for (size_t f = 0; f < kFailures; ++f) {
      counters_[f] = &metrics.GetCounter(
          "pharos_sql_queries_total", "Database checks by outcome",
          {{"failure", std::string(SqlFailureName(static_cast<SqlFailure>(f)))}});
    }
  }
  void Count(SqlFailure failure) { counters_[static_cast<size_t>(failure)]->Add(); }
  void SetInFlight(size_t n) { in_flight_.Set(static_cast<double>(n)); }

 private:
  std::array<Counter*, kFailures> counters_{};
  Gauge& in_flight_;
};

class PooledSqlClient : public SqlClient {
 public:
  PooledSqlClient(const SqlClientSettings& settings, const OutboundPolicy& policy, Metrics& metrics)
      : settings_(settings), policy_(policy), metrics_(metrics) {}

  ~PooledSqlClient() override {
    if (!loop_.joinable()) return;
    stopping_ = true;
    Signal(exchange_->wake_fd.get());
    loop_.join();
    StopWorkers();
  }

  Status Open() {
    const int wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    const int stop = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    exchange_ = std::make_shared<Exchange>(settings_.ca_bundle, wake, stop);
    if (wake < 0 || stop < 0) return Error::Internal("no descriptor left for the SQL client");
    ResolverSettings dns;
    dns.servers = settings_.dns_servers;
    const auto watch = [this](int fd, bool readable, bool writable) {
      if (!readable && !writable) {
        dns_sockets_.erase(fd);
      } else {
        dns_sockets_[fd] = static_cast<short>((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
      }
    };
    PHAROS_ASSIGN_OR_RETURN(resolver_, Resolver::Create(dns, watch, clock_));
    loop_ = std::thread([this] { Run(); });
    return Ok();
  }

  void Start(SqlRequest request, SqlDone done) override {
    auto job = std::make_shared<Job>(std::move(request), std::move(done), clock_.Monotonic());
    {
      std::lock_guard lock(mutex_);
      const bool full = waiting_.size() >= settings_.max_queued;
      (full || stopping_ ? refused_ : waiting_).push_back(std::move(job));
    }
    Signal(exchange_->wake_fd.get());
  }

  size_t InFlight() const override { return in_flight_; }

 private:
  void Run() {
    while (!stopping_) {
      Poll();
      if (resolver_->NextTimeout().value_or(Seconds(1)) <= Duration::zero()) {
        resolver_->OnTimeout();
      }
      TakeFinished();
      ExpireJobs();
      AnswerRefused();
      Admit();
    }
    Shutdown();
  }

  void Poll() {
    std::vector<pollfd> polled{{exchange_->wake_fd.get(), POLLIN, 0}};
    for (const auto& [fd, events] : dns_sockets_) polled.push_back({fd, events, 0});
    Duration wait = kIdleWait;
    if (const auto dns = resolver_->NextTimeout()) wait = std::min(wait, *dns);
    if (!dues_.empty()) wait = std::min(wait, dues_.begin()->first.first - clock_.Monotonic());
    wait = std::max(wait, Duration::zero());
    const int wait_ms = static_cast<int>((wait + Milliseconds(1) - Duration(1)) / Milliseconds(1));
    if (poll(polled.data(), polled.size(), wait_ms) <= 0) return;
    if (polled[0].revents != 0) {
      uint64_t count = 0;
      [[maybe_unused]] const ssize_t got = read(polled[0].fd, &count, sizeof count);
    }
    for (size_t i = 1; i < polled.size(); ++i) {
      const short got = polled[i].revents;
      if (got == 0) continue;
      resolver_->OnSocket(polled[i].fd, (got & (POLLIN | POLLHUP | POLLERR)) != 0,
                          (got & POLLOUT) != 0);
    }
  }

  // A place is given back by the worker, which may be later than the answer.
  void TakeFinished() {
    std::deque<std::pair<JobPtr, SqlAnswer>> finished;
    {
      std::lock_guard lock(exchange_->mutex);
      finished.swap(exchange_->finished);
    }
    for (auto& [job, answer] : finished) {
      GivePlaceBack();
      Answer(job, std::move(answer));
    }
  }

  void GivePlaceBack() {
    --in_flight_;
    metrics_.SetInFlight(in_flight_);
  }

  void ExpireJobs() {
    const MonotonicTime now = clock_.Monotonic();
    while (!dues_.empty() && dues_.begin()->first.first <= now) {
      const JobPtr job = dues_.begin()->second;
      const std::string& host = job->request.target.host;
      if (job->lookup != 0) {
        resolver_->Cancel(job->lookup);
        Refuse(job, SqlFailure::kResolve, "no name server answered in time about " + host);
      } else {
        // The thread keeps its place until the library lets go of it.
        job->interrupt.Fire();
        Fail(job, SqlFailure::kTimeout, "timed out in the exchange with " + host);
      }
    }
  }

  void SetDue(const JobPtr& job, std::optional<MonotonicTime> due) {
    if (job->due) dues_.erase({*job->due, job.get()});
    job->due = due;
    if (due) dues_.emplace(std::make_pair(*due, job.get()), job);
  }

  void AnswerRefused() {
    std::deque<JobPtr> refused;
    {
      std::lock_guard lock(mutex_);
      refused.swap(refused_);
    }
    for (const JobPtr& job : refused) {
      Fail(job, SqlFailure::kOverload, "too many database checks are waiting");
    }
  }

  void Admit() {
    std::deque<JobPtr> batch;
    {
      std::lock_guard lock(mutex_);
      while (!waiting_.empty() && in_flight_ + batch.size() < settings_.max_in_flight) {
        batch.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
      }
    }
    in_flight_ += batch.size();
    metrics_.SetInFlight(in_flight_);
    for (const JobPtr& job : batch) Begin(job);
  }

  void Refuse(const JobPtr& job, SqlFailure failure, std::string message) {
    GivePlaceBack();
    Fail(job, failure, std::move(message));
  }

  void Begin(const JobPtr& job) {
    const MonotonicTime now = clock_.Monotonic();
    const SqlTarget& target = job->request.target;
    if (now - job->since >= job->request.timeout) {
      return Refuse(job, SqlFailure::kOverload, "waited too long for a place among the checks");
    }
    job->deadline = now + job->request.timeout;
    if (Status host = policy_.CheckHost(target.host); !host) {
      return Refuse(job, SqlFailure::kBlocked, host.error().message);
    }
    if (const Result<IpAddress> literal = IpAddress::Parse(target.host)) {
      const int version = job->request.ip_version;
      if (version != 0 && (version == 4) != literal->IsV4()) {
        return Refuse(job, SqlFailure::kResolve,
                      target.host + " is no IPv" + std::to_string(version) + " address");
      }
      return GoOn(job, {*literal});
    }
    job->lookup_started = now;
    SetDue(job, job->deadline);
    const uint64_t ticket = resolver_->Resolve(target.host, job->request.ip_version,
                                               [this, job](const Resolver::Answer& answer) {
                                                 job->lookup = 0;
                                                 OnResolved(job, answer);
                                               });
    if (ticket != 0) job->lookup = ticket;
  }

  void OnResolved(const JobPtr& job, const Resolver::Answer& answer) {
    job->resolve_us = (clock_.Monotonic() - job->lookup_started).count();
    if (answer) return GoOn(job, *answer);
    const bool ours =
        answer.error().kind == ErrorKind::kUnavailable && answer.error().retry_after_s > 0;
    Refuse(job, ours ? SqlFailure::kOverload : SqlFailure::kResolve, answer.error().message);
  }

  void GoOn(const JobPtr& job, std::vector<IpAddress> addresses) {
    const SqlTarget& target = job->request.target;
    if (addresses.size() > kMaxAddresses) addresses.resize(kMaxAddresses);
    for (const IpAddress& address : addresses) {
      const Status allowed =
          policy_.CheckAddress(job->request.purpose, target.host, address, target.port);
      if (!allowed) return Refuse(job, SqlFailure::kBlocked, allowed.error().message);
    }
    if (addresses.empty()) {
      return Refuse(job, SqlFailure::kResolve, "the host " + target.host + " has no address");
    }
    job->addresses = std::move(addresses);
    SetDue(job, job->deadline + kGrace);
    bool start = false;
    {
      std::lock_guard lock(exchange_->mutex);
      exchange_->ready.push_back(job);
      start = exchange_->ready.size() > exchange_->idle;
      if (start) ++exchange_->workers;
    }
    exchange_->changed.notify_one();
    if (start) std::thread([exchange = exchange_] { Work(exchange); }).detach();
  }

  void Fail(const JobPtr& job, SqlFailure failure, std::string message) {
    SqlAnswer answer;
    answer.failure = failure;
    answer.message = std::move(message);
    answer.phases.resolve_us = job->resolve_us;
    Answer(job, std::move(answer));
  }

  void Answer(const JobPtr& job, SqlAnswer answer) {
    SetDue(job, std::nullopt);
    if (!job->done) return;
    const SqlDone done = std::exchange(job->done, {});
    metrics_.Count(answer.failure);
    done(std::move(answer));
  }

  void Shutdown() {
    std::deque<JobPtr> left;
    {
      std::lock_guard lock(mutex_);
      left.swap(waiting_);
      for (JobPtr& job : refused_) left.push_back(std::move(job));
      refused_.clear();
    }
    for (const auto& [due, job] : dues_) {
      if (job->lookup != 0) resolver_->Cancel(job->lookup);
      job->interrupt.Fire();
      left.push_back(job);
    }
    for (const JobPtr& job : left) Fail(job, SqlFailure::kOverload, "shutting down");
  }

  // Workers see stop_fd in every wait. One that a library holds up is left behind.
  void StopWorkers() {
    std::unique_lock lock(exchange_->mutex);
    exchange_->stopping = true;
    Signal(exchange_->stop_fd.get());
    exchange_->changed.notify_all();
    exchange_->changed.wait_for(lock, kStopPatience, [this] { return exchange_->workers == 0; });
  }

  const SqlClientSettings settings_;
  const OutboundPolicy& policy_;
  SqlMetrics metrics_;
  SystemClock clock_;
  std::atomic<bool> stopping_ = false;
  std::atomic<size_t> in_flight_ = 0;
  std::shared_ptr<Exchange> exchange_;
  std::mutex mutex_;
  std::deque<JobPtr> waiting_;
  std::deque<JobPtr> refused_;
  // Of the loop's thread.
  std::unique_ptr<Resolver> resolver_;
  std::unordered_map<int, short> dns_sockets_;
  std::map<std::pair<MonotonicTime, Job*>, JobPtr> dues_;
  std::thread loop_;
};

// libpq reads its variables whenever an option has no value, and the one that names a service file
// in any case.
void ForgetPostgresVariables() {
  PQconninfoOption* options = PQconndefaults();
  for (PQconninfoOption* one = options; one != nullptr && one->keyword != nullptr; ++one) {
    if (one->envvar != nullptr) unsetenv(one->envvar);
  }
  PQconninfoFree(options);
  for (const char* name : {"PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR", "PGREALM", "PGTZ",
                           "PGDATESTYLE", "PGGEQO", "PGPASSFILE", "PGPASSWORD"}) {
    unsetenv(name);
  }
}

}  // namespace

std::string_view SqlFailureName(SqlFailure failure) {
  switch (failure) {
    case SqlFailure::kNone:
      return "none";
    case SqlFailure::kBlocked:
      return "blocked";
    case SqlFailure::kResolve:
      return "resolve";
    case SqlFailure::kRefused:
      return "refused";
    case SqlFailure::kUnreachable:
      return "unreachable";
    case SqlFailure::kTimeout:
      return "timeout";
    case SqlFailure::kTls:
      return "tls";
    case SqlFailure::kLogin:
      return "login";
    case SqlFailure::kQuery:
      return "query";
    case SqlFailure::kProtocol:
      return "protocol";
    case SqlFailure::kTooLarge:
      return "too_large";
    case SqlFailure::kOverload:
      return "overload";
  }
  return "unknown";
}

void SqlInterrupt::Watch(int fd) {
  std::lock_guard lock(mutex_);
  if (fd_ < 0 && fd >= 0) fd_ = fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

void SqlInterrupt::Forget() {
  std::lock_guard lock(mutex_);
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

void SqlInterrupt::Fire() {
  std::lock_guard lock(mutex_);
  if (fd_ >= 0) shutdown(fd_, SHUT_RDWR);
}

SqlWaiter::Outcome SqlWaiter::Wait(int fd, short events, short* got) const {
  const MonotonicTime until = connecting_ ? std::min(deadline_, connect_deadline_) : deadline_;
  while (true) {
    const Duration left = until - Now();
    if (left <= Duration::zero()) return Outcome::kTimeout;
    std::array<pollfd, 2> polled{{{stop_fd_, POLLIN, 0}, {fd, events, 0}}};
    const auto wait_ms = static_cast<int>(left / Milliseconds(1)) + 1;
    const int count = poll(polled.data(), polled.size(), wait_ms);
    if (polled[0].revents != 0) return Outcome::kStopped;
    if (count > 0 && polled[1].revents != 0) {
      if (got != nullptr) *got = polled[1].revents;
      return Outcome::kReady;
    }
  }
}

std::string SqlEndpoint(const SqlTask& task) {
  const std::string text = task.address.ToString();
  return (task.address.IsV4() ? text : "[" + text + "]") + ":" +
         std::to_string(task.request.target.port);
}

void FailWait(SqlWaiter::Outcome outcome, std::string_view doing, SqlAnswer& answer) {
  const bool stopped = outcome == SqlWaiter::Outcome::kStopped;
  answer.failure = stopped ? SqlFailure::kOverload : SqlFailure::kTimeout;
  answer.message = stopped ? "shutting down" : "timed out waiting for " + std::string(doing);
}

void FailSql(const SqlTask& task, SqlFailure failure, std::string_view text, SqlAnswer& answer) {
  std::string clean = SanitizeUtf8(text.substr(0, 4 * kMaxMessageBytes));
  for (char& c : clean) c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  const std::string& password = task.request.target.password;
  if (password.size() >= kShortestRedacted) {
    for (size_t at = clean.find(password); at != std::string::npos; at = clean.find(password, at)) {
      clean.replace(at, password.size(), "***");
    }
  }
  answer.failure = failure;
  answer.message = Ellipsize(Trim(clean), kMaxMessageBytes);
}

void KeepFirstValue(const char* data, size_t size, SqlAnswer& answer) {
  answer.first_value = SanitizeUtf8(std::string_view(data, std::min(size, kMaxFirstValueBytes)));
}

Result<std::unique_ptr<SqlClient>> SqlClient::Start(const SqlClientSettings& settings,
                                                    const OutboundPolicy& policy,
                                                    Metrics& metrics) {
  ForgetPostgresVariables();
  auto client = std::make_unique<PooledSqlClient>(settings, policy, metrics);
  if (Status opened = client->Open(); !opened) return opened.error();
  return std::unique_ptr<SqlClient>(std::move(client));
}

}  // namespace pharos::net
