#include <signal.h>
#include <sys/resource.h>

#include <cstdio>
#include <functional>
#include <memory>
#include <utility>

#include "app/data_directory.h"
#include "app/demo.h"
#include "app/wiring.h"
#include "base/log.h"
#include "cli/commands.h"

namespace pharos::cli {
namespace {

// Signals are taken by sigwait on the main thread, so no handler runs anywhere.
sigset_t BlockSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

// While draining, Ctrl-C ends the process at once: whoever presses it again does not want to wait,
// and what has been committed survives a kill.
void AllowInterrupt() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

// As many descriptors as the system lets us have: each connection and each check takes one.
void RaiseFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    Log(LogLevel::kWarning, "the limit of open files could not be raised");
  }
}

LogSettings LogSettingsFrom(const app::Settings& settings) {
  LogSettings log;
  if (settings.log_level == "debug") log.level = LogLevel::kDebug;
  if (settings.log_level == "warning") log.level = LogLevel::kWarning;
  if (settings.log_level == "error") log.level = LogLevel::kError;
  if (settings.log_format == "json") log.format = LogFormat::kJson;
  return log;
}

http::ServerSettings ServerSettingsFrom(
    const app::Settings& settings, const app::ListenAddress& listen,
    std::function<std::string(std::string_view)> loggable_path) {
  http::ServerSettings server;
  server.loggable_path = std::move(loggable_path);
  server.address = listen.address;
  server.port = listen.port;
  server.threads = static_cast<int>(settings.http_threads);
  server.access_log = settings.http_access_log;
  server.limits.max_connections = static_cast<size_t>(settings.http_max_connections);
  return server;
}

Status Serve(const app::Settings& settings, const CommandLine& line, const sigset_t& signals) {
  SystemClock clock;
  PHAROS_ASSIGN_OR_RETURN(const app::ListenAddress listen, app::ParseListen(settings.listen));
  PHAROS_ASSIGN_OR_RETURN(const app::DataLock lock,
                          app::DataLock::Take(app::DatabasePath(settings)));
  std::unique_ptr<app::Demo> demo;
  if (line.demo) {
    PHAROS_ASSIGN_OR_RETURN(demo, app::Demo::Prepare(settings, clock));
  }
  PHAROS_ASSIGN_OR_RETURN(auto wiring, app::Wiring::Open(settings, clock, app::Wiring::Options{}));
  PHAROS_ASSIGN_OR_RETURN(
      auto server, http::Server::Start(
                       ServerSettingsFrom(settings, listen,
                                          [raw = wiring.get()](std::string_view path) {
                                            return raw->LoggablePath(path);
                                          }),
                       [raw = wiring.get()](http::Request&& request, http::Responder responder) {
                         raw->Handle(std::move(request), std::move(responder));
                       },
                       clock, wiring->metrics()));
  wiring->AddOwnListener(server->port());
  if (demo != nullptr) demo->Begin(server->port());
  const bool v6 = listen.address.find(':') != std::string::npos;
  const std::string shown = listen.address == "::"        ? "localhost"
                            : listen.address == "0.0.0.0" ? "localhost"
                            : v6                          ? "[" + listen.address + "]"
                                                          : listen.address;
  std::printf("Pharos is listening on http://%s:%u\n", shown.c_str(), server->port());
  std::fflush(stdout);
  int received = 0;
  sigwait(&signals, &received);
  Log(LogLevel::kInfo, "draining", {{"signal", received}});
  AllowInterrupt();
  server->Drain(Seconds(settings.http_drain_seconds));
  wiring->Stop();
  Log(LogLevel::kInfo, "stopped");
  return Ok();
}

}  // namespace

Status RunServe(const app::Settings& settings, const CommandLine& line) {
  const sigset_t signals = BlockSignals();
  StartLogging(LogSettingsFrom(settings));
  RaiseFileLimit();
  Status status = Serve(settings, line, signals);
  StopLogging();
  return status;
}

}  // namespace pharos::cli
