#include "blackbox.h"

#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/clock.h"
#include "base/json.h"
#include "base/metrics.h"
#include "base/one_shot.h"
#include "base/text.h"
#include "lab.h"
#include "net/http_client.h"
#include "play.h"

namespace pharos::faults {
namespace {

uint16_t FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd, generic, size) != 0 || getsockname(fd, generic, &size) != 0) std::abort();
  close(fd);
  return ntohs(address.sin_port);
}

// A YAML text in double quotes is a JSON string.
std::string Quoted(const std::string& text) { return WriteJson(Value(text)); }

// What the words of a row's spec are is known only once its target stands, but modules are read at
// the start: so only what does not change goes into them.
Value SpecOf(const Fault& fault) {
  Target words;
  for (const char* word : {"url", "port", "ca", "own", "other", "closed"}) {
    words.words[word] = "1";
  }
  auto parsed = ParseJson(FilledSpec(fault, words));
  return parsed ? *parsed : Value();
}

// Members of a spec that the exporter has no counterpart for.
bool CanPlay(const Fault& fault, const Value& spec) {
  if (fault.untrusted || fault.spec.find(".test") != std::string::npos) return false;
  // A certificate made for one row, and a limit of our own.
  if (fault.spec.find("{own}") != std::string::npos) return false;
  if (spec.IntOr("max_body_bytes", 0) == 1024) return false;
  if (fault.kind == "tcp") return spec.Find("hosts") == nullptr;
  if (fault.kind == "ping" || fault.kind == "dns") return true;
  if (fault.kind != "http") return false;
  const std::set<std::string> known = {
      "url",        "timeout_ms",        "ca_pem",         "keyword",        "keyword_absent",
      "body_regex", "body_regex_absent", "verify_tls",     "method",         "follow_redirects",
      "headers",    "header_checks",     "max_body_bytes", "expected_status"};
  for (const auto& [name, value] : spec.AsObject()) {
    if (!known.contains(name)) return false;
  }
  return true;
}

std::string HeaderRules(const Value& spec) {
  std::string out;
  const Value* checks = spec.Find("header_checks");
  if (checks == nullptr) return out;
  for (const Value& check : checks->AsList()) {
    const std::string op = check.StringOr("op", "");
    const std::string value = op == "exists" || op == "absent" ? ".*" : check.StringOr("value", "");
    out +=
        op == "absent" ? "      fail_if_header_matches:\n" : "      fail_if_header_not_matches:\n";
    out += "      - header: " + Quoted(check.StringOr("name", "")) +
           "\n        regexp: " + Quoted(value) + "\n";
  }
  return out;
}

std::string HttpModule(const Fault& fault, const Value& spec, const std::string& ca_file) {
  const auto rule = [](const char* name, const std::string& expression) {
    return std::string("      ") + name + ":\n      - " + Quoted(expression) + "\n";
  };
  std::string out = "    http:\n      preferred_ip_protocol: ip4\n";
  if (const std::string keyword = spec.StringOr("keyword", ""); !keyword.empty()) {
    out += rule("fail_if_body_not_matches_regexp", keyword);
  } else if (const std::string wanted = spec.StringOr("body_regex", ""); !wanted.empty()) {
    out += rule("fail_if_body_not_matches_regexp", wanted);
  }
  if (const std::string keyword = spec.StringOr("keyword_absent", ""); !keyword.empty()) {
    out += rule("fail_if_body_matches_regexp", keyword);
  } else if (const std::string bad = spec.StringOr("body_regex_absent", ""); !bad.empty()) {
    out += rule("fail_if_body_matches_regexp", bad);
  }
  if (fault.name.find("gzip") != std::string::npos) out += "      compression: gzip\n";
  out += HeaderRules(spec) + "      method: " + spec.StringOr("method", "GET") + "\n";
  if (!spec.BoolOr("follow_redirects", true)) out += "      follow_redirects: false\n";
  // Without codes of its own it takes 200 to 299.
  const std::string expected = spec.StringOr("expected_status", "200-299");
  if (expected != "200-299") {
    out += "      valid_status_codes: [" + expected + "]\n";
  } else if (fault.text.empty() && fault.name.starts_with("429")) {
    out += "      valid_status_codes: [200, 429]\n";
  }
  if (spec.Find("ca_pem") != nullptr) {
    out += "      tls_config:\n        ca_file: " + Quoted(ca_file) + "\n";
  } else if (!spec.BoolOr("verify_tls", true)) {
    out += "      tls_config:\n        insecure_skip_verify: true\n";
  }
  return out;
}

std::string DnsModule(const Value& spec) {
  std::string out = "    dns:\n      query_name: " + Quoted(spec.StringOr("host", "")) +
                    "\n      query_type: A\n      preferred_ip_protocol: ip4\n";
  if (const Value* values = spec.Find("values"); values != nullptr && !values->AsList().empty()) {
    out += "      validate_answer_rrs:\n        fail_if_none_matches_regexp:\n        - " +
           Quoted(".*" + values->AsList()[0].AsString()) + "\n";
  }
  return out;
}

std::string Module(const Fault& fault, size_t index, const std::string& ca_file) {
  const Value spec = SpecOf(fault);
  if (!CanPlay(fault, spec)) return {};
  std::string out = "  m" + std::to_string(index) + ":\n    prober: ";
  const int64_t timeout_ms = std::min<int64_t>(spec.IntOr("timeout_ms", 8000), 8000);
  const std::string timeout = "    timeout: " + std::to_string(timeout_ms) + "ms\n";
  if (fault.kind == "tcp") {
    return out + "tcp\n" + timeout + "    tcp:\n      preferred_ip_protocol: ip4\n";
  }
  if (fault.kind == "ping") {
    return out + "icmp\n" + timeout + "    icmp:\n      preferred_ip_protocol: ip4\n";
  }
  if (fault.kind == "dns") return out + "dns\n" + timeout + DnsModule(spec);
  return out + "http\n" + timeout + HttpModule(fault, spec, ca_file);
}

}  // namespace

struct Blackbox::Running {
  SystemClock clock;
  Metrics metrics;
  net::OutboundPolicy policy{net::OutboundSettings{}};
  std::unique_ptr<net::HttpClient> client;
  std::filesystem::path folder;
  pid_t pid = -1;
  uint16_t port = 0;
  std::set<size_t> playable;

  net::HttpAnswer Fetch(const std::string& path) {
    net::HttpRequest request;
    request.url = "http://127.0.0.1:" + std::to_string(port) + path;
    request.timeout = Seconds(15);
    request.limits.keep_body_bytes = 256 * 1024;
    OneShot<net::HttpAnswer> answer;
    client->Start(std::move(request), [&](net::HttpAnswer got) { answer.Set(std::move(got)); });
    return answer.Take();
  }
};

Blackbox::Blackbox(const std::vector<Fault>& faults) : running_(std::make_unique<Running>()) {
  Running& r = *running_;
  std::string pattern = std::filesystem::temp_directory_path() / "pharos-faults-XXXXXX";
  r.folder = mkdtemp(pattern.data());
  const std::string ca_file = r.folder / "ca.pem";
  std::ofstream(ca_file) << Authority().root.cert_pem;
  const std::string config = r.folder / "blackbox.yml";
  std::ofstream out(config);
  out << "modules:\n";
  for (size_t i = 0; i < faults.size(); ++i) {
    const std::string module = Module(faults[i], i, ca_file);
    if (module.empty()) continue;
    r.playable.insert(i);
    out << module;
  }
  out.close();
  r.client = std::move(*net::HttpClient::Start({}, r.policy, r.clock, r.metrics));
  r.port = FreePort();
  const std::string file_flag = "--config.file=" + config;
  const std::string listen_flag = "--web.listen-address=127.0.0.1:" + std::to_string(r.port);
  const char* argv[] = {kProgram, file_flag.c_str(), listen_flag.c_str(), "--log.level=error",
                        nullptr};
  if (posix_spawn(&r.pid, kProgram, nullptr, nullptr, const_cast<char**>(argv), environ) != 0) {
    std::fprintf(stderr, "fault lab: %s does not start (package prometheus-blackbox-exporter)\n",
                 kProgram);
    std::exit(2);
  }
  const MonotonicTime deadline = r.clock.Monotonic() + Seconds(20);
  while (r.Fetch("/-/healthy").status != 200) {
    if (r.clock.Monotonic() > deadline || waitpid(r.pid, nullptr, WNOHANG) != 0) {
      std::fprintf(stderr, "fault lab: the exporter does not answer\n");
      std::exit(2);
    }
  }
}

Blackbox::~Blackbox() {
  kill(running_->pid, SIGTERM);
  waitpid(running_->pid, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(running_->folder, ignored);
}

std::optional<PeerSeen> Blackbox::Run(const Fault& fault, size_t index) {
  Running& r = *running_;
  if (!r.playable.contains(index)) return std::nullopt;
  const Target target = fault.play();
  const auto spec = ParseJson(FilledSpec(fault, target));
  std::string where = spec->StringOr("url", "");
  if (fault.kind == "tcp") {
    where = spec->StringOr("host", "") + ":" + std::to_string(spec->IntOr("port", 0));
  } else if (fault.kind == "ping") {
    where = spec->StringOr("host", "");
  } else if (fault.kind == "dns") {
    where = spec->StringOr("name_server", "");
  }
  ResetPeak(r.pid);
  const long before_kb = MemoryKb(r.pid, "VmRSS:");
  const MonotonicTime begin = r.clock.Monotonic();
  const net::HttpAnswer answer =
      r.Fetch("/probe?module=m" + std::to_string(index) + "&target=" + PercentEncode(where));
  PeerSeen seen;
  seen.up = answer.body.find("\nprobe_success 1") != std::string::npos;
  seen.took_ms = ToMillis(r.clock.Monotonic() - begin);
  seen.growth_kb = std::max(0L, MemoryKb(r.pid, "VmHWM:") - before_kb);
  return seen;
}

}  // namespace pharos::faults
