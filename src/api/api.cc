#include "api/api.h"

#include <array>
#include <utility>

#include "api/exchange.h"
#include "api/key_looker.h"
#include "api/rate_limiter.h"
#include "api/resolver.h"
#include "api/workers.h"
#include "base/log.h"

namespace pharos::api {
namespace {

// A fresh installation's organisation, the one that endpoints without a key speak of
// (architecture D1).
constexpr int64_t kDefaultOrg = 1;

// Requests by dialect and class of status, as counters made once.
class AnswerCounters {
 public:
  AnswerCounters(const std::vector<Dialect>& dialects, Metrics& metrics) {
    constexpr std::array<const char*, 4> kClasses = {"2xx", "3xx", "4xx", "5xx"};
    for (const Dialect& dialect : dialects) {
      auto& row = by_dialect_[&dialect];
      for (size_t i = 0; i < row.size(); ++i) {
        row[i] = &metrics.GetCounter(
            "pharos_api_requests_total", "Answered API requests by dialect and class of status.",
            {{"dialect", std::string(dialect.name)}, {"status", kClasses[i]}});
      }
    }
  }
  void Add(const Dialect& dialect, int status) const {
    const int index = status / 100 - 2;
    if (index < 0 || index > 3) return;
    by_dialect_.at(&dialect)[static_cast<size_t>(index)]->Add();
  }

 private:
  std::map<const Dialect*, std::array<Counter*, 4>> by_dialect_;
};

class RunningApi : public Api, public Host {
 public:
  RunningApi(const Services& services, const ApiSettings& settings, const Clock& clock,
             Metrics& metrics, std::vector<Dialect> dialects)
      : services_(services),
        settings_(settings),
        clock_(clock),
        dialects_(std::move(dialects)),
        limiter_(clock),
        counters_(dialects_, metrics),
        shed_(metrics.GetCounter("pharos_api_shed_total",
                                 "API requests refused because the workers were busy.")),
        readers_(settings.read_workers, settings.max_queued),
        writers_(settings.write_workers, settings.max_queued),
        looker_([this] { ReloadKeys(); }) {
    anonymous_.org = model::OrgId(kDefaultOrg);
    anonymous_.name = "anonymous";
  }

  Status Prepare(const std::vector<Tie>& ties) {
    for (const Dialect& dialect : dialects_) PHAROS_RETURN_IF_ERROR(CheckDialect(dialect));
    Resolver::Defaults defaults = {{"/api/v1", settings_.v1_default}};
    PHAROS_ASSIGN_OR_RETURN(resolver_,
                            Resolver::Build(dialects_, ties, std::move(defaults), settings_.hosts));
    return Ok();
  }

  bool Owns(const http::Request& request) const override { return resolver_.Owns(request); }

  std::string DialectOf(const http::Request& request) const override {
    const Resolved resolved = resolver_.Resolve(request, [this](std::string_view key_text) {
      const auto key = services_.keys.Find(key_text);
      return key ? key->key.dialect : std::string();
    });
    return resolved.dialect == nullptr ? std::string() : std::string(resolved.dialect->name);
  }

  void Handle(http::Request&& request, http::Responder responder) override {
    std::make_shared<Exchange>(*this, services_, clock_, std::move(request), std::move(responder))
        ->Start();
  }

  void Stop() override {
    looker_.Stop();
    readers_.Stop();
    writers_.Stop();
  }

  std::string LoggablePath(std::string_view path) const override {
    for (const Dialect& dialect : dialects_) {
      for (const Mount& mount : dialect.mounts) {
        if (mount.secret_paths && path.starts_with(mount.prefix)) {
          return api::LoggablePath(mount, path);
        }
      }
    }
    return std::string(path);
  }

  const std::vector<Dialect>& dialects() const override { return dialects_; }

  const Resolver& resolver() const override { return resolver_; }
  service::KeyVerifier& keys() override { return services_.keys; }
  RateLimiter& limiter() override { return limiter_; }
  RateBudget RateBudgetOf(const Dialect& dialect, std::string_view rate_class,
                          std::string_view method) const override {
    const RateClass& row = FindRateClass(dialect, rate_class);
    const bool reads = method == "GET" || method == "HEAD" || method == "OPTIONS";
    RateBudget budget;
    budget.writes = !reads && row.writes_per_minute > 0;
    budget.per_minute = budget.writes ? row.writes_per_minute : row.per_minute;
    if (settings_.rate_limits.empty()) return budget;
    std::string name = std::string(dialect.name) + "." + std::string(rate_class);
    if (budget.writes) name += ".writes";
    const auto it = settings_.rate_limits.find(name);
    if (it != settings_.rate_limits.end()) budget.per_minute = it->second;
    return budget;
  }
  bool LookForKeys(std::function<void()> then) override { return looker_.TryAsk(std::move(then)); }
  bool Post(std::string_view method, std::function<void()> job) override {
    const bool reads = method == "GET" || method == "HEAD";
    if ((reads ? readers_ : writers_).TryPost(std::move(job))) return true;
    shed_.Add();
    return false;
  }
  const model::Principal& anonymous() const override { return anonymous_; }
  void CountAnswer(const Dialect& dialect, int status) override { counters_.Add(dialect, status); }

 private:
  void ReloadKeys() {
    if (Status status = services_.keys.Reload(); !status) {
      LogError("keys could not be reloaded", status.error());
    }
  }

  const RateClass& FindRateClass(const Dialect& dialect, std::string_view name) const {
    const auto profile = settings_.rate_profiles.find(dialect.name);
    const RateClass* plain = &dialect.rate_classes.front();
    for (const RateClass& row : dialect.rate_classes) {
      if (row.name != name) continue;
      if (row.profile.empty()) {
        plain = &row;
      } else if (profile != settings_.rate_profiles.end() && row.profile == profile->second) {
        return row;
      }
    }
    return *plain;
  }

  const Services services_;
  const ApiSettings settings_;
  const Clock& clock_;
  const std::vector<Dialect> dialects_;
  Resolver resolver_;
  RateLimiter limiter_;
  const AnswerCounters counters_;
  Counter& shed_;
  model::Principal anonymous_;
  Workers readers_;
  Workers writers_;
  KeyLooker looker_;
};

}  // namespace

Result<std::unique_ptr<Api>> Api::Start(const Services& services, const ApiSettings& settings,
                                        const Clock& clock, Metrics& metrics,
                                        std::vector<Dialect> dialects, std::vector<Tie> ties) {
  auto api = std::make_unique<RunningApi>(services, settings, clock, metrics, std::move(dialects));
  PHAROS_RETURN_IF_ERROR(api->Prepare(ties));
  return api;
}

}  // namespace pharos::api
