#include "http/internal/request_parser.h"

#include <gtest/gtest.h>

namespace pharos::http::internal {
namespace {

struct Outcome {
  ParseState state = ParseState::kStart;
  int status = 0;
  size_t used = 0;
  Request request;
  bool keep_alive = false;
};

// Feeds `input` in pieces of `step` bytes, as a connection would.
Outcome Parse(std::string_view input, size_t step, const ServerLimits& limits) {
  RequestParser parser(limits);
  std::string pending;
  Outcome outcome;
  for (size_t at = 0; at < input.size(); at += step) {
    pending += input.substr(at, step);
    const size_t used = parser.Feed(pending);
    pending.erase(0, used);
    outcome.used += used;
    outcome.state = parser.state();
    if (outcome.state == ParseState::kFailed) {
      outcome.status = parser.error_status();
      return outcome;
    }
    if (outcome.state == ParseState::kComplete || outcome.state == ParseState::kBodyTooLarge) {
      outcome.keep_alive = parser.keep_alive();
      outcome.request = parser.Take();
      return outcome;
    }
  }
  return outcome;
}

Outcome Whole(std::string_view input, const ServerLimits& limits = {}) {
  return Parse(input, input.size(), limits);
}

std::string Head(std::string_view lines) {
  return "POST /x HTTP/1.1\r\nHost: h\r\n" + std::string(lines) + "\r\n";
}

TEST(RequestParser, ReadsLineHeadersAndBody) {
  const std::string input =
      "POST /a/b?x=1&y=%20 HTTP/1.1\r\nHost: h\r\nX-A:  v w \t\r\nContent-Length: "
      "5\r\n\r\nhelloGET";
  for (const size_t step : {input.size(), size_t{1}, size_t{3}, size_t{7}}) {
    const Outcome outcome = Parse(input, step, {});
    ASSERT_EQ(outcome.state, ParseState::kComplete) << step;
    EXPECT_EQ(outcome.used, input.size() - 3);
    EXPECT_EQ(outcome.request.method, "POST");
    EXPECT_EQ(outcome.request.target, "/a/b?x=1&y=%20");
    EXPECT_EQ(outcome.request.path, "/a/b");
    EXPECT_EQ(outcome.request.query, "x=1&y=%20");
    EXPECT_EQ(outcome.request.FindHeader("x-a"), "v w");
    EXPECT_EQ(outcome.request.body, "hello");
    EXPECT_FALSE(outcome.request.body_too_large);
    EXPECT_TRUE(outcome.keep_alive);
  }
}

TEST(RequestParser, ReadsChunksAndIgnoresTrailers) {
  const std::string input =
      Head("Transfer-Encoding: Chunked\r\n") +
      "5;ext=\"a;b\"\r\nhello\r\n1\r\n \r\n6\r\nworld!\r\n0\r\nX-T: 1\r\n\r\n";
  for (const size_t step : {input.size(), size_t{1}, size_t{2}, size_t{11}}) {
    const Outcome outcome = Parse(input, step, {});
    ASSERT_EQ(outcome.state, ParseState::kComplete) << step;
    EXPECT_EQ(outcome.used, input.size());
    EXPECT_EQ(outcome.request.body, "hello world!");
    EXPECT_FALSE(outcome.request.HasHeader("x-t"));
  }
}

TEST(RequestParser, AcceptsTheFormsOfATarget) {
  EXPECT_EQ(Whole("GET http://h:8/p?q HTTP/1.1\r\nHost: h\r\n\r\n").request.path, "/p");
  EXPECT_EQ(Whole("GET http://h:8/p?q HTTP/1.1\r\nHost: h\r\n\r\n").request.query, "q");
  EXPECT_EQ(Whole("GET HTTPS://h HTTP/1.1\r\nHost: h\r\n\r\n").request.path, "/");
  EXPECT_EQ(Whole("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").request.path, "*");
  EXPECT_EQ(Whole("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n").state, ParseState::kComplete);
}

TEST(RequestParser, TellsWhetherTheConnectionStays) {
  EXPECT_TRUE(Whole("GET / HTTP/1.1\r\nHost: h\r\n\r\n").keep_alive);
  EXPECT_FALSE(Whole("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, close\r\n\r\n").keep_alive);
  EXPECT_FALSE(Whole("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(Whole("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

struct Refusal {
  const char* what;
  std::string input;
  int status;
};

std::vector<Refusal> Refusals() {
  return {
      {"nothing like a request", std::string("\x16\x03\x01\x02\x00\x01", 6), 400},
      {"text", "hello world\r\n\r\n", 400},
      {"no version", "GET /\r\n\r\n", 400},
      {"two blanks", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"control in target", "GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"relative target", "GET x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"strange scheme", "GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"proxy request", "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 501},
      {"version 2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"version 1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505},
      {"bad version", "GET / HTTP/x.1\r\nHost: h\r\n\r\n", 400},
      {"many blank lines", "\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two hosts", Head("Host: h\r\n"), 400},
      {"bare LF after the line", "GET / HTTP/1.1\nHost: h\n\n", 400},
      {"bare LF in headers", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400},
      {"bare CR in a value", Head("X: a\rb\r\n"), 400},
      {"NUL in a value", Head(std::string("X: a\0b\r\n", 8)), 400},
      {"blank before the colon", Head("X : y\r\n"), 400},
      {"no colon", Head("Xy\r\n"), 400},
      {"empty name", Head(": y\r\n"), 400},
      {"folded value", Head("X: a\r\n b\r\n"), 400},
      {"folded empty value", Head("X:\r\n b\r\n"), 400},
      {"folded blank", Head("X: a\r\n \r\n"), 400},
      {"fold of the first header", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
      {"folded encoding", Head("Transfer-Encoding:\r\n chunked\r\n"), 400},
      {"length and encoding", Head("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"encoding and length", Head("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
      {"two lengths", Head("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
      {"two equal lengths", Head("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
      {"list of lengths", Head("Content-Length: 5, 5\r\n"), 400},
      {"negative length", Head("Content-Length: -1\r\n"), 400},
      {"signed length", Head("Content-Length: +1\r\n"), 400},
      {"empty length", Head("Content-Length: \r\n"), 400},
      {"hexadecimal length", Head("Content-Length: 0x5\r\n"), 400},
      {"overflowing length", Head("Content-Length: 18446744073709551617\r\n"), 400},
      {"unknown encoding", Head("Transfer-Encoding: gzip\r\n"), 501},
      {"two encodings in one", Head("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {"chunked not last", Head("Transfer-Encoding: chunked, identity\r\n"), 501},
      {"disguised chunked", Head("Transfer-Encoding: xchunked\r\n"), 501},
      {"encoding twice", Head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"encoding in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"unknown expectation", Head("Expect: 200-ok\r\n"), 417},
      {"negative chunk", Head("Transfer-Encoding: chunked\r\n") + "-5\r\nhello\r\n0\r\n\r\n", 400},
      {"chunk of 2^68", Head("Transfer-Encoding: chunked\r\n") + "10000000000000000\r\nx", 400},
      {"chunk without size", Head("Transfer-Encoding: chunked\r\n") + "\r\nhello\r\n", 400},
      {"chunk size with blank", Head("Transfer-Encoding: chunked\r\n") + "5 \r\nhello\r\n", 400},
      {"chunk longer than said", Head("Transfer-Encoding: chunked\r\n") + "2\r\nhello\r\n0\r\n\r\n",
       400},
      {"chunk line with bare LF", Head("Transfer-Encoding: chunked\r\n") + "5\nhello\r\n0\r\n\r\n",
       400},
      {"length in trailers",
       Head("Transfer-Encoding: chunked\r\n") + "0\r\nContent-Length: 1\r\n\r\n", 400},
      {"folded trailer", Head("Transfer-Encoding: chunked\r\n") + "0\r\nX: a\r\n b\r\n\r\n", 400},
  };
}

TEST(RequestParser, RefusesWhatBreaksTheProtocol) {
  for (const Refusal& refusal : Refusals()) {
    const Outcome outcome = Whole(refusal.input);
    EXPECT_EQ(outcome.state, ParseState::kFailed) << refusal.what;
    EXPECT_EQ(outcome.status, refusal.status) << refusal.what;
    // In small pieces it may wait for more instead, but never let it through.
    for (const size_t step : {1, 2, 5}) {
      const ParseState state = Parse(refusal.input, step, {}).state;
      EXPECT_NE(state, ParseState::kComplete) << refusal.what << " step " << step;
      EXPECT_NE(state, ParseState::kBodyTooLarge) << refusal.what << " step " << step;
    }
  }
}

TEST(RequestParser, LimitsTheRequestLine) {
  ServerLimits limits;
  limits.max_request_line = 100;
  const std::string good = "GET /" + std::string(80, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n";
  EXPECT_EQ(Parse(good, good.size(), limits).state, ParseState::kComplete);
  const std::string bad = "GET /" + std::string(100, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n";
  for (const size_t step : {bad.size(), size_t{1}, size_t{50}}) {
    EXPECT_EQ(Parse(bad, step, limits).status, 414) << step;
  }
}

TEST(RequestParser, LimitsTheHeaders) {
  ServerLimits limits;
  limits.max_header_bytes = 200;
  limits.max_header_count = 5;
  const std::string bytes = Head("X: " + std::string(300, 'v') + "\r\n");
  for (const size_t step : {bytes.size(), size_t{1}, size_t{64}}) {
    EXPECT_EQ(Parse(bytes, step, limits).status, 431) << step;
  }
  EXPECT_EQ(Whole(Head("A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\n"), limits).state, ParseState::kComplete);
  EXPECT_EQ(Whole(Head("A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\n"), limits).status, 431);
}

TEST(RequestParser, LimitsChunkLinesAndTrailers) {
  const std::string chunked = Head("Transfer-Encoding: chunked\r\n");
  const std::string line = chunked + "5;" + std::string(40'000, 'e');
  EXPECT_EQ(Parse(line, 1000, {}).status, 400);
  std::string trailers = chunked + "0\r\n";
  for (int i = 0; i < 200; ++i) trailers += "X-T: 1\r\n";
  EXPECT_EQ(Whole(trailers + "\r\n").status, 431);
  EXPECT_EQ(Parse(chunked + "0\r\nX: " + std::string(40'000, 't'), 1000, {}).status, 400);
}

TEST(RequestParser, PassesOnARequestWithTooLargeABody) {
  ServerLimits limits;
  limits.max_body_bytes = 10;
  const Outcome length = Whole(Head("Content-Length: 11\r\n") + "hello", limits);
  EXPECT_EQ(length.state, ParseState::kBodyTooLarge);
  EXPECT_TRUE(length.request.body_too_large);
  EXPECT_EQ(length.request.path, "/x");
  EXPECT_EQ(Whole(Head("Content-Length: 10\r\n") + "0123456789", limits).state,
            ParseState::kComplete);
  const std::string chunks =
      Head("Transfer-Encoding: chunked\r\n") + "8\r\n01234567\r\n3\r\nabc\r\n0\r\n\r\n";
  for (const size_t step : {chunks.size(), size_t{1}}) {
    const Outcome outcome = Parse(chunks, step, limits);
    EXPECT_EQ(outcome.state, ParseState::kBodyTooLarge) << step;
    EXPECT_EQ(outcome.request.body, "");
  }
  const Outcome huge =
      Whole(Head("Transfer-Encoding: chunked\r\n") + "FFFFFFFFFFFFFFFF\r\nabc", limits);
  EXPECT_EQ(huge.state, ParseState::kBodyTooLarge);
}

TEST(RequestParser, KnowsWhoWaitsForContinue) {
  const ServerLimits limits;
  RequestParser parser(limits);
  const std::string head = Head("Expect: 100-Continue\r\nContent-Length: 2\r\n");
  EXPECT_EQ(parser.Feed(head), head.size());
  EXPECT_EQ(parser.state(), ParseState::kBody);
  EXPECT_TRUE(parser.expects_continue());
  EXPECT_EQ(parser.Feed("ab"), 2u);
  EXPECT_EQ(parser.state(), ParseState::kComplete);
  EXPECT_EQ(parser.Take().body, "ab");
  parser.Reset();
  EXPECT_EQ(parser.state(), ParseState::kStart);
  EXPECT_FALSE(parser.expects_continue());
}

}  // namespace
}  // namespace pharos::http::internal
