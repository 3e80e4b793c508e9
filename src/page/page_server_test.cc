#include "page/page_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <thread>

#include "base/fake_clock.h"
#include "page/testing_fixtures.h"
#include "service/pages.h"

namespace pharos::page {
namespace {

using model::Status;
using testing::Get;
using ::testing::HasSubstr;
using testing::MakeMonitor;
using testing::MakeOverview;
using testing::Reply;
using testing::RespondTo;

// Builds whose beginning, content and failure the test controls.
class Builds {
 public:
  PageServer::Source source() {
    return [this] { return Next(); };
  }
  void set_status(Status status) {
    std::lock_guard lock(mutex_);
    status_ = status;
  }
  void set_failing(bool failing) {
    std::lock_guard lock(mutex_);
    failing_ = failing;
  }
  void Hold() {
    std::lock_guard lock(mutex_);
    held_ = true;
  }
  void Release() {
    std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  // A build is published after its source returned, so the begin of build n + 1 or Stop proves n.
  bool WaitBegun(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return begun_ >= count; });
  }
  int begun() {
    std::lock_guard lock(mutex_);
    return begun_;
  }

 private:
  Result<PageServer::Input> Next() {
    std::unique_lock lock(mutex_);
    ++begun_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !held_; });
    if (failing_) return Error::Unavailable("store is away", 1);
    PageServer::Input input;
    input.overview = MakeOverview({MakeMonitor(1, "Website", status_)});
    input.pages = {testing::MakeHome()};
    input.site = {{"siteName", Value("Northwind"), "string"}};
    return input;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int begun_ = 0;
  bool held_ = false;
  bool failing_ = false;
  Status status_ = Status::kUp;
};

class PageServerTest : public ::testing::Test {
 protected:
  void TearDown() override {
    builds_.Release();
    if (server_) server_->Stop();
  }

  void Start(size_t max_streams = 10) {
    PageSettings settings;
    settings.max_streams = max_streams;
    server_ = PageServer::Start(settings, builds_.source(), board_, clock_, metrics_);
  }
  Reply Ask(http::Request request) {
    auto reply = std::make_shared<Reply>();
    server_->Handle(std::move(request), RespondTo(reply));
    return *reply;
  }
  // Asks until `builds` builds are done, then once more. They count as done when their time has
  // been taken, so the test may move the clock afterwards.
  Reply AskUntilBuilt(int builds = 1) {
    const std::string done = "pharos_page_builds_total " + std::to_string(builds) + "\n";
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (metrics_.Render().find(done) == std::string::npos) {
      if (std::chrono::steady_clock::now() > end) {
        ADD_FAILURE() << "no build " << builds;
        break;
      }
      std::this_thread::yield();
    }
    return Ask(Get("/"));
  }
  void Publish(notices::Notice::Kind kind) {
    board_.Publish({{kind, model::OrgId(1), model::MonitorId(1)}});
  }

  Builds builds_;
  notices::Board board_;
  FakeClock clock_;
  Metrics metrics_;
  std::unique_ptr<PageServer> server_;
};

TEST_F(PageServerTest, BeforeTheFirstBuildVisitorsAreAskedToWait) {
  builds_.Hold();
  Start();
  ASSERT_TRUE(builds_.WaitBegun(1));
  for (const char* path : {"/", "/badge/m1/status", "/live"}) {
    const Reply reply = Ask(Get(path));
    EXPECT_EQ(reply.response.status, 503) << path;
    EXPECT_EQ(reply.Header("retry-after"), "2");
    EXPECT_THAT(reply.body(), HasSubstr("The status page is starting"));
  }
  builds_.Release();
  AskUntilBuilt();
}

TEST_F(PageServerTest, ServesThePage) {
  Start();
  const Reply reply = AskUntilBuilt();
  EXPECT_THAT(reply.body(), HasSubstr("Northwind"));
  EXPECT_THAT(reply.body(), HasSubstr("Website"));
  EXPECT_EQ(reply.Header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(reply.Header("cache-control"), "no-cache");
  http::Request head = Get("/");
  head.method = "HEAD";
  EXPECT_EQ(Ask(std::move(head)).Header("etag"), reply.Header("etag"));
  const Reply again = Ask(Get("/", {{"if-none-match", reply.Header("etag")}}));
  EXPECT_EQ(again.response.status, 304);
}

TEST_F(PageServerTest, OtherMethodsAndPathsAreAnsweredPolitely) {
  Start();
  AskUntilBuilt();
  http::Request post = Get("/");
  post.method = "POST";
  const Reply refused = Ask(std::move(post));
  EXPECT_EQ(refused.response.status, 405);
  EXPECT_EQ(refused.Header("allow"), "GET, HEAD");
  for (const char* path : {"/nothing", "/assets/../x", "/badge/m1/colour", "/live/"}) {
    const Reply reply = Ask(Get(path));
    EXPECT_EQ(reply.response.status, 404) << path;
    EXPECT_THAT(reply.body(), HasSubstr("There is no such page"));
  }
  EXPECT_EQ(Ask(Get("/robots.txt")).response.status, 200);
  EXPECT_EQ(Ask(Get("/favicon.svg")).Header("content-type"), "image/svg+xml");
}

TEST_F(PageServerTest, AChangeIsShownAndAnnounced) {
  Start();
  AskUntilBuilt();
  const Reply live = Ask(Get("/live"));
  ASSERT_NE(live.stream, nullptr);
  const std::string before = live.stream->text();
  builds_.set_status(Status::kDown);
  clock_.Advance(Seconds(20));
  Publish(notices::Notice::Kind::kTransition);
  AskUntilBuilt(2);
  EXPECT_THAT(Ask(Get("/")).body(), HasSubstr("#dn\"/></svg>Down</span>"));
  server_->Stop();  // the announcement follows the new page
  EXPECT_GT(live.stream->text().size(), before.size());
  EXPECT_FALSE(live.stream->IsOpen());
}

TEST_F(PageServerTest, ManyChangesAtOnceAreOneBuild) {
  Start();
  AskUntilBuilt();
  const int before = builds_.begun();
  builds_.Hold();
  clock_.Advance(Seconds(20));
  Publish(notices::Notice::Kind::kTransition);
  ASSERT_TRUE(builds_.WaitBegun(before + 1));
  for (int i = 0; i < 1000; ++i) Publish(notices::Notice::Kind::kTransition);
  builds_.Release();
  AskUntilBuilt(2);
  EXPECT_EQ(builds_.begun(), before + 1);
  clock_.Advance(Seconds(20));
  Publish(notices::Notice::Kind::kTransition);
  AskUntilBuilt(3);
  server_->Stop();
  EXPECT_EQ(builds_.begun(), before + 2);
}

TEST_F(PageServerTest, OtherOrganisationsDoNotTouchThisPage) {
  Start();
  AskUntilBuilt();
  clock_.Advance(Seconds(20));
  board_.Publish({{notices::Notice::Kind::kMonitor, model::OrgId(2), model::MonitorId(1)}});
  server_->Stop();
  EXPECT_EQ(builds_.begun(), 1);
}

TEST_F(PageServerTest, WhenABuildFailsTheLastPageStays) {
  Start();
  const std::string etag = AskUntilBuilt().Header("etag");
  const int before = builds_.begun();
  builds_.set_failing(true);
  clock_.Advance(Seconds(20));
  Publish(notices::Notice::Kind::kTransition);
  ASSERT_TRUE(builds_.WaitBegun(before + 1));
  server_->Stop();
  const Reply reply = Ask(Get("/"));
  EXPECT_EQ(reply.response.status, 200);
  EXPECT_EQ(reply.Header("etag"), etag);
  EXPECT_THAT(metrics_.Render(), HasSubstr("pharos_page_build_failures_total 1"));
}

TEST_F(PageServerTest, LiveReadersAreBounded) {
  Start(1);
  AskUntilBuilt();
  const Reply first = Ask(Get("/live"));
  EXPECT_NE(first.stream, nullptr);
  EXPECT_EQ(Ask(Get("/live")).response.status, 503);
}

class PagesTest : public ::testing::Test {
 protected:
  PagesTest() {
    input_.overview = MakeOverview({MakeMonitor(1, "Website", Status::kUp)});
    input_.overview.ongoing.push_back(testing::MakeIncident(7, "Slow search", "Looking"));
    input_.pages = {testing::MakeHome()};
  }
  void TearDown() override { server_->Stop(); }

  model::Page& AddPage(std::string path) {
    model::Page page = testing::MakeHome();
    page.id = model::PageId(static_cast<int64_t>(input_.pages.size()) + 1);
    page.is_default = false;
    page.path = path;
    page.title = page.header = "Page " + path;
    input_.pages.push_back(std::move(page));
    return input_.pages.back();
  }
  void Start() {
    server_ = PageServer::Start(
        {}, [this]() -> Result<PageServer::Input> { return input_; }, board_, clock_, metrics_);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (Ask("/").response.status == 503 && std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
  }
  Reply Ask(const std::string& target, std::vector<http::Header> headers = {}) {
    auto reply = std::make_shared<Reply>();
    server_->Handle(Get(target, std::move(headers)), RespondTo(reply));
    return *reply;
  }

  PageServer::Input input_;
  FakeClock clock_;
  Metrics metrics_;
  notices::Board board_;
  std::unique_ptr<PageServer> server_;
};

TEST_F(PagesTest, EachPageHasItsAddresses) {
  AddPage("partners").custom_domain = "status.partners.example";
  Start();
  for (const char* target : {"/partners", "/status/partners"}) {
    EXPECT_THAT(Ask(target).body(), HasSubstr("Page partners")) << target;
  }
  EXPECT_THAT(Ask("/", {{"host", "Status.Partners.example:8080"}}).body(),
              HasSubstr("Page partners"));
  EXPECT_THAT(Ask("/status/default").body(), HasSubstr("Pharos"));
  EXPECT_EQ(Ask("/status/nothing").response.status, 404);
  EXPECT_EQ(Ask("/partners/rss.xml").Header("content-type"), "application/rss+xml; charset=utf-8");
  EXPECT_EQ(Ask("/status/partners/badge.svg").Header("content-type"), "image/svg+xml");
}

TEST_F(PagesTest, IncidentsHaveAnAddressUnlessNoPublicPageShowsThem) {
  input_.overview.past.push_back(testing::MakeIncident(8, "Secret", "Hush"));
  input_.overview.past.back().incident.pages = {model::PageId(2)};
  AddPage("inner").visibility = model::PageVisibility::kInternal;
  Start();
  EXPECT_THAT(Ask("/incidents/7").body(), HasSubstr("Slow search"));
  EXPECT_EQ(Ask("/incidents/8").response.status, 404);
  EXPECT_EQ(Ask("/incidents/9").response.status, 404);
}

TEST_F(PagesTest, MaintenancesHaveAddressesByOccurrenceAndByThemselves) {
  service::MaintenanceOverview work;
  work.maintenance.id = model::MaintenanceId(9);
  const auto occurs = [&](int64_t id, std::string title, Timestamp at,
                          model::OccurrenceState state) {
    work.maintenance.title = std::move(title);
    work.occurrence.id = model::OccurrenceId(id);
    work.occurrence.starts_at = at;
    work.occurrence.ends_at = at + Hours(1);
    work.occurrence.state = state;
    return work;
  };
  const Timestamp now = testing::Noon();
  using State = model::OccurrenceState;
  input_.overview.finished = {occurs(1, "Was", now - Days(1), State::kCompleted)};
  input_.overview.upcoming = {occurs(2, "Soonest", now + Days(1), State::kScheduled),
                              occurs(3, "Later", now + Days(2), State::kScheduled)};
  Start();
  EXPECT_THAT(Ask("/maintenances/3").body(), HasSubstr("Later"));
  EXPECT_THAT(Ask("/maintenances/9?type=maintenance").body(), HasSubstr("Soonest"));
  EXPECT_EQ(Ask("/maintenances/9").response.status, 404);
  EXPECT_EQ(Ask("/maintenances/3?type=maintenance").response.status, 404);
}

TEST_F(PagesTest, PrivatePagesShowNothingToStrangers) {
  AddPage("inner").visibility = model::PageVisibility::kInternal;
  model::Page& secret = AddPage("secret");
  secret.visibility = model::PageVisibility::kPassword;
  secret.password_hint = "The usual one";
  Start();
  for (const char* part : {"", "/rss", "/atom", "/badge.svg"}) {
    EXPECT_EQ(Ask("/status/inner" + std::string(part)).response.status, 403) << part;
    EXPECT_EQ(Ask("/status/secret" + std::string(part)).response.status, 401) << part;
  }
  EXPECT_THAT(Ask("/secret").body(), HasSubstr("The usual one"));
  EXPECT_THAT(Ask("/secret").body(), ::testing::Not(HasSubstr("Website")));
  EXPECT_EQ(Ask("/live?page=secret").response.status, 404);
}

TEST_F(PagesTest, WhatOnlyAPrivatePageShowsHasNoAddressOfItsOwn) {
  input_.overview = MakeOverview(
      {MakeMonitor(1, "Website", Status::kUp), MakeMonitor(2, "Vault", Status::kDown)});
  service::IncidentOverview hidden = testing::MakeIncident(8, "Vault is open", "Hush");
  hidden.incident.impacts = {{model::MonitorId(2), Status::kDown}};
  hidden.monitor_names = {"Vault"};
  input_.overview.ongoing = {testing::MakeIncident(7, "Slow search", "Looking"), hidden};
  service::MaintenanceOverview work;
  work.maintenance.title = "New locks";
  work.maintenance.impacts = {{model::MonitorId(2), Status::kMaintenance}};
  work.occurrence.id = model::OccurrenceId(3);
  input_.overview.upcoming = {work};
  model::Page& home = input_.pages.front();
  home.all_monitors = false;
  home.monitors = {model::MonitorId(1)};
  model::Page& vault = AddPage("vault");
  vault.visibility = model::PageVisibility::kPassword;
  vault.all_monitors = false;
  vault.monitors = {model::MonitorId(2)};
  Start();
  EXPECT_EQ(Ask("/incidents/7").response.status, 200);
  EXPECT_EQ(Ask("/incidents/8").response.status, 404);
  EXPECT_EQ(Ask("/maintenances/3").response.status, 404);
  EXPECT_THAT(Ask("/badge/m1/status").body(), HasSubstr("Website"));
  EXPECT_THAT(Ask("/badge/m2/status").body(), ::testing::Not(HasSubstr("Vault")));
}

TEST_F(PagesTest, ADoorsFormMayBeSentAndNothingBehindItIsKept) {
  model::Page& secret = AddPage("secret");
  secret.visibility = model::PageVisibility::kPassword;
  ASSERT_TRUE(service::PageService::SetPassword(secret, "open sesame"));
  Start();
  EXPECT_THAT(Ask("/secret").Header("content-security-policy"), HasSubstr("form-action 'self'"));
  EXPECT_THAT(Ask("/").Header("content-security-policy"), HasSubstr("form-action 'none'"));
  EXPECT_EQ(Ask("/").Header("cache-control"), "no-cache");
  const std::string cookie = testing::CookieFor(secret, clock_.Now() + Hours(1));
  for (const char* part : {"", "/rss", "/atom", "/badge.svg"}) {
    const Reply reply = Ask("/status/secret" + std::string(part), {{"cookie", cookie}});
    EXPECT_EQ(reply.response.status, 200) << part;
    EXPECT_EQ(reply.Header("cache-control"), "private, no-cache") << part;
  }
}

TEST_F(PagesTest, APageBringsItsOwnStyleSheet) {
  AddPage("partners").look.Set("primary_color", "#112233");
  Start();
  const std::string html = Ask("/partners").body();
  const size_t at = html.find("/assets/look-");
  ASSERT_NE(at, std::string::npos);
  const Reply css = Ask(html.substr(at, html.find('"', at) - at));
  EXPECT_EQ(css.Header("content-type"), "text/css; charset=utf-8");
  EXPECT_THAT(css.body(), HasSubstr("#112233"));
}

}  // namespace
}  // namespace pharos::page
