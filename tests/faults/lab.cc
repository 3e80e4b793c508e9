#include "lab.h"

#include <malloc.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/clock.h"
#include "base/json.h"
#include "base/metrics.h"
#include "base/one_shot.h"
#include "names.h"
#include "net/dialer.h"
#include "net/http_client.h"
#include "play.h"
#include "probe/catalog.h"
#include "probe/http/regex.h"
#include "probe/runner.h"

namespace pharos::faults {
namespace {

constexpr int kTriesWhenBlind = 5;

// The few retries of the rows are a millisecond away: at once is near enough.
class AtOnce : public probe::Timer {
 public:
  void After(Duration, std::function<void()> call) override { call(); }
};

[[noreturn]] void Give(const std::string& why) {
  std::fprintf(stderr, "fault lab: %s\n", why.c_str());
  std::exit(2);
}

// Whether the expression matches all of the text.
bool IsWhole(const std::string& expression, const std::string& text) {
  const auto pattern = probe::Regex::Compile("^(?:" + expression + ")$");
  if (!pattern) Give("not an expression: " + expression);
  return pattern->Matches(text);
}

bool WriteFile(const char* path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  return !file.fail();
}

}  // namespace

struct Lab::Side {
  explicit Side(const std::string& name_server, net::OutboundSettings outbound)
      : policy(std::move(outbound)) {
    net::HttpClientSettings http_settings;
    http_settings.dns_servers = {name_server};
    auto started = net::HttpClient::Start(http_settings, policy, clock, metrics);
    if (!started) Give(started.error().message);
    http = std::move(*started);
    net::DialerSettings dial_settings;
    dial_settings.dns_servers = {name_server};
    auto dialing = net::Dialer::Start(dial_settings, policy, metrics);
    if (!dialing) Give(dialing.error().message);
    dialer = std::move(*dialing);
    tools.http = http.get();
    tools.dialer = dialer.get();
    tools.timer = &timer;
    tools.clock = &clock;
  }

  SystemClock clock;
  Metrics metrics;
  net::OutboundPolicy policy;
  AtOnce timer;
  probe::Catalog catalog;
  probe::Tools tools;
  std::unique_ptr<net::HttpClient> http;
  std::unique_ptr<net::Dialer> dialer;
};

std::string FilledSpec(const Fault& fault, const Target& target) {
  std::string spec = "{" + fault.spec + "}";
  for (const auto& [word, value] : target.words) {
    const std::string mark = "{" + word + "}";
    for (size_t at = spec.find(mark); at != std::string::npos;
         at = spec.find(mark, at + value.size())) {
      spec.replace(at, mark.size(), value);
    }
  }
  return spec;
}

bool IsRight(const Fault& fault, const probe::Observation& seen) {
  return seen.status == fault.wanted && IsWhole(fault.text, seen.message);
}

std::string Verdict(model::Status status) {
  return status == model::Status::kNoData ? "no data" : std::string(model::StatusName(status));
}

long MemoryKb(int pid, std::string_view field) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(field)) return std::stol(line.substr(field.size()));
  }
  return 0;
}

void ResetPeak(int pid) {
  WriteFile(("/proc/" + std::to_string(pid) + "/clear_refs").c_str(), "5");
}

bool EnterOwnNetwork() {
  const std::string uid = std::to_string(getuid());
  const std::string gid = std::to_string(getgid());
  if (unshare(CLONE_NEWNET) != 0) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
    WriteFile("/proc/self/setgroups", "deny");
    if (!WriteFile("/proc/self/uid_map", "0 " + uid + " 1") ||
        !WriteFile("/proc/self/gid_map", "0 " + gid + " 1")) {
      return false;
    }
  }
  // An interface whose far end takes nothing: what goes out there is lost, and this machine is not
  // without a network.
  const int status = std::system(
      "export PATH=$PATH:/usr/sbin:/sbin; exec 2>/dev/null; ip link set lo up && "
      "ip link add wan type veth peer name far && ip link set wan up && ip link set far up && "
      "ip addr add 198.51.100.254/24 dev wan && "
      "ip neigh add 198.51.100.1 lladdr 02:00:00:00:00:01 dev wan nud permanent && "
      "ip route add unreachable 192.0.2.0/24 && ip route add prohibit 203.0.113.0/24");
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

Lab::Lab() {
  signal(SIGPIPE, SIG_IGN);
  // A fixed limit: large blocks are mapped and unmapped each time, and count each time.
  mallopt(M_MMAP_THRESHOLD, 128 * 1024);
  names_ = std::make_unique<net::DatagramServer>(LabNames());
  const std::string server = "127.0.0.1:" + std::to_string(names_->port());
  trusted_ = std::make_unique<Side>(server, net::OutboundSettings{});
  net::OutboundSettings strict;
  strict.mode = net::PolicyMode::kUntrusted;
  untrusted_ = std::make_unique<Side>(server, std::move(strict));
}

Lab::~Lab() = default;

Lab::Side& Lab::SideOf(const Fault& fault) { return fault.untrusted ? *untrusted_ : *trusted_; }

Seen Lab::Run(const Fault& fault, bool measure) {
  const Target target = fault.play();
  Side& side = SideOf(fault);
  const auto parsed = ParseJson(FilledSpec(fault, target));
  if (!parsed) Give(fault.name + ": the spec is no JSON: " + FilledSpec(fault, target));
  const auto spec = side.catalog.ValidateSpec(fault.kind, *parsed);
  if (!spec) {
    Give(fault.name + ": the spec is not valid: " + spec.error().message + " " +
         WriteJson(*parsed));
  }
  if (measure) {
    malloc_trim(0);
    ResetPeak(getpid());
  }
  const long before_kb = measure ? MemoryKb(getpid(), "VmRSS:") : 0;
  const MonotonicTime begin = side.clock.Monotonic();
  Seen seen;
  // On a machine that is busy elsewhere a check may find that it was blind, and says so; then the
  // row is played again.
  for (int tries = 0; tries < kTriesWhenBlind; ++tries) {
    OneShot<probe::Observation> outcome;
    probe::RunCheck(side.catalog, fault.kind, *spec, net::Purpose::kProbe, side.tools,
                    [&](probe::Observation got) { outcome.Set(std::move(got)); });
    seen.observation = outcome.Take();
    if (seen.observation.outcome != model::CheckOutcome::kBlind) break;
  }
  seen.took_ms = ToMillis(side.clock.Monotonic() - begin);
  if (measure) seen.growth_kb = std::max(0L, MemoryKb(getpid(), "VmHWM:") - before_kb);
  seen.right = IsRight(fault, seen.observation);
  return seen;
}

void Lab::WarmUp() {
  const Fault plain = {.spec = R"("url":"{url}","body_regex":"warm")",
                       .wanted = model::Status::kUp,
                       .play = Http(Sends(ScriptedServer::Ok("warm")))};
  Fault encrypted = plain;
  encrypted.spec += R"(,"ca_pem":"{ca}")";
  encrypted.play = Https(Sends(ScriptedServer::Ok("warm")));
  Fault port = plain;
  port.kind = "tcp";
  port.spec = R"("host":"127.0.0.1","port":{port})";
  for (int i = 0; i < 3; ++i) {
    for (const Fault* fault :
         {&plain, static_cast<const Fault*>(&encrypted), static_cast<const Fault*>(&port)}) {
      if (!Run(*fault, false).right) Give("a sound target was not found up");
    }
  }
}

}  // namespace pharos::faults
