#include "probe/domain/lookup.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/text.h"
#include "net/url.h"
#include "probe/dial_common.h"
#include "probe/domain/rdap.h"
#include "probe/domain/registries.h"
#include "probe/domain/whois.h"

namespace pharos::probe {
namespace {

constexpr uint16_t kWhoisPort = 43;
constexpr size_t kMaxRdapBytes = 256 * 1024;
constexpr size_t kMaxWhoisBytes = 64 * 1024;
constexpr int kMaxReferrals = 1;
constexpr Duration kLeastTime = Milliseconds(100);

// One look-up under way; the pending callback owns it.
class Lookup : public std::enable_shared_from_this<Lookup> {
 public:
  Lookup(LookupRequest request, const Tools& tools, std::function<void(LookupAnswer)> done)
      : request_(std::move(request)),
        tools_(tools),
        done_(std::move(done)),
        started_(tools.clock->Monotonic()),
        deadline_(started_ + request_.timeout) {}

  void Begin() {
    if (request_.source == RegistrySource::kWhois || tools_.http == nullptr) return AskWhois();
    AskRdap();
  }

 private:
  bool MayAskWhois() const {
    return request_.source != RegistrySource::kRdap && tools_.dialer != nullptr;
  }

  void AskRdap() {
    std::string base = request_.rdap_url;
    if (base.empty()) base = RdapBaseFor(request_.domain);
    is_general_ = base.empty();
    if (is_general_) base = kGeneralRdapBase;
    if (!base.ends_with('/')) base += '/';
    if (!base.ends_with("/domain/")) base += "domain/";
    net::HttpRequest ask;
    ask.url = base + request_.domain;
    ask.headers = {{"Accept", "application/rdap+json, application/json"}};
    // Keeps half of the time for WHOIS.
    ask.timeout = MayAskWhois() ? request_.timeout / 2 : request_.timeout;
    ask.purpose = request_.purpose;
    ask.limits.max_body_bytes = kMaxRdapBytes;
    ask.limits.keep_body_bytes = kMaxRdapBytes;
    tools_.http->Start(std::move(ask), [self = shared_from_this()](const net::HttpAnswer& answer) {
      self->OnRdap(answer);
    });
  }

  void OnRdap(const net::HttpAnswer& answer) {
    const auto url = net::Url::Parse(answer.final_url);
    const std::string source = "RDAP" + (url ? ", " + url->host : std::string());
    if (answer.failure != net::HttpFailure::kNone) {
      blocked_ = answer.failure == net::HttpFailure::kBlocked;
      return NoLuck("RDAP: " + answer.message);
    }
    if (answer.status == 404) {
      // The general service says so, too, of top-level domains that have no RDAP.
      if (is_general_) return NoLuck("RDAP: not known there");
      return Finish(LookupAnswer::Kind::kNotRegistered, source);
    }
    if (answer.status != 200) return NoLuck("RDAP: HTTP " + std::to_string(answer.status));
    auto parsed = ParseRdap(answer.body, request_.domain);
    if (!parsed) return NoLuck(parsed.error().message);
    found_ = std::move(*parsed);
    found_source_ = source;
    has_found_ = true;
    if (found_.expires) return Finish(LookupAnswer::Kind::kFound, source);
    NoLuck("RDAP: no expiry date");
  }

  void NoLuck(const std::string& why) {
    message_ += (message_.empty() ? "" : "; ") + why;
    if (MayAskWhois() && !asked_whois_) return AskWhois();
    GiveUp();
  }

  void AskWhois() {
    if (!MayAskWhois()) return GiveUp();
    asked_whois_ = true;
    std::string server = request_.whois_server;
    if (server.empty()) server = WhoisServerFor(request_.domain);
    uint16_t port = kWhoisPort;
    if (const size_t colon = server.rfind(':'); colon != std::string::npos) {
      port = static_cast<uint16_t>(ParseInt(server.substr(colon + 1)).value_or(kWhoisPort));
      server.resize(colon);
    }
    AskServer(std::move(server), port);
  }

  void AskServer(std::string server, uint16_t port) {
    const Duration left = deadline_ - tools_.clock->Monotonic();
    if (left < kLeastTime) {
      message_ += (message_.empty() ? "" : "; ") + std::string("no time left for WHOIS");
      return GiveUp();
    }
    net::DialRequest ask;
    ask.host = server;
    ask.port = port;
    ask.timeout = left;
    ask.purpose = request_.purpose;
    ask.send = WhoisQuestion(server, request_.domain);
    ask.read_limit = kMaxWhoisBytes;
    tools_.dialer->Start(std::move(ask),
                         [self = shared_from_this(), server = std::move(server)](
                             const net::DialAnswer& answer) { self->OnWhois(server, answer); });
  }

  void OnWhois(const std::string& server, const net::DialAnswer& answer) {
    using net::DialFailure;
    const std::string source = "WHOIS, " + server;
    // Some servers reset the connection once they have said everything.
    const bool usable = answer.failure == DialFailure::kNone ||
                        (answer.failure == DialFailure::kReset && !answer.received.empty());
    if (!usable) {
      blocked_ = blocked_ || (answer.failure == DialFailure::kBlocked && message_.empty());
      message_ += (message_.empty() ? "" : "; ") + ("WHOIS: " + answer.message);
      return GiveUp();
    }
    blocked_ = false;
    const WhoisReply reply = ParseWhois(answer.received);
    if (reply.not_found && !has_found_) {
      return Finish(LookupAnswer::Kind::kNotRegistered, source);
    }
    Merge(reply.registration, source);
    if (has_found_ && found_.expires) return Finish(LookupAnswer::Kind::kFound, found_source_);
    if (!reply.referral.empty() && reply.referral != server && referrals_ < kMaxReferrals) {
      ++referrals_;
      return AskServer(reply.referral, kWhoisPort);
    }
    if (!has_found_) {
      message_ += (message_.empty() ? "" : "; ") + source +
                  (reply.limited ? ": refuses, too many questions" : ": not understood");
    }
    GiveUp();
  }

  // What is known already stays.
  void Merge(const Registration& more, const std::string& source) {
    const bool says_something =
        more.expires || more.created || !more.registrar.empty() || !more.nameservers.empty();
    if (!says_something) return;
    if (!has_found_ || (!found_.expires && more.expires)) found_source_ = source;
    has_found_ = true;
    if (!found_.expires) found_.expires = more.expires;
    if (!found_.created) found_.created = more.created;
    if (!found_.updated) found_.updated = more.updated;
    if (found_.registrar.empty()) found_.registrar = more.registrar;
    if (found_.registrar_url.empty()) found_.registrar_url = more.registrar_url;
    if (found_.nameservers.empty()) found_.nameservers = more.nameservers;
    if (found_.status.empty()) found_.status = more.status;
  }

  void GiveUp() {
    if (has_found_) return Finish(LookupAnswer::Kind::kFound, found_source_);
    if (message_.empty()) message_ = "this server has no way to ask a registry";
    Finish(blocked_ ? LookupAnswer::Kind::kBlocked : LookupAnswer::Kind::kUnknown, "");
  }

  void Finish(LookupAnswer::Kind kind, const std::string& source) {
    LookupAnswer answer;
    answer.kind = kind;
    answer.registration = std::move(found_);
    answer.source = source;
    answer.message = message_;
    answer.took_us = (tools_.clock->Monotonic() - started_).count();
    done_(std::move(answer));
  }

  const LookupRequest request_;
  const Tools tools_;
  const std::function<void(LookupAnswer)> done_;
  const MonotonicTime started_;
  const MonotonicTime deadline_;
  bool is_general_ = false;
  bool asked_whois_ = false;
  bool blocked_ = false;
  int referrals_ = 0;
  Registration found_;
  std::string found_source_;
  bool has_found_ = false;
  std::string message_;
};

}  // namespace

void LookUpRegistration(LookupRequest request, const Tools& tools,
                        std::function<void(LookupAnswer)> done) {
  std::make_shared<Lookup>(std::move(request), tools, std::move(done))->Begin();
}

}  // namespace pharos::probe
