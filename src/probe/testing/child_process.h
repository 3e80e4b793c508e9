#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace pharos::probe {

// A directory under the system's temporary one, removed with everything in it.
class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  const std::string& path() const { return path_; }
  std::string Path(std::string_view name) const { return path_ + "/" + std::string(name); }
  // Readable for the owner alone; given to the user that child processes run as.
  std::string Write(std::string_view name, std::string_view text) const;

 private:
  std::string path_;
};

// A program that a test starts and ends. As root it runs as "nobody", since servers refuse root.
// It is gone when the object is, also when the test's process dies. What it prints is read all the
// time.
class ChildProcess {
 public:
  // `input` is what it reads from its standard input; it inherits nothing else.
  explicit ChildProcess(const std::vector<std::string>& command, const std::string& input = "",
                        int stop_signal = 15);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Waits until a line with `text` was printed; the line, or empty when the program ended or said
  // nothing of the kind for 30 seconds.
  std::string WaitForLine(std::string_view text);
  // Waits for the end; the exit code, or -1 for a signal.
  int Wait();
  std::string Output() const;

 private:
  void ReadOutput();

  int pid_ = -1;
  int output_fd_ = -1;
  const int stop_signal_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string output_;
  bool ended_ = false;
  std::thread reader_;
};

// A port of the loopback interface that was free a moment ago.
uint16_t FreePort();

}  // namespace pharos::probe
