#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/time.h"
#include "script/wire.h"

namespace pharos::script {

// One worker process, as its pool sees it. Owned and used by one thread, the one that started it:
// the process dies with that thread. Destroying it kills and reaps the process.
class WorkerProcess {
 public:
  enum class ReadEnd { kAnswer, kTimeout, kGone };

  WorkerProcess() = default;
  ~WorkerProcess() { Kill(); }
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // Starts the program with no environment and no file but its socket, and waits until it says that
  // it is locked in. Error: kUnavailable.
  Status Start(const std::string& program, const std::vector<std::string>& arguments);
  bool is_running() const { return pid_ > 0; }
  // kAnswer: the call is on its way. kTimeout: the worker did not take it within `wait`, or `wake`
  // can be read. kGone: the process is gone, or spoke without being asked.
  ReadEnd Send(Duration wait, int wake, const CallHead& head, std::string_view source,
               std::string_view arguments);
  // Waits for the answer up to `wait`, or until `wake` can be read.
  ReadEnd Read(Duration wait, int wake, AnswerHead& head, std::string& text);
  // Computing time that the process has used so far.
  Duration CpuUsed() const;
  void Kill();

 private:
  // Until the socket is ready for `events`; false when the time is over or `wake` can be read.
  bool WaitFor(short events, MonotonicTime until, int wake);
  bool ReadExactly(char* to, size_t size, MonotonicTime until, int wake, ReadEnd& end);

  pid_t pid_ = 0;
  int socket_ = -1;
};

}  // namespace pharos::script
