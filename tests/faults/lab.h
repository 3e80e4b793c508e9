#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fault.h"
#include "probe/probe.h"

namespace pharos::faults {

// What came of one row.
struct Seen {
  probe::Observation observation;
  bool right = false;  // verdict and text
  double took_ms = 0;
  long growth_kb = 0;  // of resident memory at its highest; 0 when it was not measured
};

// The spec of a row with the words of its target filled in.
std::string FilledSpec(const Fault& fault, const Target& target);
bool IsRight(const Fault& fault, const probe::Observation& seen);
// "up", "degraded", "down", "no data"
std::string Verdict(model::Status status);

// One figure of /proc/<pid>/status in KiB ("VmRSS:").
long MemoryKb(int pid, std::string_view field);
// Makes the kernel forget the highest resident size so far.
void ResetPeak(int pid);

// Gives the process a network of its own, with routes to nowhere for the rows that need them. To be
// called before any thread starts. False when the system does not allow it; those rows cannot be
// played then.
bool EnterOwnNetwork();

// Clients, dialers and the name server that all rows share. Thread-safe.
class Lab {
 public:
  Lab();
  ~Lab();
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  // Plays one row; `measure` tells how far the process's memory grows meanwhile.
  Seen Run(const Fault& fault, bool measure);
  // Whatever the first checks of a process set up is not a target's doing.
  void WarmUp();

 private:
  struct Side;
  Side& SideOf(const Fault& fault);

  std::unique_ptr<net::DatagramServer> names_;
  std::unique_ptr<Side> trusted_;
  std::unique_ptr<Side> untrusted_;
};

}  // namespace pharos::faults
