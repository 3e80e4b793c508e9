// Well-formed HTTP that says something is wrong, and redirects.
#include "play.h"

namespace pharos::faults {
namespace {

using model::Status;

constexpr const char* kUrl = R"("url":"{url}")";

Fault Row(std::string name, Script script, std::string text, Status wanted = Status::kDown,
          std::string more = "") {
  return {.name = std::move(name),
          .spec = kUrl + more,
          .wanted = wanted,
          .text = std::move(text),
          .play = Http(std::move(script))};
}

// Two servers; the second one stands at {other}, and the first one's answers may name it.
Fault Pair(std::string name, const std::function<Script(const std::string& other)>& first,
           Script second, std::string text, Status wanted, std::string more = "") {
  Fault fault = Row(std::move(name), {}, std::move(text), wanted, std::move(more));
  fault.play = [first, second = std::move(second)] {
    auto other = std::make_unique<ScriptedServer>(second);
    Target target = Http(first(other->Url()))();
    target.words["other"] = other->Url();
    target.second = std::move(other);
    return target;
  };
  return fault;
}

// Answers after `pause`, unless the client leaves.
Script Late(Duration pause, std::string answer) {
  return After([=](ScriptedConnection& c) {
    if (!c.SendSlowly(answer.substr(0, 1), Milliseconds(0))) return;
    if (c.SendSlowly(answer.substr(1, 1), pause)) c.Send(answer.substr(2));
  });
}

std::vector<Fault> StatusFaults() {
  std::vector<Fault> all;
  const struct {
    const char* status;
    const char* what;
  } rows[] = {
      {"500 Internal Server Error", "the application failed"},
      {"502 Bad Gateway", "the proxy got no answer from the application"},
      {"504 Gateway Timeout", "the application is too slow for the proxy"},
      {"401 Unauthorized", "asks for a login"},
      {"403 Forbidden", "a firewall takes the monitor for a robot"},
      {"404 Not Found", "the page is gone"},
      {"410 Gone", "the page is gone for good"},
      {"421 Misdirected Request", "another virtual host answered"},
      {"520 Web Server Returned an Unknown Error", "content delivery: the origin is broken"},
      {"521 Web Server Is Down", "content delivery: the origin is down"},
      {"522 Connection Timed Out", "content delivery: the origin does not answer"},
      {"525 SSL Handshake Failed", "content delivery: no TLS with the origin"},
      {"526 Invalid SSL Certificate", "content delivery: the origin's certificate is bad"},
      {"530 Origin DNS Error", "content delivery: the origin has no address"},
  };
  for (const auto& row : rows) {
    const std::string code = std::string(row.status).substr(0, 3);
    all.push_back(Row(code + ": " + row.what,
                      Sends(Answer(row.status, "<html>" + std::string(row.status) + "</html>",
                                   "Content-Type: text/html\r\n")),
                      "HTTP " + code));
  }
  all.push_back(Row("503: maintenance, come back later",
                    Sends(Answer("503 Service Unavailable", "Back soon", "Retry-After: 3600\r\n")),
                    "HTTP 503.*"));
  all.push_back(Row("429: asked too often, which says that it is alive",
                    Sends(Answer("429 Too Many Requests", "", "Retry-After: 60\r\n")), "",
                    Status::kUp));
  all.push_back(Row("429, and only 200 will do",
                    Sends(Answer("429 Too Many Requests", "", "Retry-After: 60\r\n")),
                    "HTTP 429, expected 200.*", Status::kDown, R"(,"expected_status":"200")"));
  all.push_back(Row("204 with a body",
                    Sends("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello"), "",
                    Status::kUp));
  all.push_back(Row(
      "every third answer is a 503, retried",
      [](ScriptedConnection& c) {
        if (c.ReadRequest().empty()) return;
        c.Send(c.index() % 3 == 0 ? Answer("503 Service Unavailable", "")
                                  : ScriptedServer::Ok("x"));
      },
      "", Status::kUp, R"(,"retries":2,"retry_delay_ms":1)"));
  return all;
}

std::vector<Fault> MethodFaults() {
  const std::string fine = ScriptedServer::Ok("x");
  return {
      Row("HEAD 405, GET 200", Routes({{"GET /", fine}, {"HEAD /", Answer("405 No", "")}}), "",
          Status::kUp),
      Row("HEAD 200, GET 503",
          Routes({{"HEAD /", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"},
                  {"GET /", Answer("503 Service Unavailable", "")}}),
          "HTTP 503.*"),
      Row("HEAD 200, GET cut off",
          Routes({{"HEAD /", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"},
                  {"GET /", std::string(kHead) + "Content-Length: 100\r\n\r\nhalf"}}),
          "the answer ends before its announced length"),
      Row("HEAD 200, GET redirects for ever",
          Routes({{"HEAD /", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"},
                  {"GET /", Answer("302 Found", "", "Location: /\r\n")}}),
          "more than 5 redirects"),
      Row("HEAD answered with a body", Sends(ScriptedServer::Ok("not wanted")), "", Status::kUp,
          R"(,"method":"HEAD")"),
      Row("HEAD monitor, server knows GET only",
          Routes({{"GET /", fine}, {"HEAD /", Answer("405 Method Not Allowed", "")}}), "HTTP 405",
          Status::kDown, R"(,"method":"HEAD")"),
  };
}

std::vector<Fault> RedirectFaults() {
  std::map<std::string, std::string> pair = {
      {"GET /", Answer("302 Found", "", "Location: /b\r\n")},
      {"GET /b", Answer("302 Found", "", "Location: /\r\n")}};
  return {
      Row("redirect to itself", Redirects("/"), "more than 5 redirects"),
      Row("two pages that redirect to each other", Routes(pair), "more than 5 redirects"),
      Row(
          "11 hops",
          [](ScriptedConnection& c) {
            if (c.ReadRequest().empty()) return;
            c.Send(c.index() < 11 ? Answer("302 Found", "", "Location: /next\r\n")
                                  : ScriptedServer::Ok("x"));
          },
          "more than 5 redirects"),
      Row("one redirect, then fine",
          Routes({{"GET /", Answer("301 Moved", "", "Location: /b\r\n")},
                  {"GET /b", ScriptedServer::Ok("x")}}),
          "", Status::kUp),
      Row("redirect to a page that fails",
          Routes({{"GET /", Answer("302 Found", "", "Location: /b\r\n")},
                  {"GET /b", Answer("500 Oops", "")}}),
          "HTTP 500"),
      // The built-in rule takes 200 to 399 (product.md 2.3), so the monitor has to say more.
      Row("redirect without Location, where a page is wanted", Sends(Answer("302 Found", "")),
          "HTTP 302, expected 200-299", Status::kDown, R"(,"expected_status":"200-299")"),
      Row("redirect to nowhere (empty Location)", Redirects(""), ".*(Location|redirect).*"),
      Row("redirect to file:", Redirects("file:///etc/passwd"),
          "redirect to file:///etc/passwd: .*"),
      Row("redirect to gopher:", Redirects("gopher://127.0.0.1:70/"), "redirect to gopher://.*"),
      Row("redirect to javascript:", Redirects("javascript:alert(1)"), "redirect to javascript:.*"),
      Row("redirect to a cloud's metadata service", Redirects("http://169.254.169.254/latest/"),
          ".*169\\.254\\.169\\.254.*"),
      Row("redirect to a port that refuses", Redirects("http://127.0.0.1:1/"),
          "connection refused by 127\\.0\\.0\\.1:1"),
      Row("redirect to a name that does not exist", Redirects("http://nxdomain.test/"),
          "the name nxdomain\\.test does not exist"),
      Row("Location that is no URL", Redirects("http://[::bad/"), "redirect to .*"),
      Row("redirect, and the monitor judges the first answer", Redirects("/b"),
          "HTTP 302, expected 200", Status::kDown,
          R"(,"follow_redirects":false,"expected_status":"200")"),
      Pair(
          "redirect to another host, password not handed over",
          [](const std::string& other) { return Redirects(other); },
          [](ScriptedConnection& c) {
            const std::string request = c.ReadRequest();
            const bool told = request.find("s3cret-word") != std::string::npos;
            c.Send(told ? Answer("500 Password Seen", "") : ScriptedServer::Ok("x"));
          },
          "", Status::kUp, R"(,"headers":[{"name":"Authorization","value":"Bearer s3cret-word"}])"),
      Pair(
          "redirect to a login on another host",
          [](const std::string& other) { return Redirects(other + "login"); },
          Sends(ScriptedServer::Ok("<form>Please log in</form>")),
          "keyword \"Your orders\" not found", Status::kDown, R"(,"keyword":"Your orders")"),
      {.name = "redirect from https to http",
       .spec = R"("url":"{url}","ca_pem":"{ca}")",
       .text = "redirect from https to http is not allowed: .*",
       .play = Https(Redirects("http://127.0.0.1:80/"))},
  };
}

std::vector<Fault> TimeFaults() {
  std::vector<Fault> all = {
      Row("slower than the yellow limit", Late(Milliseconds(400), ScriptedServer::Ok("x")),
          ".*(slow|ms).*", Status::kDegraded, R"(,"degraded_over_ms":100,"down_over_ms":5000)"),
      Row("slower than the red limit", Late(Milliseconds(400), ScriptedServer::Ok("x")),
          ".*(slow|ms).*", Status::kDown, R"(,"degraded_over_ms":20,"down_over_ms":100)"),
      Row("fast first byte, slow rest", Late(Milliseconds(400), ScriptedServer::Ok("x")), "",
          Status::kUp, R"(,"latency":"first_byte","degraded_over_ms":100)"),
  };
  for (Fault& fault : all) fault.waits = true;
  return all;
}

}  // namespace

std::vector<Fault> HttpFaults() {
  std::vector<Fault> all;
  for (auto part : {StatusFaults(), MethodFaults(), RedirectFaults(), TimeFaults()}) {
    std::move(part.begin(), part.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace pharos::faults
