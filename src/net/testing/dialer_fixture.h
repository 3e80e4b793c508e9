#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "base/metrics.h"
#include "base/one_shot.h"
#include "net/dialer.h"

namespace pharos::net {

// A dialer with its surroundings; tests change `outbound_` and `settings_` before the first call.
class DialerFixture : public testing::Test {
 protected:
  Dialer& Dials() {
    if (!dialer_) {
      policy_ = std::make_unique<OutboundPolicy>(outbound_);
      if (own_port_ != 0) policy_->AddOwnListener(own_port_);
      auto started = Dialer::Start(settings_, *policy_, metrics_);
      EXPECT_TRUE(started) << started.error().message << started.error().detail;
      dialer_ = std::move(*started);
      // Its thread reads the CA bundle first; short time-outs of tests begin after that.
      OneShot<bool> ready;
      dialer_->Start({}, [&ready](const DialAnswer&) { ready.Set(true); });
      ready.Take();
    }
    return *dialer_;
  }

  std::future<DialAnswer> DialLater(DialRequest request, uint64_t* id = nullptr) {
    auto promise = std::make_shared<std::promise<DialAnswer>>();
    std::future<DialAnswer> answer = promise->get_future();
    const uint64_t number = Dials().Start(
        std::move(request), [promise](DialAnswer a) { promise->set_value(std::move(a)); });
    if (id != nullptr) *id = number;
    return answer;
  }
  DialAnswer DialNow(DialRequest request) { return DialLater(std::move(request)).get(); }

  static DialRequest To(uint16_t port, Transport transport = Transport::kTcp) {
    DialRequest request;
    request.transport = transport;
    request.host = "127.0.0.1";
    request.port = port;
    return request;
  }
  void StopDialer() { dialer_.reset(); }

  OutboundSettings outbound_;
  DialerSettings settings_;
  uint16_t own_port_ = 0;
  Metrics metrics_;

 private:
  std::unique_ptr<OutboundPolicy> policy_;
  std::unique_ptr<Dialer> dialer_;
};

// A TCP port of the loopback interface that refuses: bound, but nobody listens.
class RefusingPort {
 public:
  RefusingPort() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~RefusingPort() { close(fd_); }
  RefusingPort(const RefusingPort&) = delete;
  RefusingPort& operator=(const RefusingPort&) = delete;
  uint16_t port() const { return port_; }

 private:
  int fd_;
  uint16_t port_ = 0;
};

}  // namespace pharos::net
