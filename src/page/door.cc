#include "page/door.h"

#include <utility>

#include "base/crypto.h"
#include "base/text.h"
#include "service/pages.h"

namespace pharos::page {
namespace {

constexpr size_t kMaxWaiting = 32;
constexpr size_t kMaxForm = 8192;
constexpr Duration kGoodFor = Hours(24);

std::string CookieName(const model::Page& page) {
  return "pharos_page_" + std::to_string(page.id.value());
}

std::string Sign(const model::Page& page, int64_t until) {
  const std::string what = page.uid + "/" + std::to_string(until);
  return HexLower(HmacSha256(page.password_hash, what));
}

// The value of a cookie; empty when there is none of that name.
std::string_view FindCookie(const http::Request& request, std::string_view name) {
  for (std::string_view part : Split(request.FindHeader("cookie"), ';')) {
    part = Trim(part);
    const size_t equals = part.find('=');
    if (equals != std::string_view::npos && part.substr(0, equals) == name) {
      return part.substr(equals + 1);
    }
  }
  return {};
}

}  // namespace

Door::Door(const Clock& clock) : clock_(clock), waiting_(kMaxWaiting) {
  worker_ = std::thread([this] { Work(); });
}

void Door::Stop() {
  waiting_.Close();
  if (worker_.joinable()) worker_.join();
}

bool Door::Admits(const http::Request& request, const model::Page& page) const {
  if (page.password_hash.empty()) return false;
  const std::string_view cookie = FindCookie(request, CookieName(page));
  const size_t dot = cookie.find('.');
  if (dot == std::string_view::npos) return false;
  const auto until = ParseInt(cookie.substr(0, dot));
  if (!until || FromUnixSeconds(*until) < clock_.Now()) return false;
  return ConstantTimeEquals(Sign(page, *until), cookie.substr(dot + 1));
}

void Door::Knock(const http::Request& request, std::shared_ptr<const model::Page> page,
                 Refuse refuse, http::Responder responder) {
  Visitor visitor;
  if (request.body.size() <= kMaxForm) {
    const auto form = http::ParseQuery(request.body);
    if (const std::string* password = http::FindParameter(form, "password")) {
      visitor.password = *password;
    }
  }
  visitor.secure = EqualsIgnoreCase(Trim(request.FindHeader("x-forwarded-proto")), "https");
  visitor.page = std::move(page);
  visitor.refuse = std::move(refuse);
  visitor.responder = std::move(responder);
  if (waiting_.TryPush(std::move(visitor))) return;
  http::Response busy = http::Response::Text(503, "too many visitors at the door\n");
  busy.Add("retry-after", "5").Add("cache-control", "no-store");
  visitor.responder.Send(std::move(busy));
}

void Door::Work() {
  while (true) {
    std::vector<Visitor> next = waiting_.PopBatch(1);
    if (next.empty()) return;
    Judge(next.front());
  }
}

void Door::Judge(Visitor& visitor) const {
  if (!service::PageService::CheckPassword(*visitor.page, visitor.password)) {
    return visitor.responder.Send(visitor.refuse());
  }
  const std::string& path = visitor.page->path;
  http::Response response(303);
  response.Add("location", path.empty() ? "/" : "/status/" + path);
  response.Add("set-cookie", CookieFor(*visitor.page, visitor.secure));
  response.Add("cache-control", "no-store");
  visitor.responder.Send(std::move(response));
}

std::string Door::CookieFor(const model::Page& page, bool secure) const {
  const int64_t until = ToUnixSeconds(clock_.Now() + kGoodFor);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(kGoodFor).count();
  return CookieName(page) + "=" + std::to_string(until) + "." + Sign(page, until) +
         "; Path=/; Max-Age=" + std::to_string(seconds) + "; HttpOnly; SameSite=Lax" +
         (secure ? "; Secure" : "");
}

}  // namespace pharos::page
