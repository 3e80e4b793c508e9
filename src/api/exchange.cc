#include "api/exchange.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "api/cross_site.h"
#include "base/json.h"
#include "base/log.h"

namespace pharos::api {
namespace {

constexpr int kRetryWhenFull = 1;

// The class in which a request counts; see RateClass. `key` may be null.
std::string_view RateClassFor(const Dialect& dialect, const Endpoint* row,
                              const model::ApiKey* key) {
  const std::string_view ordinary = dialect.rate_classes.front().name;
  const bool is_public = row != nullptr && row->scope == kPublicScope;
  if (is_public || (key != nullptr && row != nullptr && row->rate_class != ordinary)) {
    return row->rate_class;
  }
  const auto known = [&](std::string_view name) {
    const auto& rows = dialect.rate_classes;
    return std::any_of(rows.begin(), rows.end(),
                       [&](const RateClass& c) { return c.name == name; });
  };
  if (key != nullptr) return known(key->rate_class) ? key->rate_class : ordinary;
  return dialect.anonymous_rate_class.empty() ? ordinary : dialect.anonymous_rate_class;
}

bool IsLoopRow(const Endpoint* row) { return row == nullptr || !UsesWorker(row->execution); }

}  // namespace

Exchange::Exchange(Host& host, const Services& services, const Clock& clock,
                   http::Request&& request, http::Responder responder)
    : host_(host), clock_(clock), responder_(std::move(responder)), call_(services, clock) {
  call_.request = std::move(request);
  call_.who = &host.anonymous();
}

void Exchange::Start() {
  Resolve();
  RunGuarded(false);
}

void Exchange::Resolve() {
  resolved_ = host_.resolver().Resolve(call_.request, [this](std::string_view key_text) {
    const auto key = host_.keys().Find(key_text);
    return key ? key->key.dialect : std::string();
  });
  call_.params = resolved_.match.params;
}

void Exchange::RunGuarded(bool on_worker) {
  Guard([this, on_worker] { Run(on_worker); });
}

void Exchange::Guard(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& e) {
    Log(LogLevel::kError, "request failed",
        {{"dialect", resolved_.dialect->name},
         {"path", LoggablePath(*resolved_.mount, call_.request.path)},
         {"what", e.what()}});
    RefuseWith(Error::Internal(e.what()), Problem::kCrash);
  }
}

void Exchange::Run(bool on_worker) {
  const std::vector<Gate>& gates = resolved_.dialect->gates;
  while (next_gate_ < gates.size()) {
    const Gate gate = gates[next_gate_];
    if (!on_worker && Blocks(gate)) return HopToWorker();
    ++next_gate_;
    const Step step = Pass(gate);
    if (step == Step::kAnswered) return;
    if (step == Step::kLookAgain) return LookForKeyAgain();
  }
  if (!on_worker && !IsLoopRow(resolved_.match.endpoint)) return HopToWorker();
  RunEndpoint();
}

void Exchange::HopToWorker() {
  PostToWorker([self = shared_from_this()] { self->RunGuarded(true); });
}

void Exchange::Continue(std::function<void()> work) {
  PostToWorker([self = shared_from_this(), work = std::move(work)] { self->Guard(work); });
}

void Exchange::PostToWorker(std::function<void()> job) {
  if (host_.Post(call_.request.method, std::move(job))) return;
  Refuse(Problem::kOverloaded, ErrorKind::kUnavailable, resolved_.dialect->texts.overloaded,
         kRetryWhenFull);
}

// The command line may have made the key a moment ago, beside this server. The gates so far have no
// effects, so they are simply passed again, with whatever dialect the key now stands for.
void Exchange::LookForKeyAgain() {
  looked_again_ = true;
  next_gate_ = 0;
  auto self = shared_from_this();
  const bool asked = host_.LookForKeys([self] {
    self->Resolve();
    self->RunGuarded(false);
  });
  if (!asked) RunGuarded(false);
}

bool Exchange::Blocks(Gate gate) const {
  if (gate == Gate::kBody) return !IsLoopRow(resolved_.match.endpoint);
  if (gate != Gate::kParent || !resolved_.match.path_known) return false;
  const auto& parents = resolved_.dialect->parents;
  return std::any_of(parents.begin(), parents.end(), [&](const Parent& parent) {
    return parent.blocks && !call_.params.Find(parent.param).empty();
  });
}

Exchange::Step Exchange::Pass(Gate gate) {
  const Dialect& dialect = *resolved_.dialect;
  switch (gate) {
    case Gate::kKnownMethod: {
      const auto& methods = dialect.methods;
      const bool known =
          std::find(methods.begin(), methods.end(), call_.request.method) != methods.end();
      if (known) return Step::kGoOn;
      return Refuse(Problem::kUnknownMethod, ErrorKind::kInvalid, dialect.texts.unknown_method);
    }
    case Gate::kTrailingSlash:
      return RedirectSlash();
    case Gate::kPreflight:
      if (call_.request.method != "OPTIONS" || !dialect.preflight) return Step::kGoOn;
      uncounted_ = true;
      Send(dialect.preflight(call_.request));
      return Step::kAnswered;
    case Gate::kCsrf:
      return GuardCrossSite();
    case Gate::kAuthentication:
      return Authenticate();
    case Gate::kRateLimit:
      return LimitRate();
    case Gate::kRoute:
      if (resolved_.match.path_known) return Step::kGoOn;
      return Refuse(Problem::kUnknownRoute, ErrorKind::kNotFound, dialect.texts.unknown_route);
    case Gate::kParent:
      return FindParents();
    case Gate::kMethod:
      if (resolved_.match.endpoint != nullptr) return Step::kGoOn;
      return Refuse(Problem::kWrongMethod, ErrorKind::kInvalid, dialect.texts.wrong_method);
    case Gate::kPermission:
      return CheckPermission();
    case Gate::kBody:
      return ReadBody();
  }
  return Step::kGoOn;
}

Exchange::Step Exchange::RedirectSlash() {
  const http::Request& request = call_.request;
  if (resolved_.match.path_known) return Step::kGoOn;
  if (!host_.resolver().IsPathPlusSlash(resolved_, request.path)) return Step::kGoOn;
  http::Response response(308);
  std::string location = request.path.substr(0, request.path.size() - 1);
  if (!request.query.empty()) location += "?" + request.query;
  response.Add("location", std::move(location));
  Send(std::move(response));
  return Step::kAnswered;
}

Exchange::Step Exchange::GuardCrossSite() {
  switch (JudgeFormPost(call_.request)) {
    case CrossSite::kFine:
      return Step::kGoOn;
    case CrossSite::kForeign:
      return Refuse(Problem::kCrossSite, ErrorKind::kForbidden,
                    resolved_.dialect->texts.cross_site);
    case CrossSite::kUnreadable:
      // The client's doing, so nothing for the log.
      return RefuseWith(Error::Internal("Origin header cannot be read"), Problem::kCrash);
  }
  return Step::kGoOn;
}

Exchange::Step Exchange::Authenticate() {
  const Dialect& dialect = *resolved_.dialect;
  const Endpoint* row = resolved_.match.endpoint;
  if (row != nullptr && row->scope == kPublicScope) return Step::kGoOn;
  if (row == nullptr && resolved_.mount->keyless) return Step::kGoOn;
  const std::string_view text = ReadCredential(dialect, call_.request);
  if (text.empty()) {
    if (row != nullptr && row->keyless && row->keyless(call_)) return Step::kGoOn;
    return RefuseCaller(Problem::kMissingKey,
                        {ErrorKind::kUnauthenticated, std::string(dialect.texts.missing_key)});
  }
  key_ = host_.keys().Find(text);
  if (!key_ && !looked_again_) return Step::kLookAgain;
  const auto accepts = [&](std::string_view name) { return key_->key.dialect == name; };
  if (!key_ ||
      std::none_of(dialect.accepts_keys_of.begin(), dialect.accepts_keys_of.end(), accepts)) {
    key_ = nullptr;
    return RefuseCaller(Problem::kUnusableKey,
                        {ErrorKind::kUnauthenticated, std::string(dialect.texts.unknown_key)});
  }
  if (Status usable = service::KeyVerifier::CheckUsable(*key_, clock_.Now()); !usable) {
    key_ = nullptr;
    return RefuseCaller(Problem::kUnusableKey, usable.error());
  }
  call_.who = &key_->principal;
  host_.keys().NoteUse(*key_);
  return Step::kGoOn;
}

// Guessing keys has its limit too, per address.
Exchange::Step Exchange::RefuseCaller(Problem problem, const Error& error) {
  const auto& gates = resolved_.dialect->gates;
  if (std::find(gates.begin(), gates.end(), Gate::kRateLimit) != gates.end()) {
    if (LimitRate() == Step::kAnswered) return Step::kAnswered;
  }
  return RefuseWith({error.kind, FillIn(error.message, call_.request, {})}, problem);
}

void Exchange::CountRate() {
  if (rate_ || uncounted_) return;
  const Dialect& dialect = *resolved_.dialect;
  const Endpoint* row = resolved_.match.endpoint;
  if (dialect.rate_classes.empty()) return;
  const std::string_view rate_class = RateClassFor(dialect, row, key_ ? &key_->key : nullptr);
  const RateBudget budget = host_.RateBudgetOf(dialect, rate_class, call_.request.method);
  if (budget.per_minute <= 0) return;
  std::string caller(dialect.name);
  caller.append("/").append(rate_class).append(budget.writes ? "/writes/" : "/");
  if (key_) {
    caller.append("key ").append(std::to_string(key_->key.id.value()));
  } else {
    caller.append("peer ").append(call_.request.peer_address);
  }
  rate_ = host_.limiter().Count(caller, budget.per_minute);
}

Exchange::Step Exchange::LimitRate() {
  CountRate();
  if (!rate_ || rate_->allowed) return Step::kGoOn;
  return Refuse(Problem::kRateLimited, ErrorKind::kRateLimited,
                resolved_.dialect->texts.rate_limited, rate_->retry_after_s);
}

Exchange::Step Exchange::FindParents() {
  if (!resolved_.match.path_known) return Step::kGoOn;
  for (const Parent& parent : resolved_.dialect->parents) {
    if (call_.params.Find(parent.param).empty()) continue;
    if (Status found = parent.find(call_); !found) return RefuseWith(found.error());
  }
  return Step::kGoOn;
}

Exchange::Step Exchange::CheckPermission() {
  const Endpoint* row = resolved_.match.endpoint;
  if (key_ && resolved_.dialect->admit) {
    if (Status fine = resolved_.dialect->admit(call_, key_->key); !fine) {
      return RefuseWith(fine.error());
    }
  }
  if (row == nullptr || row->scope == kPublicScope || row->scope == kAnyKeyScope) {
    return Step::kGoOn;
  }
  // Only who was let in without a key comes here without one.
  if (!key_ && row->keyless) return Step::kGoOn;
  if (call_.who->Has(row->scope)) return Step::kGoOn;
  if (!row->also_scope.empty() && call_.who->Has(row->also_scope)) return Step::kGoOn;
  return Refuse(Problem::kScopeMissing, ErrorKind::kForbidden,
                resolved_.dialect->texts.scope_missing);
}

Exchange::Step Exchange::ReadBody() {
  const Endpoint* row = resolved_.match.endpoint;
  if (row == nullptr) return Step::kGoOn;
  const Dialect& dialect = *resolved_.dialect;
  if (row->before_body) {
    if (Status fine = row->before_body(call_); !fine) return RefuseWith(fine.error());
  }
  if (!row->reads_body) return Step::kGoOn;
  if (call_.request.body_too_large || call_.request.body.size() > dialect.max_body_bytes) {
    return Refuse(Problem::kBodyTooLarge, ErrorKind::kTooLarge, dialect.texts.bad_body);
  }
  JsonLimits limits;
  limits.max_bytes = dialect.max_body_bytes;
  Result<Value> body = ParseJson(call_.request.body, limits);
  if (!body || body->IsNull()) {
    return Refuse(Problem::kBadBody, ErrorKind::kInvalid, dialect.texts.bad_body);
  }
  call_.body = std::move(*body);
  return Step::kGoOn;
}

void Exchange::RunEndpoint() {
  const Endpoint& row = *resolved_.match.endpoint;
  call_.status = row.success_status;
  call_.content_type = resolved_.dialect->content_type;
  if (AnswersLater(row.execution)) {
    row.act_async(call_, Answer(shared_from_this()));
    return;
  }
  Finish(row.act(call_));
}

void Exchange::Finish(Result<std::string> body) {
  if (!body) {
    RefuseWith(body.error());
    return;
  }
  http::Response response(call_.status);
  if (!call_.content_type.empty()) {
    response.headers.reserve(call_.headers.size() + 1);
    response.Add("content-type", std::string(call_.content_type));
  }
  for (http::Header& header : call_.headers) response.headers.push_back(std::move(header));
  response.body = std::move(*body);
  Send(std::move(response));
}

Exchange::Step Exchange::Refuse(Problem problem, ErrorKind kind, std::string_view text,
                                int retry_after_s) {
  const Endpoint* row = resolved_.match.endpoint;
  const std::string scope = row ? ToPermissionWord(*resolved_.dialect, row->scope) : std::string();
  Error error(kind, FillIn(text, call_.request, scope));
  error.retry_after_s = retry_after_s;
  return RefuseWith(error, problem);
}

Exchange::Step Exchange::RefuseWith(const Error& error, Problem problem) {
  const Dialect& dialect = *resolved_.dialect;
  const ErrorRow& row = *FindErrorRow(dialect, error.kind);
  Failure failure;
  failure.problem = problem;
  failure.status = row.status;
  failure.code = row.code;
  failure.message = row.fixed || error.message.empty() ? std::string(row.text) : error.message;
  failure.fields = error.fields;
  failure.retry_after_s = error.retry_after_s;
  failure.area = resolved_.mount->area;
  failure.details = std::move(call_.failure.details);
  if (call_.failure.status != 0) failure.status = call_.failure.status;
  if (!call_.failure.code.empty()) failure.code = call_.failure.code;
  if (problem == Problem::kWrongMethod) {
    failure.status = 405;
    failure.allow = Router::Allow(*resolved_.match.rows, dialect.head_as_get);
  }
  if (error.kind == ErrorKind::kInternal && problem != Problem::kCrash) {
    LogError(
        "request failed", error,
        {{"dialect", dialect.name}, {"path", LoggablePath(*resolved_.mount, call_.request.path)}});
  }
  http::Response response = dialect.envelope(call_.request, failure);
  if (failure.retry_after_s > 0) {
    response.Add("retry-after", std::to_string(failure.retry_after_s));
  }
  Send(std::move(response));
  return Step::kAnswered;
}

void Exchange::Send(http::Response response) {
  if (!responder_) return;
  const Dialect& dialect = *resolved_.dialect;
  if (!dialect.rate_headers.limit.empty()) {
    CountRate();
    if (rate_) {
      const RateHeaders& names = dialect.rate_headers;
      response.Add(std::string(names.limit), std::to_string(rate_->limit));
      response.Add(std::string(names.remaining), std::to_string(rate_->remaining));
      response.Add(std::string(names.reset), std::to_string(rate_->reset_unix));
    }
  }
  if (dialect.decorate) dialect.decorate(call_.request, response);
  if (call_.request.body_too_large) response.close = true;
  host_.CountAnswer(dialect, response.status);
  responder_.Send(std::move(response));
}

}  // namespace pharos::api
