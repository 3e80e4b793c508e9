#include "page/door.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "base/fake_clock.h"
#include "base/one_shot.h"
#include "page/testing_fixtures.h"
#include "service/pages.h"

namespace pharos::page {
namespace {

// Hands over what was sent, on whatever thread.
class Handover : public http::Responder::Sink {
 public:
  explicit Handover(OneShot<http::Response>& to) : to_(to) {}
  void Send(http::Response response) override { to_.Set(std::move(response)); }
  std::shared_ptr<http::Stream> StartStream(http::Response) override { return nullptr; }

 private:
  OneShot<http::Response>& to_;
};

class DoorTest : public ::testing::Test {
 protected:
  DoorTest() {
    auto page = std::make_shared<model::Page>();
    page->id = model::PageId(7);
    page->uid = "0d7c1f6e-61a4-4a0e-9a55-6f6f2b1c9e01";
    page->path = "partners";
    page->visibility = model::PageVisibility::kPassword;
    EXPECT_TRUE(service::PageService::SetPassword(*page, "open sesame"));
    page_ = page;
  }
  http::Response Knock(std::string form) {
    http::Request request = testing::Get("/status/partners/unlock");
    request.method = "POST";
    request.body = std::move(form);
    OneShot<http::Response> answer;
    door_.Knock(
        request, page_, [] { return http::Response::Text(401, "no"); },
        http::Responder(std::make_unique<Handover>(answer)));
    return answer.Take();
  }
  static std::string CookieOf(const http::Response& response) {
    for (const http::Header& header : response.headers) {
      if (header.name == "set-cookie") return header.value.substr(0, header.value.find(';'));
    }
    return {};
  }
  bool Admits(const std::string& cookie, const model::Page& page) {
    return door_.Admits(testing::Get("/status/partners", {{"cookie", "a=b; " + cookie}}), page);
  }

  FakeClock clock_;
  std::shared_ptr<const model::Page> page_;
  Door door_{clock_};
};

TEST_F(DoorTest, TheRightPasswordOpensForADay) {
  const http::Response answer = Knock("password=open+sesame");
  EXPECT_EQ(answer.status, 303);
  const std::string cookie = CookieOf(answer);
  EXPECT_TRUE(Admits(cookie, *page_));
  clock_.Advance(Hours(23));
  EXPECT_TRUE(Admits(cookie, *page_));
  clock_.Advance(Hours(2));
  EXPECT_FALSE(Admits(cookie, *page_));
}

TEST_F(DoorTest, AWrongPasswordDoesNot) {
  for (const char* form : {"password=Open+sesame", "password=", "", "other=open+sesame"}) {
    const http::Response answer = Knock(form);
    EXPECT_EQ(answer.status, 401) << form;
    EXPECT_EQ(CookieOf(answer), "") << form;
  }
  EXPECT_EQ(Knock("password=" + std::string(10'000, 'x')).status, 401);
}

TEST_F(DoorTest, ACookieIsGoodForOnePageAndOnePassword) {
  const std::string cookie = CookieOf(Knock("password=open+sesame"));
  model::Page other = *page_;
  other.id = model::PageId(8);
  EXPECT_FALSE(Admits(cookie, other));
  model::Page changed = *page_;
  ASSERT_TRUE(service::PageService::SetPassword(changed, "something else"));
  EXPECT_FALSE(Admits(cookie, changed));
}

TEST_F(DoorTest, ForgedCookiesDoNotOpen) {
  const std::string cookie = CookieOf(Knock("password=open+sesame"));
  const size_t equals = cookie.find('=');
  const size_t dot = cookie.find('.');
  const std::string later = cookie.substr(0, equals + 1) + "99999999999" + cookie.substr(dot);
  for (const std::string& forged : {later, cookie.substr(0, dot), std::string("pharos_page_7=."),
                                    cookie.substr(0, cookie.size() - 1)}) {
    EXPECT_FALSE(Admits(forged, *page_)) << forged;
  }
}

// Its signature could be made by everybody who knows the page's id.
TEST_F(DoorTest, APageWithoutAPasswordOpensForNobody) {
  model::Page open = *page_;
  open.password_hash.clear();
  EXPECT_FALSE(Admits(testing::CookieFor(open, clock_.Now() + Hours(1)), open));
  EXPECT_TRUE(Admits(testing::CookieFor(*page_, clock_.Now() + Hours(1)), *page_));
}

}  // namespace
}  // namespace pharos::page
