#include "cli/console_client.h"

#include <cstdlib>
#include <utility>

#include "app/wiring.h"
#include "base/json.h"
#include "base/one_shot.h"
#include "base/text.h"
#include "cli/read_file.h"
#include "net/url.h"

namespace pharos::cli {
namespace {

constexpr size_t kMaxAnswer = 64 << 20;
constexpr std::string_view kPath = "/console/api/v1";

Result<Secret> ReadKey(const CommandLine& line) {
  std::string text;
  if (!line.key_file.empty()) {
    PHAROS_ASSIGN_OR_RETURN(text, ReadSmallFile(line.key_file, "key-file"));
  } else if (const char* given = std::getenv("PHAROS_KEY"); given != nullptr) {
    text = given;
  }
  const std::string_view key = Trim(text);
  if (key.empty()) {
    return Error::Field("key",
                        "a key is needed: put one into a file and say --key-file FILE, or into "
                        "PHAROS_KEY. To make one: pharos key create --dialect console --name NAME");
  }
  if (key.find_first_of(" \r\n\t") != std::string_view::npos) {
    return Error::Field("key", "the key must be one word on one line");
  }
  return Secret(std::string(key));
}

// "http://127.0.0.1:8080" of "127.0.0.1:8080", "0.0.0.0:8080" and ":8080".
std::string LocalServer(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  std::string host = listen.substr(0, colon);
  const std::string port = colon == std::string::npos ? "" : listen.substr(colon);
  if (host.empty() || host == "0.0.0.0") host = "127.0.0.1";
  if (host == "[::]") host = "[::1]";
  return "http://" + host + port;
}

Result<std::string> ReadServer(const app::Settings& settings, const CommandLine& line) {
  std::string server = line.server.empty() ? LocalServer(settings.listen) : line.server;
  while (server.ends_with('/')) server.pop_back();
  const auto url = net::Url::Parse(server);
  if (!url) {
    return Error::Field("server", "server '" + server + "' must be a URL such as " +
                                      "https://status.example.org: " + url.error().message);
  }
  return server;
}

// What the server said is wrong, with the fields that it named.
Error Refusal(int status, const Value& answer) {
  const Value* error = answer.Find("error");
  if (error == nullptr) {
    return Error(ErrorKind::kInvalid, "the server answered with HTTP " + std::to_string(status) +
                                          "; is this a Pharos of this version?");
  }
  Error told(ErrorKind::kInvalid, error->StringOr("message", "refused"));
  const Value* fields = error->Find("fields");
  if (fields != nullptr && fields->IsList()) {
    for (const Value& field : fields->AsList()) {
      told.fields.push_back({field.StringOr("field", ""), field.StringOr("message", "")});
    }
  }
  return told;
}

}  // namespace

Result<std::unique_ptr<ConsoleClient>> ConsoleClient::Open(const app::Settings& settings,
                                                           const CommandLine& line) {
  PHAROS_ASSIGN_OR_RETURN(std::string server, ReadServer(settings, line));
  PHAROS_ASSIGN_OR_RETURN(Secret key, ReadKey(line));
  std::unique_ptr<ConsoleClient> client(
      new ConsoleClient(server + std::string(kPath), std::move(key)));
  PHAROS_ASSIGN_OR_RETURN(client->http_,
                          net::HttpClient::Start(app::ClientSettingsFrom(settings), client->policy_,
                                                 client->clock_, client->metrics_));
  return client;
}

Result<std::string> ConsoleClient::Fetch(std::string_view method, const std::string& path,
                                         const Value& body) {
  net::HttpRequest request;
  request.method = std::string(method);
  request.url = base_ + path;
  request.headers.emplace_back("Authorization", "Bearer " + key_.Reveal());
  request.headers.emplace_back("Accept", "*/*");
  if (!body.IsNull()) {
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = WriteJson(body);
  }
  request.timeout = Minutes(5);  // a check with its repetitions may take long
  request.follow_redirects = false;
  request.purpose = net::Purpose::kOnDemand;
  request.limits.max_body_bytes = request.limits.keep_body_bytes = kMaxAnswer;
  OneShot<net::HttpAnswer> outcome;
  http_->Start(std::move(request), [&](net::HttpAnswer answer) { outcome.Set(std::move(answer)); });
  net::HttpAnswer answer = outcome.Take();
  if (answer.failure != net::HttpFailure::kNone) {
    return Error(ErrorKind::kUnavailable, "the server at " + base_ + " could not be asked: " +
                                              answer.message + " (--server names another one)");
  }
  if (answer.status < 300) return std::move(answer.body);
  const auto parsed = ParseJson(answer.body, {.max_bytes = kMaxAnswer});
  return Refusal(answer.status, parsed ? *parsed : Value());
}

Result<Value> ConsoleClient::Call(std::string_view method, const std::string& path,
                                  const Value& body) {
  PHAROS_ASSIGN_OR_RETURN(const std::string text, Fetch(method, path, body));
  return ParseJson(text, {.max_bytes = kMaxAnswer});
}

}  // namespace pharos::cli
