// Targets that are broken or mean harm (landscape.md 2.2): the verdict that a user would want,
// within the time-out, and without the target deciding how much memory we use.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <zlib.h>

#include <cstdio>
#include <fstream>

#include "net/testing/scripted_server.h"
#include "net/testing/test_certificate.h"
#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using model::Status;
using net::ScriptedConnection;
using net::ScriptedServer;

constexpr long kMaxGrowthKb = 2048;

// One figure of /proc/self/status in KiB, for example "VmRSS:".
long MemoryKb(std::string_view field) {
  std::ifstream file("/proc/self/status");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with(field)) return std::stol(line.substr(field.size()));
  }
  return 0;
}

// Hands freed memory back and makes the kernel forget the peak, so that VmHWM tells of what comes
// now and nothing hides in what an earlier target left behind.
void ResetPeak() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}

bool IsMemoryTold() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;  // the sanitizer's own memory drowns ours
#else
  return true;
#endif
}

// `mib` MiB of zeros, compressed.
std::string GzipOfZeros(size_t mib) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 9, Z_DEFAULT_STRATEGY);
  const std::string zeros(1024 * 1024, '\0');
  std::string out;
  std::string buffer(64 * 1024, '\0');
  for (size_t i = 0; i <= mib; ++i) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zeros.data()));
    stream.avail_in = i < mib ? static_cast<uInt>(zeros.size()) : 0;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream.avail_out = static_cast<uInt>(buffer.size());
      deflate(&stream, i < mib ? Z_NO_FLUSH : Z_FINISH);
      out.append(buffer, 0, buffer.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return out;
}

constexpr std::string_view kHead = "HTTP/1.1 200 OK\r\n";
constexpr std::string_view kChunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

// A script that reads the request and then sends what `send` sends.
ScriptedServer::Script After(std::function<void(ScriptedConnection&)> send) {
  return [send = std::move(send)](ScriptedConnection& connection) {
    if (!connection.ReadRequest().empty()) send(connection);
  };
}

ScriptedServer::Script Sends(std::string answer) {
  return ScriptedServer::Answer(std::move(answer));
}

ScriptedServer::Script Endless(std::string_view head, std::string piece) {
  return After([head, piece = std::move(piece)](ScriptedConnection& connection) {
    connection.Send(head);
    connection.SendForever(piece);
  });
}

ScriptedServer::Script Repeats(std::string head, std::string piece, int times, std::string tail) {
  return After([=](ScriptedConnection& connection) {
    if (!connection.Send(head)) return;
    for (int i = 0; i < times; ++i) {
      if (!connection.Send(piece)) return;
    }
    connection.Send(tail);
  });
}

std::string Gzipped(const std::string& packed, size_t announced) {
  return std::string(kHead) +
         "Content-Encoding: gzip\r\nContent-Length: " + std::to_string(announced) + "\r\n\r\n" +
         packed;
}

struct Target {
  const char* name;
  ScriptedServer::Script script;
  Status wanted = Status::kDown;
  const char* spec = "{}";
  long kept_kb = 0;  // of the body, because a condition needs it
};

std::vector<Target> EndlessTargets() {
  const std::string piece(16 * 1024, 'x');
  const std::string chunk = "4000\r\n" + piece + "\r\n";
  std::vector<Target> all;
  all.push_back({"endless body, chunked", Endless(kChunkedHead, chunk)});
  all.push_back({"endless body, until close", Endless("HTTP/1.1 200 OK\r\n\r\n", piece)});
  all.push_back({"endless body, keyword at the start",
                 Endless("HTTP/1.1 200 OK\r\n\r\nready", piece), Status::kUp,
                 R"({"keyword":"ready"})"});
  all.push_back({"endless body, keyword missing", Endless(kChunkedHead, chunk), Status::kDown,
                 R"({"keyword":"ready"})"});
  all.push_back({"endless body, forbidden keyword", Endless(kChunkedHead, chunk), Status::kDown,
                 R"({"keyword_absent":"ready"})"});
  all.push_back({"endless body, regex", Endless(kChunkedHead, chunk), Status::kDown,
                 R"({"body_regex":"(x+x+)+y"})", 1024});
  all.push_back({"endless body, JSON check", Endless(kChunkedHead, chunk), Status::kDown,
                 R"({"json_checks":[{"path":"$.a","op":"exists"}]})", 1024});
  all.push_back({"endless 503", Endless("HTTP/1.1 503 No\r\n\r\n", piece)});
  all.push_back({"100 MiB body, length announced",
                 Repeats(std::string(kHead) + "Content-Length: 104857600\r\n\r\n", piece, 6400, ""),
                 Status::kUp});
  std::string list = "[";
  while (list.size() < 1024 * 1024 - 8) list += "0,";
  all.push_back({"1 MiB JSON of tiny values", Sends(ScriptedServer::Ok(list + "0]")), Status::kUp,
                 R"({"json_checks":[{"path":"$[*]","op":"not_equals","value":1}]})", 1024});
  all.push_back({"1 MiB JSON nested for ever", Sends(ScriptedServer::Ok(std::string(1 << 20, '['))),
                 Status::kDown, R"({"json_checks":[{"path":"$[0]","op":"exists"}]})", 1024});
  return all;
}

std::vector<Target> CompressedTargets() {
  const std::string small = GzipOfZeros(4);
  const std::string bomb = GzipOfZeros(1024);
  std::vector<Target> all;
  all.push_back({"gzip bomb, 1 MB to 1 GiB", Sends(Gzipped(bomb, bomb.size()))});
  all.push_back({"gzip bomb with keyword", Sends(Gzipped(bomb, bomb.size())), Status::kDown,
                 R"({"keyword":"ready"})"});
  all.push_back({"gzip cut in half", Sends(Gzipped(GzipOfZeros(0).substr(0, 12), 12))});
  all.push_back({"gzip that is none", Sends(Gzipped("this is not gzip", 16))});
  all.push_back({"gzip, 4 KB to 4 MiB", Sends(Gzipped(small, small.size()))});
  return all;
}

std::vector<Target> HeadTargets() {
  std::vector<Target> all;
  all.push_back({"10 MB header", Repeats(std::string(kHead) + "X-Big: ", std::string(16384, 'h'),
                                         640, "\r\nContent-Length: 0\r\n\r\n")});
  all.push_back({"50,000 headers", Repeats(std::string(kHead), "X-Many: 1\r\n", 50'000,
                                           "Content-Length: 0\r\n\r\n")});
  all.push_back({"20,000 early hints", Repeats("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
                                               20'000, ScriptedServer::Ok("x"))});
  all.push_back(
      {"endless header line", Endless("HTTP/1.1 200 OK\r\nX-A: ", std::string(8192, 'h'))});
  all.push_back({"garbage instead of HTTP", Sends("\x16\x03\x01 SSH-2.0 what? \r\n\r\n")});
  all.push_back({"endless garbage", Endless("", std::string(8192, '\x01'))});
  all.push_back({"two Content-Lengths",
                 Sends(std::string(kHead) + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx")});
  all.push_back({"reset at once", [](ScriptedConnection& connection) { connection.Reset(); }});
  all.push_back({"closed without a word", After([](ScriptedConnection&) {})});
  return all;
}

std::vector<Target> SlowTargets() {
  constexpr const char* kSoon = R"({"timeout_ms":1500})";
  std::vector<Target> all;
  all.push_back({"accepts, never answers",
                 [](ScriptedConnection& connection) { connection.WaitForClose(); }, Status::kDown,
                 kSoon});
  all.push_back({"headers, then silence", After([](ScriptedConnection& connection) {
                   connection.Send(std::string(kHead) + "Content-Length: 5\r\n\r\n");
                   connection.WaitForClose();
                 }),
                 Status::kDown, kSoon});
  all.push_back({"one byte a second", After([](ScriptedConnection& connection) {
                   connection.SendSlowly(ScriptedServer::Ok("hello"), Seconds(1));
                 }),
                 Status::kDown, kSoon});
  all.push_back({"body at one byte a second", After([](ScriptedConnection& connection) {
                   connection.Send(std::string(kHead) + "Content-Length: 50\r\n\r\n");
                   connection.SendSlowly(std::string(50, '.'), Seconds(1));
                 }),
                 Status::kDown, kSoon});
  return all;
}

std::vector<Target> BodyTargets() {
  std::vector<Target> all;
  all.push_back({"503", Sends("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")});
  all.push_back({"1000 bytes announced, 10 sent",
                 Sends(std::string(kHead) + "Content-Length: 1000\r\n\r\n0123456789")});
  all.push_back({"chunked without end", Sends(std::string(kChunkedHead) + "5\r\nhello\r\n")});
  all.push_back(
      {"broken chunk size", Sends(std::string(kChunkedHead) + "zz\r\nhello\r\n0\r\n\r\n")});
  all.push_back({"empty 200 body", Sends(ScriptedServer::Ok("")), Status::kUp});
  all.push_back({"database error with 200",
                 Sends(ScriptedServer::Ok("Error establishing a database connection")),
                 Status::kDown, R"({"keyword_absent":"Error establishing"})"});
  all.push_back({"HEAD 405 but GET 200", After([](ScriptedConnection& connection) {
                   connection.Send(ScriptedServer::Ok("x"));
                 }),
                 Status::kUp});
  return all;
}

std::vector<Target> RedirectTargets() {
  const auto redirect = [](std::string location) {
    return Sends("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + "\r\n\r\n");
  };
  std::vector<Target> all;
  all.push_back({"redirect loop", redirect("/")});
  all.push_back({"11 hops", [](ScriptedConnection& connection) {
                   if (connection.ReadRequest().empty()) return;
                   connection.Send(connection.index() < 11
                                       ? "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"
                                         "Location: /next\r\n\r\n"
                                       : ScriptedServer::Ok("x"));
                 }});
  all.push_back({"redirect to file:", redirect("file:///etc/passwd")});
  all.push_back({"redirect to gopher:", redirect("gopher://127.0.0.1:70/")});
  all.push_back({"redirect to metadata", redirect("http://169.254.169.254/latest/")});
  all.push_back({"endless redirect body",
                 Endless("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", std::string(8192, 'r'))});
  return all;
}

class HostileTargetTest : public testing::Test {
 protected:
  HostileTargetTest() {
    // A fixed limit: large blocks are mapped and unmapped each time, and count each time.
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    bench_.clock.JumpWallTo(SystemClock().Now());
  }

  static const char* Word(Status status) {
    return status == Status::kUp ? "up" : status == Status::kDown ? "down" : "other";
  }

  Observation Visit(const ScriptedServer& server, const char* spec_text) {
    Value spec = ParseSpec(spec_text);
    spec.Set("url", server.Url());
    if (spec.Find("timeout_ms") == nullptr) spec.Set("timeout_ms", 8000);
    return bench_.CheckSpec(spec);
  }

  void Judge(const std::vector<Target>& targets) {
    for (const Target& target : targets) {
      ScriptedServer server(target.script);
      ResetPeak();
      const long before_kb = MemoryKb("VmRSS:");
      const SystemClock clock;
      const MonotonicTime begin = clock.Monotonic();
      const Observation seen = Visit(server, target.spec);
      const auto took = clock.Monotonic() - begin;
      const long growth_kb = std::max(0L, MemoryKb("VmHWM:") - before_kb);
      std::printf("| %-34s | %-4s | %-82s | %6.0f ms | %5ld KB |\n", target.name, Word(seen.status),
                  seen.message.c_str(), ToMillis(took), growth_kb);
      std::fflush(stdout);
      EXPECT_EQ(seen.status, target.wanted) << target.name << ": " << seen.message;
      EXPECT_LT(took, Seconds(9)) << target.name;
      if (IsMemoryTold()) {
        EXPECT_LE(growth_kb, kMaxGrowthKb + target.kept_kb) << target.name;
      }
    }
  }

  RealClient real_;
  ProbeBench bench_{*real_.client};
};

TEST_F(HostileTargetTest, VerdictAndMemory) {
  std::vector<Target> all = CompressedTargets();
  for (auto part :
       {EndlessTargets(), HeadTargets(), SlowTargets(), BodyTargets(), RedirectTargets()}) {
    std::move(part.begin(), part.end(), std::back_inserter(all));
  }
  // Whatever the first exchange of a process sets up is not the target's doing.
  ScriptedServer warm_up(ScriptedServer::Answer(ScriptedServer::Ok("warm")));
  for (int i = 0; i < 3; ++i) Visit(warm_up, R"({"body_regex":"warm"})");
  std::printf("| target | verdict | message | time | resident memory growth |\n|-|-|-|-|-|\n");
  Judge(all);
}

TEST_F(HostileTargetTest, OwnCertificateIsDown) {
  const net::TestCertificate own = net::MakeTestCertificate();
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("x")), own.cert_pem, own.key_pem);
  EXPECT_EQ(Visit(server, "{}").status, Status::kDown);
}

}  // namespace
}  // namespace pharos::probe
