#include "served_process.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "load_client.h"

namespace pharos::e2e {
namespace {

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "FAILED: %s\n", what.c_str());
  std::exit(1);
}

// Starts the program; its standard output can be read from the returned descriptor.
int Spawn(const std::string& binary, const std::vector<std::string>& arguments, pid_t& pid) {
  int pipe_fds[2];
  if (pipe(pipe_fds) != 0) Fail("pipe");
  pid = fork();
  if (pid == 0) {
    dup2(pipe_fds[1], STDOUT_FILENO);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    std::vector<char*> argv{const_cast<char*>(binary.c_str())};
    for (const std::string& argument : arguments)
      argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execv(binary.c_str(), argv.data());
    _exit(127);
  }
  close(pipe_fds[1]);
  return pipe_fds[0];
}

int Wait(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

void ServedProcess::Start() {
  const int out = Spawn(binary_, {"serve", "--data", data_dir_, "--listen", "127.0.0.1:0"}, pid_);
  std::string line;
  char c = 0;
  while (read(out, &c, 1) == 1 && c != '\n') line += c;
  close(out);
  const size_t colon = line.rfind(':');
  if (colon == std::string::npos) Fail("the server did not come up: " + line);
  port_ = static_cast<uint16_t>(std::atoi(line.c_str() + colon + 1));
}

void ServedProcess::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  Wait(pid_);
  pid_ = -1;
}

int ServedProcess::Stop() {
  kill(pid_, SIGTERM);
  const int code = Wait(pid_);
  pid_ = -1;
  return code;
}

std::string ServedProcess::Run(const std::vector<std::string>& arguments) const {
  std::vector<std::string> all = arguments;
  all.insert(all.end(), {"--data", data_dir_});
  pid_t pid = -1;
  const int out = Spawn(binary_, all, pid);
  std::string text;
  char buffer[4096];
  ssize_t n = 0;
  while ((n = read(out, buffer, sizeof(buffer))) > 0) text.append(buffer, static_cast<size_t>(n));
  close(out);
  if (Wait(pid) != 0) Fail("command failed: " + arguments[0]);
  return text;
}

std::string MakeKey(const ServedProcess& process) {
  std::string key = process.Run({"key", "create", "--dialect", "kener_v4", "--name", "load"});
  while (!key.empty() && key.back() == '\n') key.pop_back();
  const std::string probe =
      "GET /api/v4/site HTTP/1.1\r\nhost: x\r\nauthorization: Bearer " + key + "\r\n\r\n";
  for (int i = 0; i < 5'000; ++i) {
    if (Exchange(process.port(), probe).starts_with("HTTP/1.1 200")) return key;
  }
  Fail("the new key does not work");
}

void CreateHeartbeatMonitors(const ServedProcess& process, const std::string& key, int count) {
  std::vector<LoadItem> items;
  for (int i = 0; i < count; ++i) {
    const std::string body = R"({"tag":"hb-)" + std::to_string(i) +
                             R"(","name":"Heartbeat","monitor_type":"HEARTBEAT",)"
                             R"("type_data":{"secretString":"s"}})";
    items.push_back({"POST /api/v4/monitors HTTP/1.1\r\nhost: x\r\nauthorization: Bearer " + key +
                     "\r\ncontent-type: application/json\r\ncontent-length: " +
                     std::to_string(body.size()) + "\r\n\r\n" + body});
  }
  LoadSettings settings;
  settings.port = process.port();
  settings.seconds = 120;
  settings.max_requests = static_cast<uint64_t>(count);
  const std::atomic<bool> stop{false};
  const LoadOutcome made = RunLoad(settings, items, stop);
  // Creation answers 201, which the load client counts as "refused" (not 200).
  if (made.acknowledged + made.refused != static_cast<uint64_t>(count))
    Fail("monitors not created");
  const std::string last = "POST /ext/heartbeat/hb-" + std::to_string(count - 1) +
                           "/s HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
  if (!Exchange(process.port(), last).starts_with("HTTP/1.1 200")) Fail("monitors not created");
}

std::string SignalRequest(int index) {
  return "POST /ext/heartbeat/hb-" + std::to_string(index) +
         "/s HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
}

}  // namespace pharos::e2e
