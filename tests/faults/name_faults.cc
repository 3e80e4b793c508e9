#include <array>

#include "names.h"
#include "play.h"
#include "probe/dns/dns_testing.h"

namespace pharos::faults {
namespace {

using model::Status;
using probe::DnsName;
using probe::DnsReplyTo;
using probe::DnsWord;
using probe::TestRecord;
using Replies = std::vector<std::string>;

constexpr uint16_t kA = 1;
constexpr uint16_t kCname = 5;
constexpr uint16_t kAaaa = 28;
constexpr uint32_t kFine = 0x8180;

std::string Bytes(std::initializer_list<int> numbers) {
  std::string out;
  for (const int n : numbers) out += static_cast<char>(n);
  return out;
}
const std::string kLocal = Bytes({127, 0, 0, 1});

uint16_t TypeOf(const std::string& query) {
  const size_t end = query.find('\0', 12);
  return static_cast<uint16_t>(static_cast<uint8_t>(query[end + 1]) << 8 |
                               static_cast<uint8_t>(query[end + 2]));
}

// Only questions for IPv4 addresses are answered with something.
std::string Addresses(const std::string& query, const std::vector<std::string>& v4) {
  std::vector<TestRecord> records;
  if (TypeOf(query) == kA) {
    for (const std::string& one : v4) records.push_back({kA, one});
  }
  return DnsReplyTo(query, records);
}

std::string WithOtherId(std::string reply) {
  reply[0] = static_cast<char>(reply[0] ^ 0x55);
  return reply;
}

std::string WithOtherName(std::string reply) {
  reply[13] = static_cast<char>(reply[13] ^ 1);
  return reply;
}

std::string LoopOfNames(const std::string& query) {
  return DnsReplyTo(query, {{kCname, DnsName("b.test")}, {kCname, std::string("\xc0\x0c", 2)}});
}

using Behaviour = std::function<Replies(const std::string&)>;

Behaviour Says(uint32_t flags) {
  return [flags](const std::string& q) { return Replies{DnsReplyTo(q, {}, flags)}; };
}
Behaviour Points(std::vector<std::string> v4) {
  return [v4](const std::string& q) { return Replies{Addresses(q, v4)}; };
}

std::map<std::string, Behaviour> Behaviours() {
  return {
      {"nxdomain", Says(0x8183)},
      {"servfail", Says(0x8182)},
      {"refused", Says(0x8185)},
      {"formerr", Says(0x8181)},
      {"empty", Says(kFine)},
      {"truncated", Says(0x8380)},
      {"silent", [](const std::string&) { return Replies{}; }},
      {"garbage", [](const std::string&) { return Replies{"this is no DNS"}; }},
      {"wrongid",
       [](const std::string& q) { return Replies{WithOtherId(Addresses(q, {kLocal}))}; }},
      {"wrongname",
       [](const std::string& q) { return Replies{WithOtherName(Addresses(q, {kLocal}))}; }},
      {"loop", [](const std::string& q) { return Replies{LoopOfNames(q)}; }},
      {"gone",
       [](const std::string& q) {
         return Replies{DnsReplyTo(q, {{kCname, DnsName("nxdomain.test")}}, 0x8183)};
       }},
      {"many", Points(std::vector<std::string>(28, kLocal))},
      {"private", Points({Bytes({10, 1, 2, 3})})},
      {"metadata", Points({Bytes({169, 254, 169, 254})})},
      {"nowhere", Points({Bytes({0, 0, 0, 0})})},
      {"mixed", Points({kLocal, Bytes({169, 254, 169, 254})})},
      {"oneoftwo", Points({Bytes({127, 0, 0, 2}), kLocal})},
      {"bothdead", Points({Bytes({127, 0, 0, 2}), Bytes({127, 0, 0, 3})})},
      {"local", Points({kLocal})},
      {"deadv6",
       [](const std::string& q) {
         if (TypeOf(q) != kAaaa) return Replies{Addresses(q, {kLocal})};
         return Replies{DnsReplyTo(q, {{kAaaa, std::string(15, '\0') + '\1'}})};
       }},
  };
}

Fault ByName(std::string name, const std::string& label, std::string text,
             Status wanted = Status::kDown) {
  const bool waits = text.find("in time") != std::string::npos;
  return {.name = std::move(name),
          .layer = Layer::kNames,
          .spec = R"("url":"http://)" + label + R"(.test:{port}/","timeout_ms":)" +
                  (waits ? "700" : "4000"),
          .wanted = wanted,
          .text = std::move(text),
          .play = Http(Sends(ScriptedServer::Ok("here"))),
          .waits = waits};
}

std::vector<Fault> WebFaults() {
  std::vector<Fault> all = {
      ByName("the name does not exist", "nxdomain", R"(the name nxdomain\.test does not exist)"),
      ByName("SERVFAIL", "servfail",
             R"(no name server gave a usable answer about servfail\.test: they fail, refuse.*)"),
      ByName("REFUSED", "refused",
             R"(no name server gave a usable answer about refused\.test: they fail, refuse.*)"),
      ByName("the name server finds the question malformed", "formerr", R"(.*(formerr\.test).*)"),
      ByName("the name has no address", "empty", R"(the name empty\.test has no address)"),
      ByName("alias to a name that does not exist", "gone",
             R"(the name gone\.test does not exist)"),
      ByName("loop of aliases", "loop", R"(.*loop\.test.*)"),
      ByName("garbage instead of an answer", "garbage", R"(.*garbage\.test.*)"),
      ByName("answer with another number", "wrongid",
             R"(no name server answered in time about wrongid\.test)"),
      ByName("answer to another question", "wrongname", R"(.*wrongname\.test.*)"),
      ByName("no answer", "silent", R"(no name server answered in time about silent\.test)"),
      ByName("does not fit, and nobody listens for TCP", "truncated", R"(.*truncated\.test.*)"),
      ByName("28 addresses", "many", "", Status::kUp),
      ByName("address of a cloud's metadata service", "metadata", R"(.*169\.254\.169\.254.*)",
             Status::kNoData),
      ByName("one good address and one of a metadata service", "mixed", R"(.*169\.254\.169\.254.*)",
             Status::kNoData),
      ByName("address 0.0.0.0", "nowhere",
             R"(.*0\.0\.0\.0 \(nowhere\.test\) is an unspecified address)", Status::kNoData),
      ByName("the first of two addresses refuses", "oneoftwo", "", Status::kUp),
      ByName("both addresses refuse", "bothdead", R"(connection refused by 127\.0\.0\.\d:\d+)"),
      ByName("nobody answers on IPv6, IPv4 is fine", "deadv6", "", Status::kUp),
  };
  Fault hidden = ByName("private address, for users who are not trusted", "private",
                        R"(.*10\.1\.2\.3.*)", Status::kNoData);
  hidden.untrusted = true;
  all.push_back(hidden);
  Fault family = ByName("only IPv4 addresses, IPv6 wanted", "local",
                        R"(the name local\.test has no.*address)");
  family.spec += R"(,"ip_version":"6")";
  all.push_back(family);
  return all;
}

Fault Asked(std::string name, Behaviour behaviour, std::string text, std::string more = "",
            Status wanted = Status::kDown) {
  const bool waits = text.starts_with("no answer");
  return {.name = std::move(name),
          .layer = Layer::kNames,
          .kind = "dns",
          .spec = R"("host":"shop.test","name_server":"127.0.0.1:{port}","timeout_ms":)" +
                  std::string(waits ? "700" : "4000") + more,
          .wanted = wanted,
          .text = std::move(text),
          .play = Dns(std::move(behaviour)),
          .waits = waits};
}

// A name server whose UDP answers do not fit; over TCP on the same port the script goes on.
std::function<Target()> OverTcp(Script script) {
  return [script] {
    for (int i = 0; i < 20; ++i) {
      Target target;
      target.server = std::make_unique<ScriptedServer>(script);
      target.datagrams = std::make_unique<net::DatagramServer>(
          [](const std::string& q) { return Replies{DnsReplyTo(q, {}, 0x8380)}; },
          target.server->port());
      if (target.datagrams->port() == 0) continue;  // taken for UDP: another one
      target.words["port"] = std::to_string(target.server->port());
      return target;
    }
    std::abort();
  };
}

Fault AskedOverTcp(std::string name, Script script, std::string text,
                   Status wanted = Status::kDown) {
  Fault fault = Asked(std::move(name), {}, std::move(text), "", wanted);
  fault.play = OverTcp(std::move(script));
  return fault;
}

std::string ReadFramed(ScriptedConnection& c) {
  const std::string size = c.ReadBytes(2);
  if (size.empty()) return {};
  return c.ReadBytes(static_cast<size_t>(static_cast<uint8_t>(size[0])) << 8 |
                     static_cast<uint8_t>(size[1]));
}

std::vector<Fault> MonitorFaults() {
  const std::string other = R"(,"values":["192.0.2.80"])";
  return {
      Asked("dns: the name does not exist", Says(0x8183), R"(the name shop\.test does not exist)"),
      Asked("dns: SERVFAIL", Says(0x8182), "the name server answered SERVFAIL"),
      Asked("dns: REFUSED", Says(0x8185), "the name server answered REFUSED"),
      Asked("dns: empty answer", Says(kFine), R"(no A records for shop\.test)"),
      Asked(
          "dns: only an alias",
          [](const std::string& q) {
            return Replies{DnsReplyTo(q, {{kCname, DnsName("b.test")}})};
          },
          R"(no A records for shop\.test, only others)"),
      Asked("dns: another address than expected", Points({kLocal}),
            R"(A records of shop\.test are 127\.0\.0\.1, expected 192\.0\.2\.80)", other),
      Asked("dns: one address missing", Points({kLocal}),
            R"(A records of shop\.test lack 192\.0\.2\.80)", other + R"(,"match":"all")"),
  };
}

std::vector<Fault> BrokenAnswerFaults() {
  const std::string bad_length = Bytes({0, 1, 0, 1, 0, 0, 0, 9, 0xff, 0xff, 1, 2});
  return {
      Asked(
          "dns: forged answer before the right one",
          [](const std::string& q) {
            return Replies{WithOtherId(DnsReplyTo(q, {{kA, "evil"}})), Addresses(q, {kLocal})};
          },
          "", R"(,"values":["127.0.0.1"])", Status::kUp),
      Asked(
          "dns: answer with another number",
          [](const std::string& q) { return Replies{WithOtherId(Addresses(q, {kLocal}))}; },
          R"(no answer from name server 127\.0\.0\.1:\d+)"),
      Asked(
          "dns: answer to another question",
          [](const std::string& q) { return Replies{WithOtherName(Addresses(q, {kLocal}))}; },
          R"(no answer from name server 127\.0\.0\.1:\d+)"),
      Asked(
          "dns: silence", [](const std::string&) { return Replies{}; },
          R"(no answer from name server 127\.0\.0\.1:\d+)"),
      Asked(
          "dns: garbage", [](const std::string&) { return Replies{"this is no DNS"}; },
          R"(no answer from name server 127\.0\.0\.1:\d+)"),
      Asked(
          "dns: answer cut off in a record",
          [](const std::string& q) {
            std::string reply = Addresses(q, {kLocal});
            return Replies{reply.substr(0, reply.size() - 3)};
          },
          ".*(malformed|broken|ends|truncated|damaged).*"),
      Asked(
          "dns: record longer than the answer",
          [bad_length](const std::string& q) {
            std::string reply = DnsReplyTo(q, {{kA, kLocal}});
            reply.resize(reply.size() - 14);
            return Replies{reply + bad_length};
          },
          ".*(malformed|broken|ends|truncated|damaged).*"),
      Asked(
          "dns: name that points at itself",
          [](const std::string& q) {
            const std::string self = Bytes({0xc0, static_cast<int>(q.find('\0', 12) + 5)});
            std::string reply = DnsReplyTo(q, {{kA, kLocal}});
            return Replies{reply.replace(reply.size() - 16, 2, self)};
          },
          ".*(malformed|broken|ends|truncated|damaged).*"),
  };
}

std::vector<Fault> LargeAnswerFaults() {
  return {
      AskedOverTcp(
          "dns: does not fit, TCP is fine",
          [](ScriptedConnection& c) {
            const std::string q = ReadFramed(c);
            if (q.empty()) return;
            const std::string reply = Addresses(q, {kLocal});
            c.Send(DnsWord(static_cast<uint32_t>(reply.size())) + reply);
          },
          "", Status::kUp),
      AskedOverTcp(
          "dns: TCP answer breaks off",
          [](ScriptedConnection& c) {
            const std::string q = ReadFramed(c);
            if (q.empty()) return;
            c.Send(DnsWord(500) + Addresses(q, {kLocal}));
          },
          R"(connection closed by 127\.0\.0\.1:\d+ before the answer)"),
      AskedOverTcp(
          "dns: TCP answer of 64 KiB of nothing",
          [](ScriptedConnection& c) {
            if (!ReadFramed(c).empty()) c.Send(DnsWord(0xffff) + std::string(65535, '\0'));
          },
          "the name server answered something else"),
      Asked("dns: does not fit, and nobody listens for TCP", Says(0x8380),
            R"(connection refused by 127\.0\.0\.1:\d+)"),
  };
}

}  // namespace

net::DatagramServer::Script LabNames() {
  return [behaviours = Behaviours()](const std::string& query) -> Replies {
    if (query.size() < 17) return {};
    const std::string label = query.substr(13, static_cast<uint8_t>(query[12]));
    const auto found = behaviours.find(label);
    if (found == behaviours.end()) return {DnsReplyTo(query, {}, 0x8183)};
    return found->second(query);
  };
}

std::vector<Fault> NameFaults() {
  std::vector<Fault> all = WebFaults();
  for (auto part : {MonitorFaults(), BrokenAnswerFaults(), LargeAnswerFaults()}) {
    std::move(part.begin(), part.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace pharos::faults
