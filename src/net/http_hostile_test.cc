// Every broken or hostile target of the fault matrix that other monitors were measured against:
// what is said about it, and that it costs no memory.
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdio>
#include <fstream>

#include "net/testing/client_fixture.h"
#include "net/testing/scripted_server.h"

namespace pharos::net {
namespace {

using namespace std::string_view_literals;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMeasuresMemory = false;  // the sanitizers' own books grow
#else
constexpr bool kMeasuresMemory = true;
#endif
constexpr int64_t kMaxGrowth = 2 * 1024 * 1024;
constexpr char kOkHead[] = "HTTP/1.1 200 OK\r\n";

int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t total = 0;
  int64_t resident = 0;
  statm >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

// The highest resident size since the last ForgetPeak.
int64_t PeakBytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    long kib = 0;
    if (std::sscanf(line.c_str(), "VmHWM: %ld kB", &kib) == 1) return kib * 1024;
  }
  return 0;
}

void ForgetPeak() { std::ofstream("/proc/self/clear_refs") << "5"; }

std::string Gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// About 1 MiB that expands to 1 GiB: members of 1 MiB of zeros each.
const std::string& GzipMember() {
  static const std::string member = Gzip(std::string(1 << 20, '\0'));
  return member;
}

class HttpHostileTest : public ClientFixture {
 protected:
  // Runs the target until warm, then again, and holds failure and memory against the expectation.
  HttpAnswer Expect(HttpFailure failure, ScriptedServer::Script script,
                    Duration timeout = Seconds(8)) {
    ScriptedServer server(std::move(script));
    HttpRequest request;
    request.url = server.Url();
    request.timeout = timeout;
    HttpAnswer answer;
    for (int i = 0; i < 3; ++i) answer = Fetch(request);
    const int64_t before = ResidentBytes();
    ForgetPeak();
    for (int i = 0; i < 4; ++i) {
      answer = Fetch(request);
      EXPECT_EQ(answer.failure, failure) << answer.message;
    }
    if (kMeasuresMemory) {
      EXPECT_LE(ResidentBytes() - before, kMaxGrowth);
      EXPECT_LE(PeakBytes() - before, kMaxGrowth);
    }
    EXPECT_EQ(answer.message.empty(), failure == HttpFailure::kNone);
    return answer;
  }

  static ScriptedServer::Script Bytes(std::string bytes) {
    return ScriptedServer::Answer(std::move(bytes));
  }

  // Head, then a piece again and again.
  static ScriptedServer::Script Repeat(std::string head, std::string piece, int times,
                                       std::string tail = "") {
    return [=](ScriptedConnection& connection) {
      if (connection.ReadRequest().empty() || !connection.Send(head)) return;
      for (int i = 0; i < times; ++i) {
        if (!connection.Send(piece)) return;
      }
      connection.Send(tail);
    };
  }
};

TEST_F(HttpHostileTest, ServiceUnavailableIsAnAnswer) {
  EXPECT_EQ(
      Expect(HttpFailure::kNone, Bytes("HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno")).status,
      503);
}

TEST_F(HttpHostileTest, Reset) {
  Expect(HttpFailure::kReset, [](ScriptedConnection& connection) { connection.Reset(); });
}

TEST_F(HttpHostileTest, ResetInTheBody) {
  Expect(HttpFailure::kReset, [](ScriptedConnection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc");
    connection.Reset();
  });
}

TEST_F(HttpHostileTest, CloseWithoutAnAnswer) { Expect(HttpFailure::kReset, Bytes("")); }

TEST_F(HttpHostileTest, GarbageInsteadOfHttp) {
  Expect(HttpFailure::kProtocol, Bytes("SSH-2.0-OpenSSH_9.2\r\n\x01\x02\x03 garbage"));
  Expect(HttpFailure::kProtocol, Bytes("<html>bare</html>"));
  Expect(HttpFailure::kProtocol, Bytes("HTTP/1.1 abc\r\n\r\n"));
  Expect(HttpFailure::kProtocol, Bytes(std::string("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n"sv)));
}

TEST_F(HttpHostileTest, DuplicateContentLength) {
  Expect(HttpFailure::kProtocol,
         Bytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc"));
  Expect(HttpFailure::kNone,
         Bytes("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"));
}

TEST_F(HttpHostileTest, BrokenChunks) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  Expect(HttpFailure::kProtocol, Bytes(head + "zz\r\nabc\r\n0\r\n\r\n"));
  Expect(HttpFailure::kProtocol, Bytes(head + "fffffffffffffffff\r\nabc"));
  Expect(HttpFailure::kProtocol, Bytes(head + "3\r\nabcdef\r\n0\r\n\r\n"));
}

TEST_F(HttpHostileTest, ChunkedWithoutEnd) {
  Expect(HttpFailure::kProtocol,
         Bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"));
}

TEST_F(HttpHostileTest, TruncatedLength) {
  const HttpAnswer answer = Expect(
      HttpFailure::kProtocol, Bytes("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "0123456789");
}

TEST_F(HttpHostileTest, GzipCutInHalf) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += std::to_string(i * 7919);
  const std::string half = Gzip(text).substr(0, 4000);
  Expect(HttpFailure::kProtocol, Bytes(ScriptedServer::Ok(half, "Content-Encoding: gzip\r\n")));
}

TEST_F(HttpHostileTest, NotGzipAtAll) {
  Expect(HttpFailure::kProtocol, Bytes(ScriptedServer::Ok("plain", "Content-Encoding: gzip\r\n")));
  Expect(HttpFailure::kProtocol, Bytes(ScriptedServer::Ok("plain", "Content-Encoding: zip\r\n")));
}

TEST_F(HttpHostileTest, NeverAnswers) {
  const auto silent = [](ScriptedConnection& connection) { connection.WaitForClose(); };
  const HttpAnswer answer = Expect(HttpFailure::kTimeout, silent, Milliseconds(100));
  EXPECT_EQ(answer.message, "timed out after 0.1 s waiting for the first byte");
  EXPECT_LT(answer.phases.total_us, 2'000'000);
}

TEST_F(HttpHostileTest, HeadersThenSilence) {
  const auto script = [](ScriptedConnection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    connection.WaitForClose();
  };
  const HttpAnswer answer = Expect(HttpFailure::kTimeout, script, Milliseconds(100));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.message, "timed out after 0.1 s reading the body");
}

TEST_F(HttpHostileTest, OneByteASecond) {
  const auto script = [](ScriptedConnection& connection) {
    connection.ReadRequest();
    connection.SendSlowly("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", Seconds(1));
  };
  const HttpAnswer answer = Expect(HttpFailure::kTimeout, script, Milliseconds(150));
  EXPECT_LT(answer.phases.total_us, 2'000'000);
}

TEST_F(HttpHostileTest, TenMegabyteHeader) {
  Expect(HttpFailure::kTooLarge,
         Repeat(std::string(kOkHead) + "X: ", std::string(100'000, 'h'), 100, "\r\n\r\n"));
}

TEST_F(HttpHostileTest, ManyLongHeaders) {
  Expect(HttpFailure::kTooLarge,
         Repeat(kOkHead, "X: " + std::string(2000, 'h') + "\r\n", 5000, "\r\n"));
}

TEST_F(HttpHostileTest, FiftyThousandHeaders) {
  const HttpAnswer answer =
      Expect(HttpFailure::kTooLarge, Repeat(kOkHead, "A: b\r\n", 50'000, "\r\n"));
  EXPECT_EQ(answer.message, "the answer has more than 200 header lines");
  EXPECT_EQ(answer.status, 200);
}

TEST_F(HttpHostileTest, TwentyThousandEarlyHints) {
  Expect(HttpFailure::kTooLarge, Repeat("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
                                        20'000, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  Expect(HttpFailure::kTooLarge, Repeat("", "HTTP/1.1 100 Continue\r\n\r\n", 20'000));
}

TEST_F(HttpHostileTest, EndlessTrailers) {
  Expect(HttpFailure::kTooLarge,
         Repeat("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
                "T: " + std::string(500, 't') + "\r\n", 100'000));
}

TEST_F(HttpHostileTest, EmptyBodyIsAnAnswer) {
  EXPECT_EQ(Expect(HttpFailure::kNone, Bytes(ScriptedServer::Ok(""))).status, 200);
}

TEST_F(HttpHostileTest, ErrorTextWithStatus200IsAnAnswer) {
  EXPECT_EQ(Expect(HttpFailure::kNone,
                   Bytes(ScriptedServer::Ok("Error establishing a database connection")))
                .body,
            "Error establishing a database connection");
}

TEST_F(HttpHostileTest, GzipBomb) {
  GzipMember();
  const HttpAnswer answer = Expect(HttpFailure::kTooLarge, [](ScriptedConnection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
    connection.SendForever(GzipMember());
  });
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body_truncated_by_limit);
  EXPECT_EQ(answer.message, "the compressed body expands more than 200-fold");
  EXPECT_LE(answer.body_bytes, 4u << 20);
}

TEST_F(HttpHostileTest, EndlessBody) {
  const HttpAnswer answer = Expect(HttpFailure::kTooLarge, [](ScriptedConnection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 200 OK\r\n\r\n");
    connection.SendForever(std::string(100'000, 'e'));
  });
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body_truncated_by_limit);
  EXPECT_EQ(answer.body_bytes, 4u << 20);
  EXPECT_EQ(answer.body.size(), 64u * 1024);
}

TEST_F(HttpHostileTest, EndlessChunkExtensions) {
  Expect(HttpFailure::kProtocol,
         Repeat("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;", "x", 1000));
}

TEST_F(HttpHostileTest, SwitchingProtocolsUnasked) {
  const HttpAnswer answer =
      Expect(HttpFailure::kNone, Bytes("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nrest"));
  EXPECT_EQ(answer.status, 101);
}

}  // namespace
}  // namespace pharos::net
