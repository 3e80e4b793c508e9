// Serves a 50 KB page, a 2 KB JSON text and an asynchronously answered heartbeat from memory;
// bench/http_vs_nginx.sh compares it with nginx. Usage:
//   http_page_server <page file> <json file> [<threads>]
// Prints the port it got and serves until standard input ends.

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "http/server.h"

namespace {

using pharos::http::Request;
using pharos::http::Responder;
using pharos::http::Response;
using pharos::http::SharedBytes;

SharedBytes ReadAll(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return std::make_shared<const std::string>(std::istreambuf_iterator<char>(file),
                                             std::istreambuf_iterator<char>());
}

// Answers batches from a foreign thread, as the intake does after a commit.
class Committer {
 public:
  Committer() : thread_([this] { Run(); }) {}
  ~Committer() {
    {
      std::lock_guard lock(mutex_);
      stop_ = true;
    }
    ready_.notify_one();
    thread_.join();
  }
  void Add(Responder responder) {
    {
      std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(responder));
    }
    ready_.notify_one();
  }

 private:
  void Run() {
    for (;;) {
      std::vector<Responder> batch;
      {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [&] { return stop_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        batch.swap(waiting_);
      }
      for (Responder& responder : batch) {
        responder.Send(Response::Json(200, R"({"status":"ok"})"));
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<Responder> waiting_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::puts("run by bench/http_vs_nginx.sh; arguments: <page file> <json file> [<threads>]");
    return 0;
  }
  const SharedBytes page = ReadAll(argv[1]);
  const SharedBytes json = ReadAll(argv[2]);
  pharos::http::ServerSettings settings;
  settings.port = 0;
  settings.threads = argc > 3 ? std::atoi(argv[3]) : 0;
  pharos::SystemClock clock;
  pharos::Metrics metrics;
  Committer committer;
  auto handler = [&](Request&& request, Responder responder) {
    if (request.path == "/beat") return committer.Add(std::move(responder));
    Response response;
    if (request.path == "/page") {
      response.Add("content-type", "text/html; charset=utf-8");
      response.shared_body = page;
    } else if (request.path == "/json") {
      response.Add("content-type", "application/json");
      response.shared_body = json;
    } else {
      response = Response::Text(404, "not found\n");
    }
    responder.Send(std::move(response));
  };
  auto server = pharos::http::Server::Start(settings, handler, clock, metrics);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().message.c_str());
    return 1;
  }
  std::printf("%u\n", unsigned{(*server)->port()});
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
  }
  (*server)->Drain(pharos::Seconds(2));
  return 0;
}
