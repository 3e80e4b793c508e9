// Valid HTTP whose content is not what a visitor came for.
#include "play.h"

namespace pharos::faults {
namespace {

using model::Status;

Fault Row(std::string name, Script script, std::string text, std::string more,
          Status wanted = Status::kDown) {
  return {.name = std::move(name),
          .layer = Layer::kContent,
          .spec = R"("url":"{url}",)" + more,
          .wanted = wanted,
          .text = std::move(text),
          .play = Http(std::move(script))};
}

Script Page(std::string body, std::string headers = "Content-Type: text/html\r\n") {
  return Sends(ScriptedServer::Ok(body, headers));
}

Script Json(std::string body) {
  return Page(std::move(body), "Content-Type: application/json\r\n");
}

// The body in pieces of one byte, each a chunk of its own.
Script InChunks(std::string_view body) {
  std::string answer(kChunkedHead);
  for (const char c : body) answer += std::string("1\r\n") + c + "\r\n";
  return Sends(answer + "0\r\n\r\n");
}

std::vector<Fault> PageFaults() {
  return {
      Row("database error with 200", Page("<h1>Error establishing a database connection</h1>"),
          "found \"Error establishing\", which must be absent",
          R"("keyword_absent":"Error establishing")"),
      Row("stack trace with 200",
          Page("Fatal error: Uncaught PDOException in /srv/www/index.php:3"),
          "answer body matches body_regex_absent",
          R"x("body_regex_absent":"(Fatal error|Traceback|Exception in thread)")x"),
      Row("empty page with 200", Page(""), "answer body does not match body_regex",
          R"("body_regex":"\\S")"),
      Row("blank page with 200", Page("\n\n  \n"), "answer body does not match body_regex",
          R"("body_regex":"\\S")"),
      Row("half a page, length as announced", Page("<html><body><h1>Shop</h1><p>Our off"),
          "keyword \"</html>\" not found", R"("keyword":"</html>")"),
      Row("\"page not found\" with 200", Page("<title>Page not found</title>"),
          "found \"Page not found\", which must be absent", R"("keyword_absent":"Page not found")"),
      Row("login page instead of the content", Page("<form action=/login>Password</form>"),
          "keyword \"Your orders\" not found", R"("keyword":"Your orders")"),
      Row("a hotel network's own page", Page("<title>Welcome to Hotel WiFi</title>"),
          "keyword \"Shop\" not found", R"("keyword":"Shop")"),
      Row("the web server's welcome page", Page("<h1>Welcome to nginx!</h1>"),
          "found \"Welcome to nginx\", which must be absent",
          R"("keyword_absent":"Welcome to nginx")"),
      Row("maintenance page with 200", Page("We are down for maintenance"),
          "found \"maintenance\", which must be absent", R"("keyword_absent":"maintenance")"),
      Row("a robot check instead of the page", Page("<title>Just a moment...</title>"),
          "found \"Just a moment\", which must be absent", R"("keyword_absent":"Just a moment")"),
      Row("defaced", Page("<h1>owned by somebody</h1>"), "keyword \"Shop\" not found",
          R"("keyword":"Shop")"),
      Row("another site's page", Page("<title>Flowers for you</title>"),
          "answer body does not match body_regex", R"("body_regex":"<title>[^<]*Shop")"),
      Row("parked by the registrar", Page("This domain is for sale"),
          "found \"domain is for sale\", which must be absent",
          R"("keyword_absent":"domain is for sale")"),
      Row("foreign script put in", Page("<script src=//evil.test/m.js></script>"),
          "answer body matches body_regex_absent", R"("body_regex_absent":"//evil\\.test")"),
  };
}

std::vector<Fault> MatchFaults() {
  const std::string packed = Gzip(std::string(20000, ' ') + "ready" + std::string(20000, ' '));
  return {
      Row("keyword in a header only", Page("nothing", "X-State: ready\r\n"),
          "keyword \"ready\" not found", R"("keyword":"ready")"),
      Row("keyword spread over chunks", InChunks("are we ready yet"), "", R"("keyword":"ready")",
          Status::kUp),
      Row("keyword spread over packets", After([](ScriptedConnection& c) {
            c.Send(std::string(kHead) + "Content-Length: 10\r\n\r\n");
            c.SendSlowly("is ready!!", Milliseconds(2));
          }),
          "", R"("keyword":"ready")", Status::kUp),
      Row("keyword inside of gzip", Sends(Gzipped(packed, packed.size())), "",
          R"("keyword":"ready")", Status::kUp),
      Row("keyword beyond what the conditions see", Page(std::string(4096, ' ') + "ready"),
          "keyword \"ready\" not found in the first 1024 bytes",
          R"("keyword":"ready","max_body_bytes":1024)"),
      Row("keyword in capitals", Page("READY"), "keyword \"ready\" not found",
          R"("keyword":"ready")"),
      Row("keyword in the page, but in a 500", Sends(Answer("500 Oops", "ready")), "HTTP 500",
          R"("keyword":"ready")"),
      Row("keyword behind a byte order mark", Page("\xef\xbb\xbfready"), "", R"("keyword":"ready")",
          Status::kUp),
      Row("keyword in UTF-16", Page(std::string("r\0e\0a\0d\0y\0", 10)),
          "keyword \"ready\" not found", R"("keyword":"ready")"),
      Row("keyword behind a NUL byte", Page(std::string("a\0ready", 7)), "", R"("keyword":"ready")",
          Status::kUp),
  };
}

std::vector<Fault> DataFaults() {
  const std::string is_ok = R"("json_checks":[{"path":"$.status","op":"equals","value":"ok"}])";
  return {
      Row("JSON says that something is wrong", Json(R"({"status":"failing"})"),
          R"(JSON \$\.status is "failing", expected "ok")", is_ok),
      Row("JSON without the member", Json(R"({"state":"ok"})"),
          R"(JSON \$\.status is not there, expected "ok")", is_ok),
      Row("JSON cut off, length as announced", Json(R"({"status":"ok","parts":[1,2)"),
          "answer body: .*", is_ok),
      Row("JSON with something behind it", Json(R"({"status":"ok"}<br>Warning)"), "answer body: .*",
          is_ok),
      Row("JSON behind a byte order mark", Json("\xef\xbb\xbf{\"status\":\"ok\"}"), "", is_ok,
          Status::kUp),
      Row("an HTML page instead of JSON", Page("<html>Sorry</html>"), "answer body: .*", is_ok),
      Row("empty body instead of JSON", Json(""), "answer body: .*", is_ok),
      Row("number as a text", Json(R"({"queue":"900"})"),
          R"(JSON \$\.queue is "900", expected less than 100)",
          R"("json_checks":[{"path":"$.queue","op":"less","value":100}])"),
      Row("wrong content type", Page("{}", "Content-Type: text/plain\r\n"),
          R"(header Content-Type is "text/plain", expected it to contain "application/json")",
          R"("header_checks":[{"name":"Content-Type","op":"contains","value":"application/json"}])"),
      Row("content type missing", Page("{}", ""), "header Content-Type is missing",
          R"("header_checks":[{"name":"Content-Type","op":"exists"}])"),
      Row("no HSTS header", Page("x"), "header Strict-Transport-Security is missing",
          R"("header_checks":[{"name":"Strict-Transport-Security","op":"exists"}])"),
      Row("tells its software", Page("x", "X-Powered-By: PHP/5.2\r\n"),
          R"(header X-Powered-By is "PHP/5\.2", expected it to be absent)",
          R"("header_checks":[{"name":"X-Powered-By","op":"absent"}])"),
  };
}

}  // namespace

std::vector<Fault> ContentFaults() {
  std::vector<Fault> all;
  for (auto part : {PageFaults(), MatchFaults(), DataFaults()}) {
    std::move(part.begin(), part.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace pharos::faults
