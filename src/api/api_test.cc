#include "api/api.h"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <thread>

#include "api/toy_test_support.h"
#include "base/fake_clock.h"
#include "http/testing_catcher.h"
#include "service/keys.h"
#include "service/testing_house.h"

namespace pharos::api {
namespace {

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() {
    toy_ = MakeToy("kener_v4", "/toy");
    toy_.endpoints = {ToyRow("GET", "/toys", "list")};
  }
  ~ApiTest() override {
    if (api_) api_->Stop();
  }

  void Start(ApiSettings settings = {}) {
    auto api = Api::Start(MakeToyServices(verifier_, keys_), settings, house_.clock, house_.metrics,
                          {toy_}, {});
    ASSERT_TRUE(api) << api.error().message;
    api_ = std::move(*api);
  }
  std::string Key(std::vector<std::string> scopes = {}, std::string rate_class = {}) {
    const std::string name = "key" + std::to_string(++made_);
    const auto made = keys_.Create(model::OrgId(1), "test",
                                   {"kener_v4", name, std::move(scopes), {}, rate_class});
    EXPECT_TRUE(made) << made.error().message;
    EXPECT_TRUE(verifier_.Reload());
    return made->text.Reveal();
  }
  http::Response Ask(http::Request request) {
    std::promise<http::Response> promise;
    auto answer = promise.get_future();
    api_->Handle(std::move(request),
                 http::Responder(std::make_unique<http::ResponseCatcher>(std::move(promise))));
    return answer.get();
  }
  static http::Request With(const std::string& key, http::Request request) {
    request.headers.push_back({"Authorization", "Bearer " + key});
    return request;
  }
  static std::string Header(const http::Response& response, std::string_view name) {
    for (const http::Header& header : response.headers) {
      if (header.name == name) return header.value;
    }
    return {};
  }

  service::TestHouse house_;
  service::KeyService keys_{*house_.store, house_.clock};
  service::KeyVerifier verifier_{*house_.store, house_.clock};
  Dialect toy_;
  std::unique_ptr<Api> api_;
  int made_ = 0;
};

TEST_F(ApiTest, PassesTheGatesInTheDialectsOrder) {
  Start();
  EXPECT_EQ(Ask(MakeRequest("GET", "/toy/none")).body, "kener_v4|unauthenticated|who are you");
  EXPECT_EQ(Ask(With("nope", MakeRequest("GET", "/toy/toys"))).body,
            "kener_v4|unauthenticated|never heard of you");
  const std::string key = Key();
  EXPECT_EQ(Ask(With(key, MakeRequest("GET", "/toy/none"))).body,
            "kener_v4|not_found|nothing at /toy/none");
  const http::Response wrong = Ask(With(key, MakeRequest("PUT", "/toy/toys")));
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.body, "kener_v4|invalid|no PUT here");
  EXPECT_EQ(Header(wrong, "allow"), "GET, HEAD");
  const http::Response fine = Ask(With(key, MakeRequest("GET", "/toy/toys")));
  EXPECT_EQ(fine.status, 200);
  EXPECT_EQ(fine.body, "list");
  EXPECT_EQ(Header(fine, "content-type"), "application/json");
}

TEST_F(ApiTest, AKeyMadeBesideTheServerWorksAtOnce) {
  Start();
  ASSERT_TRUE(verifier_.Reload());
  const auto made = keys_.Create(model::OrgId(1), "cli", {"kener_v4", "fresh", {}, {}});
  ASSERT_TRUE(made);
  EXPECT_EQ(Ask(With(made->text.Reveal(), MakeRequest("GET", "/toy/toys"))).status, 200);
}

TEST_F(ApiTest, ABurstWithANewKeyIsLetInWhole) {
  Start();
  ASSERT_TRUE(verifier_.Reload());
  const auto made = keys_.Create(model::OrgId(1), "cli", {"kener_v4", "fresh", {}, {}});
  ASSERT_TRUE(made);
  std::vector<std::future<http::Response>> answers;
  for (int i = 0; i < 200; ++i) {
    std::promise<http::Response> promise;
    answers.push_back(promise.get_future());
    api_->Handle(With(made->text.Reveal(), MakeRequest("GET", "/toy/toys")),
                 http::Responder(std::make_unique<http::ResponseCatcher>(std::move(promise))));
  }
  for (auto& answer : answers) EXPECT_EQ(answer.get().status, 200);
}

TEST_F(ApiTest, RouteMayComeBeforeAuthentication) {
  toy_.gates = {Gate::kRoute, Gate::kAuthentication, Gate::kMethod, Gate::kPermission};
  Start();
  EXPECT_EQ(Ask(MakeRequest("GET", "/toy/none")).body, "kener_v4|not_found|nothing at /toy/none");
  EXPECT_EQ(Ask(MakeRequest("PUT", "/toy/toys")).body, "kener_v4|unauthenticated|who are you");
}

TEST_F(ApiTest, ScopeIsAsked) {
  Start();
  EXPECT_EQ(Ask(With(Key({"toys:read"}), MakeRequest("GET", "/toy/toys"))).status, 200);
  EXPECT_EQ(Ask(With(Key({"toys:*"}), MakeRequest("GET", "/toy/toys"))).status, 200);
  EXPECT_EQ(Ask(With(Key({"toys:write"}), MakeRequest("GET", "/toy/toys"))).body,
            "kener_v4|forbidden|needs toys:read");
}

TEST_F(ApiTest, OtherScopesMayDoAndRefusalsUseTheDialectsWords) {
  toy_.permission_words = {{"look at toys", "toys:read"}, {"admin", "*:*"}};
  toy_.endpoints[0].also_scope = "dolls:read";
  Start();
  EXPECT_EQ(Ask(With(Key({"dolls:read"}), MakeRequest("GET", "/toy/toys"))).status, 200);
  EXPECT_EQ(Ask(With(Key({"cars:read"}), MakeRequest("GET", "/toy/toys"))).body,
            "kener_v4|forbidden|needs look at toys");
  EXPECT_EQ(ToScope(toy_, "admin"), "*:*");
  EXPECT_EQ(ToScope(toy_, "toys:write"), "toys:write");
  EXPECT_EQ(ToScope(toy_, "everything"), "");
  EXPECT_EQ(ToPermissionWord(toy_, "toys:write"), "toys:write");
}

TEST_F(ApiTest, RevokedAndExpiredKeysAreToldApart) {
  Start();
  const std::string key = Key();
  EXPECT_TRUE(keys_.Revoke(model::OrgId(1), "test", "kener_v4", "key1"));
  EXPECT_TRUE(verifier_.Reload());
  EXPECT_EQ(Ask(With(key, MakeRequest("GET", "/toy/toys"))).body,
            "kener_v4|key_revoked|API key revoked");
  const auto made = keys_.Create(model::OrgId(1), "test",
                                 {"kener_v4", "short", {}, house_.clock.Now() + Seconds(60)});
  EXPECT_TRUE(verifier_.Reload());
  const std::string text = made->text.Reveal();
  EXPECT_EQ(Ask(With(text, MakeRequest("GET", "/toy/toys"))).status, 200);
  house_.clock.Advance(Seconds(60));
  EXPECT_EQ(Ask(With(text, MakeRequest("GET", "/toy/toys"))).body,
            "kener_v4|key_expired|API key expired");
}

TEST_F(ApiTest, KeysOfOtherDialectsAreUnknown) {
  toy_.accepts_keys_of = {"kodo"};
  Start();
  EXPECT_EQ(Ask(With(Key(), MakeRequest("GET", "/toy/toys"))).body,
            "kener_v4|unauthenticated|never heard of you");
}

TEST_F(ApiTest, LimitsAndShowsTheRate) {
  toy_.rate_classes = {{"ordinary", 2}};
  toy_.rate_headers = {"x-limit", "x-remaining", "x-reset"};
  Start();
  const std::string key = Key();
  const http::Response first = Ask(With(key, MakeRequest("GET", "/toy/toys")));
  EXPECT_EQ(Header(first, "x-limit"), "2");
  EXPECT_EQ(Header(first, "x-remaining"), "1");
  EXPECT_EQ(Header(first, "x-reset"), "1750000080");
  EXPECT_EQ(Ask(With(key, MakeRequest("GET", "/toy/none"))).status, 400);
  const http::Response refused = Ask(With(key, MakeRequest("GET", "/toy/toys")));
  EXPECT_EQ(refused.body, "kener_v4|rate_limited|Rate limit exceeded");
  EXPECT_EQ(Header(refused, "retry-after"), "60");
  EXPECT_EQ(Header(refused, "x-remaining"), "0");
  // Requests without a usable key count by address and carry the headers too.
  EXPECT_EQ(Header(Ask(MakeRequest("GET", "/toy/toys")), "x-remaining"), "1");
  EXPECT_EQ(Header(Ask(With("guess", MakeRequest("GET", "/toy/toys"))), "x-remaining"), "0");
  EXPECT_EQ(Ask(With("guess", MakeRequest("GET", "/toy/toys"))).body,
            "kener_v4|rate_limited|Rate limit exceeded");
}

TEST_F(ApiTest, KeysCountInTheirOwnClassAndWritesApart) {
  toy_.rate_classes = {{"ordinary", 10},
                       {"business", 50},
                       {"beacon", 0},
                       {"pulse", 70},
                       {"ordinary", 3, 2, "strict"}};
  toy_.anonymous_rate_class = "business";
  toy_.rate_headers = {"x-limit", "x-remaining", "x-reset"};
  const auto row = [&](std::string_view method, std::string_view path, std::string_view rate) {
    Endpoint made = ToyRow(method, path, path.substr(1));
    made.rate_class = rate;
    toy_.endpoints.push_back(made);
  };
  row("GET", "/beacon", "beacon");
  row("GET", "/pulse", "pulse");
  row("POST", "/toys", "ordinary");
  const auto limit = [&](const std::string& key, std::string_view method, std::string_view path) {
    return Header(Ask(With(key, MakeRequest(method, path))), "x-limit");
  };
  Start();
  const std::string plain = Key();
  const std::string business = Key({}, "business");
  const std::string strange = Key({}, "unheard");
  EXPECT_EQ(limit(plain, "GET", "/toy/toys"), "10");
  EXPECT_EQ(limit(plain, "GET", "/toy/none"), "10");
  EXPECT_EQ(limit(plain, "POST", "/toy/toys"), "10");
  EXPECT_EQ(limit(business, "GET", "/toy/toys"), "50");
  EXPECT_EQ(limit(business, "GET", "/toy/pulse"), "70");
  EXPECT_EQ(limit(strange, "GET", "/toy/toys"), "10");
  EXPECT_EQ(limit(plain, "GET", "/toy/beacon"), "");
  EXPECT_EQ(limit("unknown", "GET", "/toy/pulse"), "50");
  api_->Stop();

  ApiSettings settings;
  settings.rate_profiles["kener_v4"] = "strict";
  settings.rate_limits["kener_v4.pulse"] = 7;
  Start(settings);
  EXPECT_EQ(limit(plain, "GET", "/toy/toys"), "3");
  EXPECT_EQ(limit(plain, "POST", "/toy/toys"), "2");
  EXPECT_EQ(limit(business, "GET", "/toy/toys"), "50");
  EXPECT_EQ(limit(plain, "GET", "/toy/pulse"), "7");
}

TEST_F(ApiTest, RefusalsMayBeMoreThanTheirKind) {
  toy_.endpoints[0].act = [](Call& call) -> Result<std::string> {
    call.failure.code = "TOY_NOT_FOUND";
    call.failure.status = 418;
    return Error(ErrorKind::kNotFound, "no such toy");
  };
  toy_.admit = [](Call& call, const model::ApiKey& key) -> Status {
    if (key.rate_class != "free") return Ok();
    call.failure.code = "NO_ACCESS";
    return Error(ErrorKind::kForbidden, "not with this plan");
  };
  Start();
  const http::Response response = Ask(With(Key(), MakeRequest("GET", "/toy/toys")));
  EXPECT_EQ(response.status, 418);
  EXPECT_EQ(response.body, "kener_v4|TOY_NOT_FOUND|no such toy");
  EXPECT_EQ(Ask(With(Key({}, "free"), MakeRequest("GET", "/toy/toys"))).body,
            "kener_v4|NO_ACCESS|not with this plan");
}

TEST_F(ApiTest, SettingsMaySetALimit) {
  ApiSettings settings;
  settings.rate_limits["kener_v4.ordinary"] = 1;
  Start(settings);
  const std::string key = Key();
  EXPECT_EQ(Ask(With(key, MakeRequest("GET", "/toy/toys"))).status, 200);
  const http::Response refused = Ask(With(key, MakeRequest("GET", "/toy/toys")));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(Header(refused, "x-limit"), "");
}

TEST_F(ApiTest, BodiesAreReadOnWorkersAfterTheParentIsFound) {
  Endpoint row = ToyRow("POST", "/toys/{toy}", "make");
  row.execution = Execution::kWorker;
  row.reads_body = true;
  row.success_status = 201;
  row.before_body = [](Call& call) -> Status {
    if (call.params.Find("toy") != "odd") return Ok();
    return Error(ErrorKind::kInvalid, "odd toy");
  };
  row.act = [](Call& call) -> Result<std::string> { return call.body.StringOr("a", "?"); };
  toy_.endpoints.push_back(row);
  toy_.parents = {{"toy", true, [](Call& call) -> Status {
                     if (call.params.Find("toy") != "ghost") return Ok();
                     return Error(ErrorKind::kNotFound, "no ghost");
                   }}};
  toy_.max_body_bytes = 20;
  Start();
  const std::string key = Key();
  const auto post = [&](std::string_view path, std::string body) {
    http::Request request = MakeRequest("POST", path);
    request.body = std::move(body);
    return Ask(With(key, std::move(request)));
  };
  const http::Response made = post("/toy/toys/x", R"({"a":"b"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.body, "b");
  EXPECT_EQ(post("/toy/toys/ghost", "{oops").body, "kener_v4|not_found|no ghost");
  EXPECT_EQ(post("/toy/toys/odd", "{oops").body, "kener_v4|invalid|odd toy");
  for (const char* bad : {"{oops", "", "null", "[1,]", "NaN"}) {
    EXPECT_EQ(post("/toy/toys/x", bad).body, "kener_v4|invalid|cannot read that") << bad;
  }
  EXPECT_EQ(post("/toy/toys/x", "[]").body, "?");
  EXPECT_EQ(post("/toy/toys/x", std::string(21, ' ')).body, "kener_v4|too_large|cannot read that");
}

TEST_F(ApiTest, AsyncEndpointsAnswerLater) {
  Endpoint row = ToyRow("POST", "/push", "push");
  row.scope = kPublicScope;
  row.execution = Execution::kAsync;
  row.act = {};
  std::optional<Answer> kept;
  row.act_async = [&](Call&, Answer answer) { kept = std::move(answer); };
  toy_.endpoints.push_back(row);
  Start();
  std::promise<http::Response> promise;
  auto answer = promise.get_future();
  api_->Handle(MakeRequest("POST", "/toy/push"),
               http::Responder(std::make_unique<http::ResponseCatcher>(std::move(promise))));
  ASSERT_TRUE(kept);
  kept->Send(std::string("later"));
  kept->Send(std::string("too late"));
  EXPECT_EQ(answer.get().body, "later");
}

// The worker is free while an endpoint waits for others, and is asked again for what blocks.
TEST_F(ApiTest, AsyncEndpointsOnWorkersHoldNone) {
  Endpoint row = ToyRow("POST", "/trip", "trip");
  row.scope = kPublicScope;
  row.execution = Execution::kWorkerAsync;
  row.reads_body = true;
  row.act = {};
  std::promise<Answer> handed;
  std::promise<std::thread::id> begun_on;
  row.act_async = [&](Call&, Answer answer) {
    begun_on.set_value(std::this_thread::get_id());
    handed.set_value(std::move(answer));
  };
  toy_.endpoints.push_back(row);
  Endpoint plain = ToyRow("POST", "/plain", "plain");
  plain.scope = kPublicScope;
  plain.execution = Execution::kWorker;
  toy_.endpoints.push_back(plain);
  ApiSettings settings;
  settings.write_workers = 1;
  Start(settings);
  std::promise<http::Response> promise;
  auto answer = promise.get_future();
  http::Request request = MakeRequest("POST", "/toy/trip");
  request.body = "{}";
  api_->Handle(std::move(request),
               http::Responder(std::make_unique<http::ResponseCatcher>(std::move(promise))));
  std::optional<Answer> kept = handed.get_future().get();
  const std::thread::id worker = begun_on.get_future().get();
  EXPECT_NE(worker, std::this_thread::get_id());
  EXPECT_EQ(Ask(MakeRequest("POST", "/toy/plain")).body, "plain");
  kept->Continue([kept = *kept, worker] {
    kept.Send(std::string(std::this_thread::get_id() == worker ? "same pool" : "elsewhere"));
  });
  EXPECT_EQ(answer.get().body, "same pool");
}

TEST_F(ApiTest, ContinuationsEndInAnAnswerToo) {
  Endpoint row = ToyRow("POST", "/trip", "trip");
  row.scope = kPublicScope;
  row.execution = Execution::kWorkerAsync;
  row.act = {};
  std::promise<Answer> handed;
  row.act_async = [&](Call&, Answer answer) { handed.set_value(std::move(answer)); };
  toy_.endpoints.push_back(row);
  Start();
  const auto ask = [&] {
    handed = {};
    std::promise<http::Response> promise;
    auto answer = promise.get_future();
    api_->Handle(MakeRequest("POST", "/toy/trip"),
                 http::Responder(std::make_unique<http::ResponseCatcher>(std::move(promise))));
    return answer;
  };
  auto crashed = ask();
  handed.get_future().get().Continue([] { throw std::runtime_error("secret detail"); });
  EXPECT_EQ(crashed.get().body, "kener_v4|internal|internal error");
  // Nobody works any more.
  auto late = ask();
  const Answer answer = handed.get_future().get();
  api_->Stop();
  answer.Continue([answer] { answer.Send(std::string("done")); });
  EXPECT_EQ(late.get().body, "kener_v4|unavailable|The server is busy, try again later");
}

TEST_F(ApiTest, FullPoolSheds) {
  std::promise<void> release;
  std::promise<void> started;
  std::shared_future<void> gate = release.get_future().share();
  Endpoint row = ToyRow("GET", "/slow", "slow");
  row.execution = Execution::kWorker;
  std::atomic<int> runs = 0;
  row.act = [&](Call&) -> Result<std::string> {
    if (++runs == 1) {
      started.set_value();
      gate.wait();
    }
    return std::string("done");
  };
  toy_.endpoints.push_back(row);
  ApiSettings settings;
  settings.read_workers = 1;
  settings.max_queued = 1;
  Start(settings);
  const std::string key = Key();
  std::vector<std::future<http::Response>> answers;
  const auto ask = [&] {
    std::promise<http::Response> promise;
    answers.push_back(promise.get_future());
    api_->Handle(With(key, MakeRequest("GET", "/toy/slow")),
                 http::Responder(std::make_unique<http::ResponseCatcher>(std::move(promise))));
  };
  ask();
  started.get_future().wait();
  ask();
  ask();
  const http::Response shed = answers[2].get();
  EXPECT_EQ(shed.body, "kener_v4|unavailable|The server is busy, try again later");
  EXPECT_EQ(Header(shed, "retry-after"), "1");
  // Reads from memory go on.
  EXPECT_EQ(Ask(With(key, MakeRequest("GET", "/toy/toys"))).body, "list");
  release.set_value();
  EXPECT_EQ(answers[0].get().body, "done");
  EXPECT_EQ(answers[1].get().body, "done");
}

TEST_F(ApiTest, ExceptionsEndAtTheDoor) {
  Endpoint row = ToyRow("GET", "/crash", "crash");
  row.act = [](Call&) -> Result<std::string> { throw std::runtime_error("secret detail"); };
  toy_.endpoints.push_back(row);
  Start();
  const http::Response response = Ask(With(Key(), MakeRequest("GET", "/toy/crash")));
  EXPECT_EQ(response.body, "kener_v4|internal|internal error");
}

TEST_F(ApiTest, TrailingSlashIsRedirectedBeforeTheKey) {
  toy_.gates.insert(toy_.gates.begin(), Gate::kTrailingSlash);
  Start();
  const http::Response response = Ask(MakeRequest("POST", "/toy/toys/?a=1"));
  EXPECT_EQ(response.status, 308);
  EXPECT_EQ(Header(response, "location"), "/toy/toys?a=1");
  EXPECT_EQ(Ask(MakeRequest("GET", "/toy/none/")).status, 400);
}

TEST_F(ApiTest, PreflightAndDecorationAreTheDialects) {
  toy_.gates.insert(toy_.gates.begin(), Gate::kPreflight);
  toy_.preflight = [](const http::Request&) { return http::Response(204); };
  toy_.decorate = [](const http::Request&, http::Response& response) {
    response.Add("x-toy", "yes");
  };
  Start();
  const http::Response response = Ask(MakeRequest("OPTIONS", "/toy/toys"));
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(Header(response, "x-toy"), "yes");
}

TEST_F(ApiTest, OwnsItsMountsOnly) {
  Start();
  EXPECT_TRUE(api_->Owns(MakeRequest("GET", "/toy/whatever")));
  EXPECT_FALSE(api_->Owns(MakeRequest("GET", "/toys")));
  EXPECT_EQ(api_->dialects().size(), 1u);
}

TEST_F(ApiTest, UnsoundDialectDoesNotStart) {
  toy_.endpoints[0].scope = "";
  const auto api =
      Api::Start(MakeToyServices(verifier_, keys_), {}, house_.clock, house_.metrics, {toy_}, {});
  ASSERT_FALSE(api);
  EXPECT_EQ(api.error().message, "kener_v4: GET /toys has no scope");
}

}  // namespace
}  // namespace pharos::api
