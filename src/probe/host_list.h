#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/field_spec.h"
#include "probe/common_fields.h"
#include "probe/probe.h"

namespace pharos::probe {

// Kinds that look at one host (`host`) or at several at once (`hosts`), as tcp and ping do.
struct HostTarget {
  std::string host;
  int64_t port = 0;
  int ip_version = 0;
  Duration timeout{};
  int64_t count = 0;  // packets, ping only
};
inline constexpr size_t kMaxHosts = 20;

// What an element of `hosts` may hold besides host, ip_version and timeout_ms: its name, its limits
// and its default.
struct HostNumber {
  std::string_view name;  // "port"; empty = no such number
  int64_t fallback = 0;
  int64_t min = 0;
  int64_t max = 0;
};

// The rows "host" and "hosts".
std::vector<model::FieldSpec> HostRows(std::string_view hosts_help);

// One of `host` and `hosts` must be there; each element must make sense.
void ValidateHosts(const SpecReader& reader, const HostNumber& number,
                   std::vector<FieldError>& problems);

// Precondition: the spec has passed ValidateHosts. A target without a time-out of its own gets
// `timeout`; none gets more than `limit`.
std::vector<HostTarget> ReadHosts(const SpecReader& reader, const HostNumber& number,
                                  Duration timeout, Duration limit);

}  // namespace pharos::probe
