#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fault.h"

namespace pharos::faults {

// What Debian's prometheus-blackbox-exporter makes of a row.
struct PeerSeen {
  bool up = false;
  double took_ms = 0;
  long growth_kb = 0;
};

// Runs the exporter beside the lab, in its network, with one module for each row that it can play.
class Blackbox {
 public:
  static constexpr const char* kProgram = "/usr/bin/prometheus-blackbox-exporter";

  explicit Blackbox(const std::vector<Fault>& faults);
  ~Blackbox();
  Blackbox(const Blackbox&) = delete;
  Blackbox& operator=(const Blackbox&) = delete;

  // nullopt: it has nothing to play this row with.
  std::optional<PeerSeen> Run(const Fault& fault, size_t index);

 private:
  struct Running;
  std::unique_ptr<Running> running_;
};

}  // namespace pharos::faults
