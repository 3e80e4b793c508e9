#include "net/resolver.h"

#include <ares.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "base/text.h"

namespace pharos::net {
namespace {

constexpr Duration kConfigCheckEvery = Seconds(10);
constexpr size_t kMaxAddresses = 64;
constexpr Duration kServiceHolds = Seconds(2);
constexpr Duration kCanaryTry = Milliseconds(700);
constexpr int kCanaryTries = 2;
constexpr int kClassIn = 1;
constexpr int kTypeNs = 2;

bool IsWordOfServer(int status) {
  return status == ARES_ENOTFOUND || status == ARES_ENODATA || status == ARES_ESERVFAIL ||
         status == ARES_EREFUSED || status == ARES_ENOTIMP || status == ARES_EFORMERR;
}

// Nobody answered, so it may be our own name service that is cut off.
bool IsSilence(int status) { return status == ARES_ETIMEOUT || status == ARES_ECONNREFUSED; }

// Changes when the system's name servers change.
int64_t ConfigStamp() {
  struct stat info{};
  if (stat("/etc/resolv.conf", &info) != 0) return 0;
  return info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec;
}

Error LookupError(const std::string& host, int status) {
  switch (status) {
    case ARES_ENOTFOUND:
    case ARES_ENONAME:
    case ARES_EBADNAME:
      return Error(ErrorKind::kNotFound, "the name " + host + " does not exist");
    case ARES_ENODATA:
      return Error(ErrorKind::kNotFound, "the name " + host + " has no address");
    case ARES_ETIMEOUT:
      return Error(ErrorKind::kTimeout, "no name server answered about " + host);
    case ARES_ECONNREFUSED:  // also after servers that said SERVFAIL or REFUSED, each in turn
      return Error(ErrorKind::kUnavailable, "no name server gave a usable answer about " + host +
                                                ": they fail, refuse or cannot be reached");
    case ARES_EREFUSED:
    case ARES_ESERVFAIL:
      return Error(ErrorKind::kUnavailable,
                   "the name servers could not resolve " + host + ": " + ares_strerror(status));
    default:
      return Error(ErrorKind::kUnavailable,
                   "resolving " + host + " failed: " + std::string(ares_strerror(status)));
  }
}

bool ReadAddress(const ares_addrinfo_node& node, IpAddress& address) {
  if (node.ai_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, node.ai_addr, sizeof(v4));
    address = IpAddress::V4(ntohl(v4.sin_addr.s_addr));
    return true;
  }
  if (node.ai_family != AF_INET6) return false;
  sockaddr_in6 v6;
  std::memcpy(&v6, node.ai_addr, sizeof(v6));
  std::array<uint8_t, 16> bytes;
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  address = IpAddress::V6(bytes);
  return true;
}

int FamilyOf(int ip_version) {
  if (ip_version == 4) return AF_INET;
  return ip_version == 6 ? AF_INET6 : AF_UNSPEC;
}

// One set of name servers; a new one replaces it when the system's configuration changes, and it
// goes when its last look-up has ended.
struct Channel {
  ares_channel handle = nullptr;
  size_t pending = 0;
  ~Channel() {
    if (handle != nullptr) ares_destroy(handle);
  }
};

class CaresResolver : public Resolver {
 public:
  CaresResolver(const ResolverSettings& settings, Watch watch, const Clock& clock)
      : settings_(settings), watch_(std::move(watch)), clock_(clock) {
    if (settings.metrics == nullptr) return;
    const auto counter = [&](const char* outcome) {
      return &settings.metrics->GetCounter(
          "pharos_name_service_canary_total",
          "Questions whether our name servers answer at all, asked when a look-up was not answered",
          {{"outcome", outcome}});
    };
    alive_count_ = counter("answered");
    dead_count_ = counter("silent");
  }

  ~CaresResolver() override {
    closing_ = true;
    channels_.clear();  // calls back every open query
    canary_.reset();
    ares_library_cleanup();
  }

  Status Open() {
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
      return Error::Internal("c-ares does not start");
    }
    config_stamp_ = ConfigStamp();
    config_checked_ = clock_.Monotonic();
    return AddChannel();
  }

  uint64_t Resolve(const std::string& host, int ip_version, Done done) override {
    RenewChannel();
    const std::string key = host + '|' + std::to_string(ip_version);
    if (const auto hit = cache_.find(key); hit != cache_.end()) {
      if (clock_.Monotonic() < hit->second.expires_at) {
        done(hit->second.addresses);
        return 0;
      }
      cache_.erase(hit);
    }
    const uint64_t ticket = ++last_ticket_;
    if (const auto found = lookups_.find(key); found != lookups_.end()) {
      found->second.push_back({ticket, std::move(done)});
      tickets_[ticket] = key;
      return ticket;
    }
    if (lookups_.size() >= settings_.max_pending) {
      done(Error::Unavailable("too many names are being resolved", 1));
      return 0;
    }
    lookups_[key].push_back({ticket, std::move(done)});
    tickets_[ticket] = key;
    Ask(host, key, ip_version);
    return tickets_.contains(ticket) ? ticket : 0;
  }

  void Cancel(uint64_t ticket) override {
    const auto found = tickets_.find(ticket);
    if (found == tickets_.end()) return;
    // The query goes on: its answer still fills the cache.
    std::erase_if(lookups_[found->second], [&](const Waiter& w) { return w.ticket == ticket; });
    tickets_.erase(found);
  }

  void CheckService(std::function<void(bool)> done) override {
    const MonotonicTime now = clock_.Monotonic();
    if (!settings_.check_service || (heard_at_ && now - *heard_at_ < kServiceHolds)) {
      return done(true);
    }
    if (silent_at_ && now - *silent_at_ < kServiceHolds) return done(false);
    asking_.push_back(std::move(done));
    if (asking_.size() > 1) return;
    // A channel of its own: other patience, and whatever the system's servers are by now.
    auto channel = NewChannel(std::min(settings_.try_timeout, kCanaryTry), kCanaryTries);
    if (!channel) return AnswerService(true);
    canary_ = *std::move(channel);
    ares_query(canary_->handle, ".", kClassIn, kTypeNs, &CaresResolver::OnCanary, this);
  }

  void OnSocket(int fd, bool readable, bool writable) override {
    for (size_t i = 0; i < channels_.size(); ++i) {
      ares_process_fd(channels_[i]->handle, readable ? fd : ARES_SOCKET_BAD,
                      writable ? fd : ARES_SOCKET_BAD);
    }
    if (canary_) {
      ares_process_fd(canary_->handle, readable ? fd : ARES_SOCKET_BAD,
                      writable ? fd : ARES_SOCKET_BAD);
      if (asking_.empty()) canary_.reset();
    }
    DropIdleChannels();
  }

  void OnTimeout() override { OnSocket(ARES_SOCKET_BAD, false, false); }

  std::optional<Duration> NextTimeout() const override {
    std::optional<Duration> next;
    const auto look = [&next](const Channel& channel) {
      timeval buffer{};
      const timeval* due = ares_timeout(channel.handle, nullptr, &buffer);
      if (due == nullptr) return;
      const Duration wait = Seconds(due->tv_sec) + Duration(due->tv_usec);
      if (!next || wait < *next) next = wait;
    };
    for (const auto& channel : channels_) look(*channel);
    if (canary_) look(*canary_);
    return next;
  }

 private:
  struct Waiter {
    uint64_t ticket = 0;
    Done done;
  };
  struct Kept {
    std::vector<IpAddress> addresses;
    MonotonicTime expires_at;
  };
  struct Query {
    CaresResolver* resolver;
    Channel* channel;
    std::string host;
    std::string key;
  };

  Status AddChannel() {
    PHAROS_ASSIGN_OR_RETURN(auto channel, NewChannel(settings_.try_timeout, settings_.tries));
    channels_.push_back(std::move(channel));
    return Ok();
  }

  Result<std::unique_ptr<Channel>> NewChannel(Duration try_timeout, int tries) {
    ares_options options{};
    options.timeout = static_cast<int>(try_timeout / Milliseconds(1));
    options.tries = tries;
    options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
      static_cast<CaresResolver*>(self)->watch_(fd, readable != 0, writable != 0);
    };
    options.sock_state_cb_data = this;
    auto channel = std::make_unique<Channel>();
    const int status = ares_init_options(
        &channel->handle, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
    if (status != ARES_SUCCESS) {
      channel->handle = nullptr;
      return Error::Internal(std::string("c-ares: ") + ares_strerror(status));
    }
    if (!settings_.servers.empty()) {
      std::string list;
      for (const std::string& server : settings_.servers) {
        list += (list.empty() ? "" : ",") + server;
      }
      if (ares_set_servers_ports_csv(channel->handle, list.c_str()) != ARES_SUCCESS) {
        return Error(ErrorKind::kInvalid, "not a list of name servers: " + list);
      }
    }
    return Result<std::unique_ptr<Channel>>(std::move(channel));
  }

  static void OnCanary(void* arg, int status, int, unsigned char*, int) {
    CaresResolver& self = *static_cast<CaresResolver*>(arg);
    if (self.closing_) return;
    const bool alive = !IsSilence(status);
    const MonotonicTime now = self.clock_.Monotonic();
    self.heard_at_ = alive ? std::optional(now) : std::nullopt;
    self.silent_at_ = alive ? std::nullopt : std::optional(now);
    Counter* count = alive ? self.alive_count_ : self.dead_count_;
    if (count != nullptr) count->Add();
    self.AnswerService(alive);
  }

  void AnswerService(bool alive) {
    std::vector<std::function<void(bool)>> calls;
    calls.swap(asking_);
    for (const auto& call : calls) call(alive);
  }

  void RenewChannel() {
    if (!settings_.servers.empty()) return;
    const MonotonicTime now = clock_.Monotonic();
    if (now - config_checked_ < kConfigCheckEvery) return;
    config_checked_ = now;
    const int64_t stamp = ConfigStamp();
    if (stamp == config_stamp_ || !AddChannel()) return;
    config_stamp_ = stamp;  // the old channel goes in OnSocket, never inside one of its callbacks
  }

  void DropIdleChannels() {
    if (channels_.size() < 2) return;
    const Channel* newest = channels_.back().get();
    std::erase_if(channels_, [&](const auto& c) { return c->pending == 0 && c.get() != newest; });
  }

  void Ask(const std::string& host, const std::string& key, int ip_version) {
    Channel* channel = channels_.back().get();
    ++channel->pending;
    ares_addrinfo_hints hints{};
    hints.ai_family = FamilyOf(ip_version);
    hints.ai_socktype = SOCK_STREAM;
    auto* query = new Query{this, channel, host, key};  // c-ares always calls back, which frees it
    ares_getaddrinfo(channel->handle, host.c_str(), nullptr, &hints, &CaresResolver::OnAnswer,
                     query);
  }

  static void OnAnswer(void* arg, int status, int, ares_addrinfo* info) {
    const std::unique_ptr<Query> query(static_cast<Query*>(arg));
    const std::unique_ptr<ares_addrinfo, void (*)(ares_addrinfo*)> owner(info, &ares_freeaddrinfo);
    CaresResolver& self = *query->resolver;
    if (self.closing_) return;
    --query->channel->pending;
    if (IsSilence(status)) {
      return self.CheckService([&self, key = query->key, host = query->host, status](bool alive) {
        self.Finish(key, alive ? LookupError(host, status)
                               : Error::Unavailable(Resolver::kServiceIsDead, 1));
      });
    }
    if (status != ARES_SUCCESS && IsWordOfServer(status)) self.heard_at_ = self.clock_.Monotonic();
    std::vector<IpAddress> addresses;
    Duration ttl = self.settings_.cache_ttl_max;
    const ares_addrinfo_node* node = status == ARES_SUCCESS ? info->nodes : nullptr;
    for (; node != nullptr && addresses.size() < kMaxAddresses; node = node->ai_next) {
      IpAddress address;
      if (!ReadAddress(*node, address)) continue;
      ttl = std::min(ttl, Seconds(std::max(node->ai_ttl, 0)));
      // Names of the hosts file have none, and no server said anything about them.
      if (node->ai_ttl > 0) self.heard_at_ = self.clock_.Monotonic();
      if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) {
        addresses.push_back(address);
      }
    }
    if (addresses.empty()) {
      self.Finish(query->key,
                  LookupError(query->host, status == ARES_SUCCESS ? ARES_ENODATA : status));
      return;
    }
    self.Keep(query->key, addresses, ttl);
    self.Finish(query->key, std::move(addresses));
  }

  void Keep(const std::string& key, const std::vector<IpAddress>& addresses, Duration ttl) {
    if (ttl <= Duration::zero() || settings_.max_cached == 0) return;
    if (cache_.size() >= settings_.max_cached) cache_.erase(cache_.begin());
    cache_[key] = {addresses, clock_.Monotonic() + ttl};
  }

  void Finish(const std::string& key, const Answer& answer) {
    const auto found = lookups_.find(key);
    if (found == lookups_.end()) return;
    const std::vector<Waiter> waiters = std::move(found->second);
    lookups_.erase(found);
    for (const Waiter& waiter : waiters) tickets_.erase(waiter.ticket);
    for (const Waiter& waiter : waiters) waiter.done(answer);
  }

  const ResolverSettings settings_;
  const Watch watch_;
  const Clock& clock_;
  bool closing_ = false;
  int64_t config_stamp_ = 0;
  MonotonicTime config_checked_;
  uint64_t last_ticket_ = 0;
  std::vector<std::unique_ptr<Channel>> channels_;
  std::unique_ptr<Channel> canary_;  // while it is asked, and until the loop comes by next
  std::vector<std::function<void(bool)>> asking_;
  std::optional<MonotonicTime> heard_at_;   // when a name server said something
  std::optional<MonotonicTime> silent_at_;  // when the canary found all of them silent
  Counter* alive_count_ = nullptr;
  Counter* dead_count_ = nullptr;
  std::unordered_map<std::string, Kept> cache_;
  std::unordered_map<std::string, std::vector<Waiter>> lookups_;
  std::unordered_map<uint64_t, std::string> tickets_;
};

}  // namespace

Result<std::unique_ptr<Resolver>> Resolver::Create(const ResolverSettings& settings, Watch watch,
                                                   const Clock& clock) {
  auto resolver = std::make_unique<CaresResolver>(settings, std::move(watch), clock);
  PHAROS_RETURN_IF_ERROR(resolver->Open());
  return Result<std::unique_ptr<Resolver>>(std::move(resolver));
}

}  // namespace pharos::net
