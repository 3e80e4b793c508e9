#include <future>
#include <memory>
#include <utility>

#include "app/settings.h"
#include "app/wiring.h"
#include "base/fake_clock.h"
#include "peers.h"

namespace pharos::talk {
namespace {

constexpr const char* kUsualClock = "2026-03-04T10:00:05Z";
constexpr auto kPatience = std::chrono::seconds(20);

class Catcher : public http::Responder::Sink {
 public:
  explicit Catcher(std::promise<http::Response> promise) : promise_(std::move(promise)) {}
  void Send(http::Response response) override { promise_.set_value(std::move(response)); }
  std::shared_ptr<http::Stream> StartStream(http::Response) override { return nullptr; }

 private:
  std::promise<http::Response> promise_;
};

class InProcessPeer : public Peer {
 public:
  static Result<std::unique_ptr<Peer>> Open(const Session& session, Variables& variables) {
    const std::string start = session.clock.empty() ? kUsualClock : session.clock;
    PHAROS_ASSIGN_OR_RETURN(const Timestamp at, ParseIso(start));
    auto peer = std::make_unique<InProcessPeer>(at);
    app::SettingSources sources;
    sources.command_line["database"] = ":memory:";
    PHAROS_ASSIGN_OR_RETURN(const app::Settings settings, app::LoadSettings(sources));
    app::Wiring::Options options;
    options.watch = false;
    options.pages = false;
    PHAROS_ASSIGN_OR_RETURN(peer->wiring_, app::Wiring::Open(settings, peer->clock_, options));
    for (const KeyWish& wish : session.keys) {
      PHAROS_ASSIGN_OR_RETURN(variables[wish.variable], peer->MakeKey(wish));
    }
    PHAROS_RETURN_IF_ERROR(peer->wiring_->verifier().Reload());
    return std::unique_ptr<Peer>(std::move(peer));
  }

  explicit InProcessPeer(Timestamp at) : clock_(at) {}

  Result<WireReply> Send(const WireRequest& request) override {
    http::Request parsed;
    parsed.method = request.method;
    parsed.target = request.target;
    const size_t mark = request.target.find('?');
    parsed.path = request.target.substr(0, mark);
    if (mark != std::string::npos) parsed.query = request.target.substr(mark + 1);
    for (const auto& [name, value] : request.headers) parsed.headers.push_back({name, value});
    parsed.peer_address = "127.0.0.1";
    // As the server does.
    parsed.body_too_large = request.body.size() > http::ServerLimits{}.max_body_bytes;
    if (!parsed.body_too_large) parsed.body = request.body;
    std::promise<http::Response> promise;
    std::future<http::Response> answer = promise.get_future();
    wiring_->Handle(std::move(parsed),
                    http::Responder(std::make_unique<Catcher>(std::move(promise))));
    if (answer.wait_for(kPatience) != std::future_status::ready) {
      return Error(ErrorKind::kTimeout, "the wiring did not answer");
    }
    const http::Response response = answer.get();
    WireReply reply;
    reply.status = response.status;
    for (const http::Header& header : response.headers) {
      reply.headers.emplace_back(header.name, header.value);
    }
    const std::string& body = response.shared_body ? *response.shared_body : response.body;
    reply.headers.emplace_back("content-length", std::to_string(body.size()));
    if (request.method != "HEAD") reply.body = body;
    return reply;
  }

  Timestamp Now() override { return clock_.Now(); }
  void Advance(Duration by) override { clock_.Advance(by); }

 private:
  Result<std::string> MakeKey(const KeyWish& wish) {
    service::NewKey wanted{wish.dialect, wish.variable, wish.scopes, std::nullopt};
    if (!wish.expires.empty()) {
      PHAROS_ASSIGN_OR_RETURN(const Duration life, ParseDuration(wish.expires));
      wanted.expires_at = clock_.Now() + life;
    }
    const model::OrgId org(1);
    PHAROS_ASSIGN_OR_RETURN(const service::CreatedKey made,
                            wiring_->keys().Create(org, "talk", wanted));
    if (wish.revoked) {
      PHAROS_RETURN_IF_ERROR(wiring_->keys().Revoke(org, "talk", wish.dialect, wish.variable));
    }
    return made.text.Reveal();
  }

  FakeClock clock_;
  std::unique_ptr<app::Wiring> wiring_;
};

}  // namespace

PeerFactory InProcessPeers() { return InProcessPeer::Open; }

}  // namespace pharos::talk
