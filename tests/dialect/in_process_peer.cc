#include <future>
#include <memory>
#include <utility>

#include "app/settings.h"
#include "app/wiring.h"
#include "base/fake_clock.h"
#include "http/testing_catcher.h"
#include "peers.h"
#include "shape_check.h"

namespace pharos::talk {
namespace {

constexpr const char* kUsualClock = "2026-03-04T10:00:05Z";
constexpr auto kPatience = std::chrono::seconds(20);

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
    PHAROS_RETURN_IF_ERROR(peer->wiring_->use_cases().verifier.Reload());
    return std::unique_ptr<Peer>(std::move(peer));
  }

  explicit InProcessPeer(Timestamp at) : clock_(at) {}

  Result<WireReply> Send(const WireRequest& request) override {
    http::Request parsed = ToHttp(request);
    std::promise<http::Response> promise;
    std::future<http::Response> answer = promise.get_future();
    wiring_->Handle(std::move(parsed),
                    http::Responder(std::make_unique<http::ResponseCatcher>(std::move(promise))));
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
  std::vector<std::string> Judge(const WireRequest& request, const WireReply& reply) override {
    return shapes_.Judge(request, reply);
  }

 private:
  Result<std::string> MakeKey(const KeyWish& wish) {
    service::NewKey wanted{wish.dialect, wish.variable, wish.scopes, std::nullopt, wish.rate_class};
    if (!wish.expires.empty()) {
      PHAROS_ASSIGN_OR_RETURN(const Duration life, ParseDuration(wish.expires));
      wanted.expires_at = clock_.Now() + life;
    }
    const model::OrgId org(1);
    PHAROS_ASSIGN_OR_RETURN(const service::CreatedKey made,
                            wiring_->use_cases().keys.Create(org, "talk", wanted));
    if (wish.revoked) {
      PHAROS_RETURN_IF_ERROR(
          wiring_->use_cases().keys.Revoke(org, "talk", wish.dialect, wish.variable));
    }
    if (wish.disabled) {
      model::Principal who;
      who.org = org;
      who.name = "talk";
      service::KeyChange change;
      change.enabled = false;
      PHAROS_RETURN_IF_ERROR(wiring_->use_cases().keys.Update(who, made.key.uid, change));
    }
    return made.text.Reveal();
  }

  FakeClock clock_;
  std::unique_ptr<app::Wiring> wiring_;
  const ShapeCheck shapes_{[this](std::string_view text) {
    const auto key = wiring_->use_cases().verifier.Find(text);
    return key ? key->key.dialect : std::string();
  }};
};

}  // namespace

PeerFactory InProcessPeers() { return InProcessPeer::Open; }

}  // namespace pharos::talk
