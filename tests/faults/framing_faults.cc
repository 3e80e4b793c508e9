// Answers that are broken as HTTP, too large or never complete.
#include "play.h"

namespace pharos::faults {
namespace {

using namespace std::string_view_literals;
using model::Status;

constexpr const char* kUrl = R"("url":"{url}")";
constexpr const char* kSoon = R"("url":"{url}","timeout_ms":600)";

Fault Row(std::string name, Script script, std::string text, Status wanted = Status::kDown,
          std::string more = "") {
  return {.name = std::move(name),
          .spec = kUrl + more,
          .wanted = wanted,
          .text = std::move(text),
          .play = Http(std::move(script))};
}

Fault Waits(std::string name, Script script) {
  Fault fault = Row(std::move(name), std::move(script), "Request timed out");
  fault.spec = kSoon;
  fault.waits = true;
  return fault;
}

Script SendsBytes(std::string_view bytes) { return Sends(std::string(bytes)); }

std::vector<Fault> CutFaults() {
  const std::string packed = Gzip("the whole page, packed, with some more text behind it");
  return {
      Row("1000 bytes announced, 10 sent",
          Sends(std::string(kHead) + "Content-Length: 1000\r\n\r\n0123456789"),
          "the answer ends before its announced length"),
      Row("1 MB announced, cut in the middle",
          Repeats(std::string(kHead) + "Content-Length: 1048576\r\n\r\n", std::string(8192, 'x'),
                  64, ""),
          "the answer ends before its announced length"),
      Row("one byte short", Sends(std::string(kHead) + "Content-Length: 6\r\n\r\nhello"),
          "the answer ends before its announced length"),
      Row("cut behind the keyword that is asked for",
          Sends(std::string(kHead) + "Content-Length: 100\r\n\r\nready, and"),
          "the answer ends before its announced length", Status::kDown, R"(,"keyword":"ready")"),
      Row("reset in the middle of the body", After([](ScriptedConnection& c) {
            c.Send(std::string(kHead) + "Content-Length: 1000\r\n\r\n0123456789");
            c.Reset();
          }),
          ".*(reset|ends before).*"),
      Row("chunked without an end", Sends(std::string(kChunkedHead) + "5\r\nhello\r\n"),
          "the answer ends in the middle of a chunk|.*(ends|broken).*"),
      Row("chunked, cut inside a chunk", Sends(std::string(kChunkedHead) + "5\r\nhel"),
          ".*(ends|broken).*"),
      Row("chunked, cut in the trailers",
          Sends(std::string(kChunkedHead) + "5\r\nhello\r\n0\r\nX-Sum: 1"), ".*(ends|broken).*"),
      Row("chunk size that is no number",
          Sends(std::string(kChunkedHead) + "zz\r\nhello\r\n0\r\n\r\n"), ".*(broken|chunk).*"),
      Row("chunk size beyond all bounds",
          Sends(std::string(kChunkedHead) + "ffffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
          ".*(broken|chunk|ends).*"),
      Row("negative chunk size", Sends(std::string(kChunkedHead) + "-5\r\nhello\r\n0\r\n\r\n"),
          ".*(broken|chunk|ends).*"),
      Row("chunk without its line end",
          Sends(std::string(kChunkedHead) + "5\r\nhelloworld\r\n0\r\n\r\n"),
          ".*(broken|chunk|ends).*"),
      Row("gzip cut in half",
          Sends(Gzipped(packed.substr(0, packed.size() / 2), packed.size() / 2)),
          "the compressed body ends in the middle"),
      Row("gzip without its last byte",
          Sends(Gzipped(packed.substr(0, packed.size() - 1), packed.size() - 1)),
          "the compressed body ends in the middle"),
      Row("gzip with a wrong check sum",
          Sends(Gzipped(packed.substr(0, packed.size() - 8) + "badsumXX", packed.size())),
          "the compressed body is damaged"),
      Row("gzip that is none", Sends(Gzipped("this is not gzip", 16)),
          "the compressed body is damaged"),
      Row("brotli that is none",
          Sends(Answer("200 OK", std::string(40, '\xfe'), "Content-Encoding: br\r\n")),
          ".*(damaged|ends in the middle).*"),
      Row("gzip announced, brotli named",
          Sends(Answer("200 OK", packed, "Content-Encoding: deflate\r\n")),
          "the compressed body is damaged"),
      Row("encoding that nobody knows", Sends(Answer("200 OK", "x", "Content-Encoding: lzma9\r\n")),
          "the content encoding lzma9 is not known"),
      Row("gzip announced, empty body", Sends(Answer("200 OK", "", "Content-Encoding: gzip\r\n")),
          "", Status::kUp),
  };
}

std::vector<Fault> HeadFaults() {
  return {
      Row("two different Content-Lengths",
          Sends(std::string(kHead) + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"),
          "the answer has two different Content-Length headers"),
      Row("two equal Content-Lengths",
          Sends(std::string(kHead) + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nxx"), "",
          Status::kUp),
      Row("two lengths in one header",
          Sends(std::string(kHead) + "Content-Length: 2, 3\r\n\r\nxxx"), ".*Content-Length.*"),
      Row("negative Content-Length", Sends(std::string(kHead) + "Content-Length: -1\r\n\r\nx"),
          ".*Content-Length.*"),
      Row("Content-Length that is no number",
          Sends(std::string(kHead) + "Content-Length: ten\r\n\r\n0123456789"),
          ".*Content-Length.*"),
      Row("Content-Length beyond all bounds",
          Sends(std::string(kHead) + "Content-Length: 99999999999999999999\r\n\r\nx"),
          ".*(Content-Length|announced length).*"),
      Row("length and chunks at once, where the chunks count",
          Sends(std::string(kHead) +
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
          "", Status::kUp),
      Row("transfer encoding that nobody knows",
          Sends(std::string(kHead) + "Transfer-Encoding: rot13\r\n\r\nuryyb"),
          "the answer has a transfer encoding that is not known", Status::kDown),
      Row("header without a colon",
          Sends(std::string(kHead) + "this is no header\r\nContent-Length: 1\r\n\r\nx"),
          ".*(header line without a colon|not HTTP).*"),
      Row("NUL byte in a header",
          SendsBytes("HTTP/1.1 200 OK\r\nX-A: b\0c\r\nContent-Length: 1\r\n\r\nx"sv),
          ".*(NUL|header|broken).*"),
      Row("header folded over two lines",
          Sends(std::string(kHead) + "X-Long: one\r\n  two\r\nContent-Length: 1\r\n\r\nx"), "",
          Status::kUp, R"(,"header_checks":[{"name":"X-Long","op":"equals","value":"one two"}])"),
  };
}

std::vector<Fault> HeadSizeFaults() {
  return {
      Row("10 MB header",
          Repeats(std::string(kHead) + "X-Big: ", std::string(16384, 'h'), 640,
                  "\r\nContent-Length: 0\r\n\r\n"),
          ".*header.*(too long|larger).*"),
      Row("50,000 headers",
          Repeats(std::string(kHead), "X-Many: 1\r\n", 50'000, "Content-Length: 0\r\n\r\n"),
          "the answer has more than 200 header lines"),
      Row("header that never ends", Endless("HTTP/1.1 200 OK\r\nX-A: ", std::string(8192, 'h')),
          ".*header.*(too long|larger).*"),
      Row("20,000 early hints",
          Repeats("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 20'000,
                  ScriptedServer::Ok("x")),
          "the answer has more than 200 header lines"),
      Row("early hints that never end",
          Endless("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
          "the answer has more than 200 header lines"),
      Row("one early hint, then the answer",
          Sends("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ScriptedServer::Ok("x")), "",
          Status::kUp),
  };
}

std::vector<Fault> StatusLineFaults() {
  return {
      Row("garbage instead of HTTP", Sends("\x16\x03\x01 SSH-2.0 what? \r\n\r\n"),
          "the answer is not HTTP"),
      Row("the greeting of an SSH server", Sends("SSH-2.0-OpenSSH_9.2p1\r\n"),
          "the answer is not HTTP"),
      Row("the greeting of a mail server", Sends("220 mail.test ESMTP\r\n"),
          "the answer is not HTTP"),
      Row("garbage without end", Endless("", std::string(8192, '\x01')), ".*(not HTTP|too long).*"),
      Row("HTTP/0.9: a page without a head", Sends("<html>hello</html>"), "the answer is not HTTP"),
      Row("status line without a number", Sends("HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n"),
          "the answer is not HTTP"),
      Row("status 999", Sends("HTTP/1.1 999 Nobody Knows\r\nContent-Length: 0\r\n\r\n"),
          "HTTP 999"),
      Row("status with four digits", Sends("HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"),
          "the answer is not HTTP"),
      Row("a head and nothing else", Sends("HTTP/1.1 200 OK\r\nContent-Le"),
          ".*(ends|not HTTP|headers).*"),
      Row("HTTP/1.0 without a length", Sends("HTTP/1.0 200 OK\r\n\r\n<html>old</html>"), "",
          Status::kUp),
      Row("line ends without carriage return", Sends("HTTP/1.1 200 OK\nContent-Length: 1\n\nx"), "",
          Status::kUp),
      Row("switches to a protocol nobody asked for",
          Sends("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"),
          R"(127\.0\.0\.1:\d+ closed the connection after HTTP 101, without a final answer)"),
  };
}

std::string TinyValues() {
  std::string list = "[";
  while (list.size() < 1024 * 1024 - 8) list += "0,";
  return list + "0]";
}

std::vector<Fault> EndlessFaults() {
  const std::string piece(16 * 1024, 'x');
  const std::string chunk = "4000\r\n" + piece + "\r\n";
  const std::string endless = "answer body does not end: stopped after .* MiB";
  const std::string bomb = GzipOfZeros(1024);
  const std::string small = GzipOfZeros(4);
  const std::string expands = "the compressed body expands more than 200-fold";
  const std::string first = "keyword \"ready\" not found in the first .* bytes";
  std::vector<Fault> all = {
      Row("endless body, chunked", Endless(kChunkedHead, chunk), endless),
      Row("endless body, until close", Endless("HTTP/1.1 200 OK\r\n\r\n", piece), endless),
      Row("endless body, keyword at its start", Endless("HTTP/1.1 200 OK\r\n\r\nready", piece), "",
          Status::kUp, R"(,"keyword":"ready")"),
      Row("endless body, keyword missing", Endless(kChunkedHead, chunk), first, Status::kDown,
          R"(,"keyword":"ready")"),
      Row("endless body, regular expression that others choke on", Endless(kChunkedHead, chunk),
          "answer body does not match body_regex.*", Status::kDown,
          R"(,"body_regex":"(x+x+)+y","max_body_bytes":65536)"),
      Row("endless body, condition on JSON", Endless(kChunkedHead, chunk),
          "JSON checks need the whole answer body.*", Status::kDown,
          R"(,"json_checks":[{"path":"$.a","op":"exists"}],"max_body_bytes":65536)"),
      Row("endless body, forbidden keyword", Endless(kChunkedHead, chunk), endless, Status::kDown,
          R"(,"keyword_absent":"ready")"),
      Row("endless 503", Endless("HTTP/1.1 503 No\r\n\r\n", piece), "HTTP 503.*"),
      Row("endless body behind a redirect",
          Endless("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", std::string(8192, 'r')),
          "more than 5 redirects"),
      Row("100 MiB, length announced",
          Repeats(std::string(kHead) + "Content-Length: 104857600\r\n\r\n", piece, 6400, ""), "",
          Status::kUp),
      Row("gzip bomb, 1 MB to 1 GiB", Sends(Gzipped(bomb, bomb.size())), expands),
      Row("gzip bomb, keyword asked for", Sends(Gzipped(bomb, bomb.size())),
          "(" + expands + "|" + first + ")", Status::kDown, R"(,"keyword":"ready")"),
      Row("gzip, 4 KB to 4 MiB", Sends(Gzipped(small, small.size())), expands),
      Row("1 MiB of tiny JSON values", Sends(ScriptedServer::Ok(TinyValues())), "", Status::kUp,
          R"(,"json_checks":[{"path":"$[*]","op":"not_equals","value":1}])"),
      Row("JSON nested for ever", Sends(ScriptedServer::Ok(std::string(1 << 20, '['))), ".*JSON.*",
          Status::kDown, R"(,"json_checks":[{"path":"$[0]","op":"exists"}])"),
  };
  for (Fault& fault : all) {
    const bool keeps = fault.spec.find("json_checks") != std::string::npos ||
                       fault.spec.find("body_regex") != std::string::npos;
    if (keeps) fault.kept_kb = 1024;
  }
  return all;
}

std::vector<Fault> SlowFaults() {
  return {
      Waits("headers, then silence", After([](ScriptedConnection& c) {
              c.Send(std::string(kHead) + "Content-Length: 5\r\n\r\n");
              c.WaitForClose();
            })),
      Waits("half of the headers, then silence", After([](ScriptedConnection& c) {
              c.Send("HTTP/1.1 200 OK\r\nContent-");
              c.WaitForClose();
            })),
      Waits("half of the body, then silence", After([](ScriptedConnection& c) {
              c.Send(std::string(kHead) + "Content-Length: 100\r\n\r\nhalf");
              c.WaitForClose();
            })),
      Waits("one byte a second", After([](ScriptedConnection& c) {
              c.SendSlowly(ScriptedServer::Ok("hello"), Seconds(1));
            })),
      Waits("body at one byte a second", After([](ScriptedConnection& c) {
              c.Send(std::string(kHead) + "Content-Length: 50\r\n\r\n");
              c.SendSlowly(std::string(50, '.'), Seconds(1));
            })),
      Waits("interim answers, then silence", After([](ScriptedConnection& c) {
              c.Send("HTTP/1.1 102 Processing\r\n\r\n");
              c.WaitForClose();
            })),
      Waits("chunk announced, then silence", After([](ScriptedConnection& c) {
              c.Send(std::string(kChunkedHead) + "ff\r\nonly this");
              c.WaitForClose();
            })),
  };
}

}  // namespace

std::vector<Fault> FramingFaults() {
  std::vector<Fault> all;
  for (auto part : {CutFaults(), HeadFaults(), HeadSizeFaults(), StatusLineFaults(),
                    EndlessFaults(), SlowFaults()}) {
    std::move(part.begin(), part.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace pharos::faults
