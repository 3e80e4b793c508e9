#include "house.h"

#include <condition_variable>
#include <future>
#include <mutex>
#include <utility>

#include "app/settings.h"
#include "base/text.h"
#include "http/testing_catcher.h"

namespace pharos::is0k_live {
namespace {

constexpr auto kPatience = std::chrono::seconds(30);

app::Settings SettingsOf(const std::map<std::string, std::string>& wanted) {
  app::SettingSources sources;
  sources.command_line = wanted;
  sources.command_line.try_emplace("database", ":memory:");
  sources.command_line.try_emplace("is0k.requests_per_minute", "0");
  return app::LoadSettings(sources).value();
}

http::Request MakeRequest(std::string_view method, std::string_view target, std::string_view body,
                          const std::vector<http::Header>& headers) {
  http::Request request;
  request.method = method;
  request.target = target;
  const size_t mark = std::min(target.find('?'), target.size());
  request.path = target.substr(0, mark);
  if (mark < target.size()) request.query = target.substr(mark + 1);
  request.headers = headers;
  if (!request.HasHeader("host")) request.headers.push_back({"host", "localhost"});
  request.body = body;
  request.peer_address = "127.0.0.1";
  return request;
}

}  // namespace

Value Reply::At(std::string_view path) const {
  const Value* at = &json;
  for (const std::string_view part : Split(path, '.')) {
    if (at->IsList()) {
      const auto index = static_cast<size_t>(ParseInt(part).value_or(0));
      if (index >= at->AsList().size()) return {};
      at = &at->AsList()[index];
    } else {
      at = at->Find(part);
      if (at == nullptr) return {};
    }
  }
  return *at;
}

std::string Reply::Text(std::string_view path) const {
  const Value value = At(path);
  return value.IsString() ? value.AsString() : std::string();
}

int64_t Reply::Int(std::string_view path) const {
  const Value value = At(path);
  return value.IsNumber() ? static_cast<int64_t>(value.AsDouble()) : -1;
}

bool Await(const std::function<bool()>& holds) {
  std::mutex mutex;
  std::condition_variable never;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::unique_lock lock(mutex);
    never.wait_for(lock, std::chrono::milliseconds(20));
  }
  return true;
}

House::House(const Clock& clock, Options options) {
  app::Wiring::Options parts;
  parts.watch = options.watch;
  parts.pages = options.pages;
  auto wiring = app::Wiring::Open(SettingsOf(options.settings), clock, parts);
  if (!wiring) {
    ADD_FAILURE() << wiring.error().message;
    std::abort();
  }
  wiring_ = std::move(*wiring);
  key_ = MakeKey("is0k", "own");
}

House::~House() { wiring_->Stop(); }

std::string House::MakeKey(std::string_view dialect, std::string_view name, std::string_view plan) {
  service::NewKey wanted;
  wanted.dialect = dialect;
  wanted.name = name;
  wanted.rate_class = plan;
  const auto made = wiring_->use_cases().keys.Create(model::OrgId(1), "test", wanted);
  EXPECT_TRUE(made.has_value());
  EXPECT_TRUE(wiring_->use_cases().verifier.Reload().has_value());
  return made->text.Reveal();
}

Reply House::Ask(std::string_view method, std::string_view target, std::string_view body,
                 const std::vector<http::Header>& headers) {
  std::vector<http::Header> all = headers;
  if (all.empty()) all.push_back({"authorization", "Bearer " + key_});
  if (all.front().name == "-") all.erase(all.begin());
  std::promise<http::Response> promise;
  std::future<http::Response> answer = promise.get_future();
  wiring_->Handle(MakeRequest(method, target, body, all),
                  http::Responder(std::make_unique<http::ResponseCatcher>(std::move(promise))));
  Reply reply;
  if (answer.wait_for(kPatience) != std::future_status::ready) {
    ADD_FAILURE() << method << " " << target << " was not answered";
    return reply;
  }
  const http::Response response = answer.get();
  reply.status = response.status;
  for (const http::Header& header : response.headers) {
    reply.headers[AsciiLower(header.name)] = header.value;
  }
  reply.text = response.shared_body ? *response.shared_body : response.body;
  if (auto json = ParseJson(reply.text)) reply.json = std::move(*json);
  return reply;
}

std::string House::Make(std::string_view target, std::string_view body) {
  const Reply reply = Ask("POST", target, body);
  EXPECT_EQ(reply.status, 201) << reply.text;
  return reply.Text("data.id");
}

std::string House::StatusOf(const std::string& monitor) {
  return Ask("GET", "/api/v1/monitors/" + monitor).Text("data.status");
}

bool House::AwaitStatus(const std::string& monitor, std::string_view status) {
  return Await([&] { return StatusOf(monitor) == status; });
}

Target::Target() {
  Say(200);
  server_ = std::make_unique<net::ScriptedServer>([this](net::ScriptedConnection& connection) {
    if (connection.ReadRequest().empty()) return;
    std::string answer;
    {
      std::lock_guard lock(mutex_);
      answer = answer_;
    }
    connection.Send(answer);
  });
}

void Target::Say(int status, std::string_view body) {
  std::lock_guard lock(mutex_);
  answer_ = "HTTP/1.1 " + std::to_string(status) +
            " Word\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\n\r\n" + std::string(body);
}

std::vector<Value> Target::Bodies() const {
  std::vector<Value> bodies;
  for (const std::string& request : Requests()) {
    if (auto body = ParseJson(BodyOf(request))) bodies.push_back(std::move(*body));
  }
  return bodies;
}

std::string HeaderOf(const std::string& request, std::string_view name) {
  for (const std::string_view line : Split(request.substr(0, request.find("\r\n\r\n")), '\n')) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (EqualsIgnoreCase(line.substr(0, colon), name)) {
      return std::string(Trim(line.substr(colon + 1)));
    }
  }
  return {};
}

std::string BodyOf(const std::string& request) {
  const size_t end = request.find("\r\n\r\n");
  return end == std::string::npos ? std::string() : request.substr(end + 4);
}

}  // namespace pharos::is0k_live
