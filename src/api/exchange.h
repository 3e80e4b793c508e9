#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "api/dialect.h"
#include "api/rate_limiter.h"
#include "api/resolver.h"
#include "http/server.h"
#include "service/keys.h"

namespace pharos::api {

// What a class of a dialect allows to a method.
struct RateBudget {
  int per_minute = 0;   // 0 = no limit
  bool writes = false;  // counted apart from reads
};

// What every exchange needs of the Api; outlives them all.
class Host {
 public:
  virtual ~Host() = default;
  virtual const Resolver& resolver() const = 0;
  virtual service::KeyVerifier& keys() = 0;
  virtual RateLimiter& limiter() = 0;
  virtual RateBudget RateBudgetOf(const Dialect& dialect, std::string_view rate_class,
                                  std::string_view method) const = 0;
  // Calls back on another thread once the keys have been read from the store; false when too many
  // wait for that.
  virtual bool LookForKeys(std::function<void()> then) = 0;
  // The pool for this method; false when it is full.
  virtual bool Post(std::string_view method, std::function<void()> job) = 0;
  virtual const model::Principal& anonymous() const = 0;
  virtual void CountAnswer(const Dialect& dialect, int status) = 0;
};

// One request passing the gates of its dialect, its endpoint, and back. Held by whoever works on
// it: the loop, a worker, or the use case that will call back.
class Exchange : public Answer::Target, public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(Host& host, const Services& services, const Clock& clock, http::Request&& request,
           http::Responder responder);

  // Picks the dialect and runs as far as it gets without blocking. Precondition: a dialect owns the
  // path.
  void Start();
  // The endpoint's outcome; the first one counts.
  void Finish(Result<std::string> body) override;
  void Continue(std::function<void()> work) override;

 private:
  // kLookAgain: the key is unknown so far; the store is asked and the request begins anew.
  enum class Step : uint8_t { kGoOn, kAnswered, kLookAgain };

  void RunGuarded(bool on_worker);
  // `work` may throw: the client gets 500 then.
  void Guard(const std::function<void()>& work);
  void Run(bool on_worker);
  void Resolve();
  void HopToWorker();
  void PostToWorker(std::function<void()> job);
  void LookForKeyAgain();
  bool Blocks(Gate gate) const;
  Step Pass(Gate gate);
  Step RedirectSlash();
  Step GuardCrossSite();
  Step Authenticate();
  Step LimitRate();
  Step FindParents();
  Step CheckPermission();
  Step ReadBody();
  void RunEndpoint();

  Step Refuse(Problem problem, ErrorKind kind, std::string_view text, int retry_after_s = 0);
  Step RefuseWith(const Error& error, Problem problem = Problem::kError);
  Step RefuseCaller(Problem problem, const Error& error);
  void CountRate();
  void Send(http::Response response);

  Host& host_;
  const Clock& clock_;
  http::Responder responder_;
  Call call_;
  Resolved resolved_;
  std::shared_ptr<const service::VerifiedKey> key_;
  std::optional<RateDecision> rate_;
  size_t next_gate_ = 0;
  bool looked_again_ = false;
  bool uncounted_ = false;  // an answer outside the limits, without their headers
};

}  // namespace pharos::api
