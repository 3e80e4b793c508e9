#include "service/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/one_shot.h"
#include "service/monitors.h"
#include "service/testing_house.h"
#include "store/evidence_store.h"
#include "store/monitor_store.h"

namespace pharos::service {
namespace {

using model::CheckEvidence;
using model::Status;
using testing::ElementsAre;
using testing::IsEmpty;

CheckEvidence Good() {
  CheckEvidence e;
  e.addresses = {{"192.0.2.1", "connected"}};
  e.remote_address = "192.0.2.1";
  e.phases = {{"connect", 1'000}, {"first_byte", 40'000}};
  e.chain = {{"CN=shop", "CN=Issuer A", "SHA256:1", {}, FromUnixSeconds(1'780'000'000)}};
  e.status = 200;
  e.headers = {{"Server", "nginx"}, {"Date", "today"}, {"X-Cache", "hit"}};
  e.body = "<html>shop</html>";
  e.body_bytes = 17;
  e.body_digest = "aa";
  return e;
}

TEST(DifferencesTest, EachKindOfChangeHasItsText) {
  const struct {
    const char* what;
    std::function<void(CheckEvidence&)> change;
    std::vector<std::string> texts;
  } rows[] = {
      {"nothing", [](CheckEvidence&) {}, {}},
      {"restless headers", [](CheckEvidence& e) { e.headers[1].second = "tomorrow"; }, {}},
      {"address",
       [](CheckEvidence& e) {
         e.addresses = {{"192.0.2.9", "refused"}, {"192.0.2.8", "no answer"}};
       },
       {"the host stands for 192.0.2.8, 192.0.2.9, was 192.0.2.1"}},
      {"no address",
       [](CheckEvidence& e) { e.addresses.clear(); },
       {"no address was tried, the host stood for 192.0.2.1"}},
      {"certificate",
       [](CheckEvidence& e) {
         e.chain = {{"CN=shop", "CN=Issuer B", "SHA256:2", {}, FromUnixSeconds(1'770'000'000)}};
       },
       {"the server shows another certificate",
        "the certificate's issuer is CN=Issuer B, was CN=Issuer A",
        "the certificate's end is 2026-02-02T02:40:00Z, was 2026-05-28T20:26:40Z"}},
      {"status", [](CheckEvidence& e) { e.status = 503; }, {"status is 503, was 200"}},
      {"no answer",
       [](CheckEvidence& e) {
         e.status = 0;
         e.body_bytes = -1;
         e.headers.clear();
       },
       {"no HTTP answer, was 200"}},
      {"redirect",
       [](CheckEvidence& e) { e.redirects = {{302, "/login"}}; },
       {"redirected to /login, was not redirected"}},
      {"size", [](CheckEvidence& e) { e.body_bytes = 3; }, {"body is 3 bytes, was 17"}},
      {"content", [](CheckEvidence& e) { e.body_digest = "bb"; }, {"body begins differently"}},
      {"time",
       [](CheckEvidence& e) { e.phases[1].second = 5'200'000; },
       {"first byte took 5.2 s, was 40.0 ms"}},
      {"a little slower", [](CheckEvidence& e) { e.phases[1].second = 90'000; }, {}},
      {"headers",
       [](CheckEvidence& e) { e.headers = {{"server", "apache"}, {"Via", "proxy"}}; },
       {"header server is apache, was nginx", "header Via is new: proxy",
        "header X-Cache is gone, was hit"}},
  };
  for (const auto& row : rows) {
    CheckEvidence seen = Good();
    row.change(seen);
    EXPECT_EQ(Differences(Good(), seen), row.texts) << row.what;
  }
}

class EvidenceServiceTest : public testing::Test {
 protected:
  model::Monitor Add(model::OrgId org, const std::string& tag) {
    model::Monitor m;
    m.uid = tag + "-uid";
    m.org = org;
    m.tag = m.name = tag;
    m.kind = "http";
    m.spec = Value(Value::Object{});
    m.schedule = {model::Schedule::Kind::kInterval, Minutes(1), "", ""};
    m.created_at = m.updated_at = house_.clock.Now();
    EXPECT_TRUE(house_.store->Write([&](store::Transaction& tx) -> Status_ {
      PHAROS_ASSIGN_OR_RETURN(m, house_.store->monitors().Insert(tx, m));
      return Ok();
    }));
    house_.directory.Put(m);
    return m;
  }
  using Status_ = pharos::Status;

  // As the scheduler hands it in.
  void Submit(const model::Monitor& m, Status status, const std::string& message,
              const CheckEvidence& seen) {
    house_.clock.Advance(Minutes(1));
    model::CheckResult r;
    r.monitor = m.id;
    r.at = r.finished_at = house_.clock.Now();
    r.observed = status;
    r.message = message;
    r.evidence = std::make_shared<CheckEvidence>(seen);
    OneShot<Status_> done;
    ASSERT_TRUE(house_.intake->Submit(r, [&](Status_ s) { done.Set(std::move(s)); }));
    EXPECT_TRUE(done.Take());
  }

  TestHouse house_;
  EvidenceService evidence_{*house_.context};
};

TEST_F(EvidenceServiceTest, FailuresStandBesideTheLastGoodCheck) {
  const model::Monitor m = Add(house_.who.org, "shop");
  EXPECT_TRUE(evidence_.Read(m, 5)->failures.empty());
  Submit(m, Status::kUp, "", Good());
  CheckEvidence bad = Good();
  bad.status = 503;
  Submit(m, Status::kDown, "HTTP 503", bad);
  const MonitorEvidence read = evidence_.Read(m, 5).value();
  ASSERT_EQ(read.failures.size(), 1U);
  EXPECT_EQ(read.failures[0].record.message, "HTTP 503");
  EXPECT_EQ(read.failures[0].record.seen, bad);
  EXPECT_THAT(read.failures[0].changes, ElementsAre("status is 503, was 200"));
  ASSERT_TRUE(read.good);
  EXPECT_EQ(read.good->seen, Good());
  EXPECT_EQ(evidence_.Read(m, 0).error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(evidence_.Read(m, 21).error().kind, ErrorKind::kInvalid);
}

TEST_F(EvidenceServiceTest, AnotherOrganisationSeesNothing) {
  const model::Monitor mine = Add(house_.who.org, "shop");
  Submit(mine, Status::kDown, "HTTP 503", Good());
  model::Monitor theirs = mine;  // a forged handle: right monitor, other organisation
  theirs.org = model::OrgId(77);
  const MonitorEvidence read = evidence_.Read(theirs, 5).value();
  EXPECT_THAT(read.failures, IsEmpty());
  EXPECT_FALSE(read.good);
}

TEST_F(EvidenceServiceTest, OldEvidenceGoesWithTheHistory) {
  const model::Monitor m = Add(house_.who.org, "shop");
  Submit(m, Status::kUp, "", Good());
  Submit(m, Status::kDown, "HTTP 503", Good());
  const Timestamp old = house_.clock.Now() + Seconds(1);
  Submit(m, Status::kDown, "refused", Good());
  const auto cutoff = [&](model::OrgId) { return old; };
  while (evidence_.Prune(cutoff).value()) {
  }
  const MonitorEvidence read = evidence_.Read(m, 5).value();
  ASSERT_EQ(read.failures.size(), 1U);
  EXPECT_EQ(read.failures[0].record.message, "refused");
  EXPECT_TRUE(read.good) << "the good one is one row and stays";
}

}  // namespace
}  // namespace pharos::service
