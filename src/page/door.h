#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/bounded_queue.h"
#include "base/clock.h"
#include "http/server.h"
#include "model/page.h"

namespace pharos::page {

// Lets visitors into pages with a password: checks it on a thread of its own, since that is slow by
// design, and gives out a cookie that is good for 24 hours or until the password changes. The
// cookie is signed with the stored hash of the password, so nothing has to be remembered.
class Door {
 public:
  explicit Door(const Clock& clock);
  ~Door() { Stop(); }
  void Stop();

  // True when the request carries a cookie that is good for the page.
  bool Admits(const http::Request& request, const model::Page& page) const;

  // Answers the form of a door: 303 with the cookie, or what `refuse` makes of a wrong password;
  // 503 when too many are waiting. Never blocks.
  using Refuse = std::function<http::Response()>;
  void Knock(const http::Request& request, std::shared_ptr<const model::Page> page, Refuse refuse,
             http::Responder responder);

 private:
  struct Visitor {
    std::string password;
    bool secure = false;
    std::shared_ptr<const model::Page> page;
    Refuse refuse;
    http::Responder responder;
  };
  void Work();
  void Judge(Visitor& visitor) const;
  std::string CookieFor(const model::Page& page, bool secure) const;

  const Clock& clock_;
  BoundedQueue<Visitor> waiting_;
  std::thread worker_;
};

}  // namespace pharos::page
