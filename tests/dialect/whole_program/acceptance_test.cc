// product.md 15.2 against the whole program, from results at intake's door to what an API and a
// channel say. Pages, badges and feeds (checks 2 and 6) are seen in tests/e2e/acceptance_test.py;
// of checks 9 (mail of subscribers) and 10 (roles of the console) this program has nothing yet.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "base/one_shot.h"
#include "store/delivery_store.h"
#include "webhook_receiver.h"

namespace pharos {
namespace {

class AcceptanceTest : public WholeProgramTest {
 protected:
  void SetUp() override {
    WholeProgramTest::SetUp();
    UseKeyOf("kener_v4");
    start_ = FloorToMinute(clock_.Now());
  }

  // Made by the API, checked by the test: nobody else looks at it.
  void Make(const std::string& tag, const std::string& more = "") {
    Post("/api/v4/monitors",
         R"({"tag":")" + tag + R"(","name":")" + tag + R"(","monitor_type":"API","cron":null,)" +
             R"("type_data":{"url":"http://127.0.0.1:1/"},"default_status":"NONE")" + more + "}",
         201);
  }
  const model::Monitor& Find(const std::string& tag) {
    found_ = wiring_->use_cases().monitors.FindByTag(who_, tag);
    EXPECT_NE(found_, nullptr) << tag;
    return *found_;
  }
  // What a check found in the present minute.
  void Found(const std::string& tag, model::Status status) {
    model::CheckResult result;
    result.monitor = Find(tag).id;
    result.at = result.finished_at = clock_.Now();
    result.observed = status;
    result.latency_ms = 30;
    OneShot<Status> outcome;
    ASSERT_TRUE(wiring_->use_cases().context.intake.Submit(
        std::move(result), [&](Status done) { outcome.Set(std::move(done)); }));
    ASSERT_TRUE(outcome.Take());
  }
  void NextMinute() { clock_.Advance(Minutes(1)); }

  // One letter per minute since the start of the test, as the API tells them.
  std::string Line(const std::string& tag) {
    const int64_t from = ToUnixSeconds(start_);
    const int64_t to = ToUnixSeconds(clock_.Now()) + 60;
    const Value answer = Send("GET", "/api/v4/monitors/" + tag + "/data", "", 200,
                              "start_ts=" + std::to_string(from) + "&end_ts=" + std::to_string(to));
    std::string line;
    const Value* data = answer.Find("data");
    if (data == nullptr) return "?";
    for (const Value& row : data->AsList()) line += row.StringOr("status", "?").substr(0, 2);
    return line;
  }
  void AddChannel(const WebhookReceiver& receiver) {
    model::Channel draft;
    draft.kind = "webhook";
    draft.name = "Listener";
    draft.config.Set("url", receiver.Url());
    draft.scope = model::ChannelScope::kAllMonitors;
    const auto made = wiring_->use_cases().channels.Create(who_, std::move(draft));
    ASSERT_TRUE(made) << made.error().message;
  }

  // Until so many messages are out and written down as sent; the clock has to stand still
  // meanwhile, or the pool takes them for lost and sends them again.
  bool AwaitSent(size_t count) {
    std::mutex mutex;
    std::condition_variable never;
    auto& store = wiring_->use_cases().context.store;
    for (int i = 0; i < 1000; ++i) {
      auto session = store.Read().value();
      const auto rows = store.deliveries().List(*session, who_.org, 100).value();
      session.reset();
      const auto sent = std::count_if(rows.begin(), rows.end(), [](const model::Delivery& row) {
        return row.state == model::DeliveryState::kSent;
      });
      if (static_cast<size_t>(sent) >= count) return true;
      std::unique_lock lock(mutex);
      never.wait_for(lock, std::chrono::milliseconds(20));
    }
    return false;
  }

  Timestamp start_{};
  service::MonitorPtr found_;
};

// Check 1: threshold 3, and history corrected as in 1.9. "UP" and "DO" per minute.
TEST_F(AcceptanceTest, Product152Check1UpDownUpWithCorrectedHistory) {
  Make("web", R"(,"confirmation_threshold":3)");
  const auto minute = [&](model::Status status) {
    Found("web", status);
    const std::string line = Line("web");
    NextMinute();
    return line;
  };
  EXPECT_EQ(minute(model::Status::kUp), "UP");
  EXPECT_EQ(minute(model::Status::kDown), "UPUP");
  EXPECT_EQ(minute(model::Status::kDown), "UPUPUP");
  EXPECT_EQ(minute(model::Status::kDown), "UPDODODO");
  EXPECT_EQ(minute(model::Status::kUp), "UPDODODODO");
  EXPECT_EQ(minute(model::Status::kUp), "UPDODODODODO");
  EXPECT_EQ(minute(model::Status::kUp), "UPDODODOUPUPUP");
}

// Check 2, the API's part.
TEST_F(AcceptanceTest, Product152Check2AnIncidentShowsWithinAMinute) {
  Make("shop");
  Found("shop", model::Status::kUp);
  const Value made =
      Post("/api/v4/incidents",
           R"({"title":"Checkout","start_date_time":)" + std::to_string(ToUnixSeconds(start_)) +
               R"(,"monitors":[{"monitor_tag":"shop","impact":"DOWN"}]})",
           201);
  NextMinute();
  Found("shop", model::Status::kUp);
  EXPECT_EQ(Line("shop"), "UPDO");
  const int64_t id = made.Find("incident")->IntOr("id", 0);
  const std::string path = "/api/v4/incidents/" + std::to_string(id) + "/comments";
  Post(path, R"({"comment":"Fixed","state":"RESOLVED"})", 201);
  NextMinute();
  Found("shop", model::Status::kUp);
  EXPECT_EQ(Line("shop"), "UPDOUP") << "past minutes stay, the next one is free";
}

// Check 3.
TEST_F(AcceptanceTest, Product152Check3AWeeklyMaintenance) {
  Make("shop");
  WebhookReceiver receiver;
  AddChannel(receiver);
  Found("shop", model::Status::kUp);
  model::Maintenance weekly;
  weekly.title = "Weekly work";
  weekly.starts_at = start_ + Minutes(1);
  weekly.rrule = "FREQ=WEEKLY";
  weekly.duration = Hours(2);
  weekly.impacts = {{Find("shop").id, model::Status::kMaintenance}};
  auto& maintenances = wiring_->use_cases().maintenances;
  const auto made = maintenances.Create(who_, weekly);
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_TRUE(maintenances.Generate());
  service::OccurrenceQuery query;
  query.maintenance = made->id;
  auto events = maintenances.Occurrences(who_, query).value();
  ASSERT_GE(events.size(), 1U);
  for (const model::Occurrence& event : events) {
    EXPECT_EQ((event.starts_at - weekly.starts_at) % Days(7), Duration::zero());
    EXPECT_LE(event.starts_at, clock_.Now() + Days(7));
  }
  NextMinute();
  ASSERT_TRUE(maintenances.Step());
  Found("shop", model::Status::kDown);
  EXPECT_EQ(Line("shop"), "UPMA");
  const auto ongoing = std::find_if(events.begin(), events.end(), [&](const auto& event) {
    return event.starts_at <= clock_.Now() && event.ends_at >= clock_.Now();
  });
  ASSERT_NE(ongoing, events.end());
  NextMinute();
  ASSERT_TRUE(maintenances.Step());
  const auto done =
      maintenances.MoveOccurrence(who_, ongoing->id, model::OccurrenceState::kCompleted);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_LT(done->ends_at, ongoing->ends_at) << "completed early is shorter";
  Found("shop", model::Status::kUp);
  EXPECT_EQ(Line("shop"), "UPMAUP");
  // What comes out first afterwards shows that nothing was sent meanwhile.
  NextMinute();
  Found("shop", model::Status::kDown);
  const auto posts = receiver.WaitFor(1);
  ASSERT_EQ(posts.size(), 1U);
  EXPECT_NE(BodyOf(posts[0]).find("\"down\""), std::string::npos);
}

// Check 4, as far as this program has alert rules: two failed checks, one webhook, one recovery.
TEST_F(AcceptanceTest, Product152Check4OneWebhookAndOneRecovery) {
  Make("web", R"(,"confirmation_threshold":2)");
  WebhookReceiver receiver;
  AddChannel(receiver);
  const auto next = [&](model::Status seen) {
    Found("web", seen);
    NextMinute();
  };
  for (int n = 0; n < 2; ++n) next(model::Status::kUp);
  next(model::Status::kDown);
  Found("web", model::Status::kDown);
  ASSERT_TRUE(AwaitSent(1));
  for (int n = 0; n < 3; ++n) next(model::Status::kDown);
  next(model::Status::kUp);
  Found("web", model::Status::kUp);
  ASSERT_TRUE(AwaitSent(2));
  for (int n = 0; n < 3; ++n) next(model::Status::kUp);
  // A third message would come before those of another monitor.
  Make("last");
  Found("last", model::Status::kDown);
  const auto posts = receiver.WaitFor(3);
  std::string all;
  for (const std::string& post : posts) all += BodyOf(post) + "\n";
  ASSERT_EQ(posts.size(), 3U) << all;
  int of_web = 0;
  for (const std::string& post : posts) {
    of_web += BodyOf(post).find("\"web\"") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(of_web, 2);
}

// Check 7, judged as the scheduler judges it.
TEST_F(AcceptanceTest, Product152Check7SilenceOfAHeartbeat) {
  Post("/api/v4/monitors",
       R"({"tag":"cron","name":"Cron","monitor_type":"HEARTBEAT","cron":null,)"
       R"("type_data":{"degradedRemainingMinutes":5,"downRemainingMinutes":10,)"
       R"("secretString":"quiet-harbour"}})",
       201);
  const auto& heartbeats = wiring_->use_cases().heartbeats;
  EXPECT_EQ(heartbeats.StatusNow(Find("cron")), model::Status::kNoData);
  Send("GET", "/ext/heartbeat/cron/quiet-harbour", "", 200);
  EXPECT_EQ(heartbeats.StatusNow(Find("cron")), model::Status::kUp);
  for (int n = 0; n < 5; ++n) NextMinute();
  EXPECT_EQ(heartbeats.StatusNow(Find("cron")), model::Status::kUp) << "five minutes are allowed";
  clock_.Advance(Seconds(1));
  EXPECT_EQ(heartbeats.StatusNow(Find("cron")), model::Status::kDegraded);
  for (int n = 0; n < 5; ++n) NextMinute();
  EXPECT_EQ(heartbeats.StatusNow(Find("cron")), model::Status::kDown);
  Send("GET", "/ext/heartbeat/cron/quiet-harbour", "", 200);
  EXPECT_EQ(heartbeats.StatusNow(Find("cron")), model::Status::kUp);
}

// Check 8.
TEST_F(AcceptanceTest, Product152Check8AGroupOfThree) {
  for (const char* tag : {"a", "b", "c"}) {
    Make(tag);
    Found(tag, model::Status::kUp);
  }
  Post("/api/v4/monitors",
       R"({"tag":"all","name":"All","monitor_type":"GROUP","cron":null,"type_data":{"monitors":[)"
       R"({"tag":"a","weight":0.5},{"tag":"b","weight":0.3},{"tag":"c","weight":0.2}],)"
       R"("executionDelay":1000,"latencyCalculation":"AVG"}})",
       201);
  NextMinute();
  Found("a", model::Status::kDown);
  EXPECT_EQ(Line("all"), "DE");
  NextMinute();
  Found("b", model::Status::kDown);
  Found("c", model::Status::kDown);
  EXPECT_EQ(Line("all"), "DEDO");
  NextMinute();
  for (const char* tag : {"a", "b", "c"}) Found(tag, model::Status::kUp);
  EXPECT_EQ(Line("all"), "DEDOUP");
}

}  // namespace
}  // namespace pharos
