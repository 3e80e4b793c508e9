#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/time.h"
#include "model/monitor.h"
#include "model/monitor_state.h"

namespace pharos::rules {

// The longest time that a failure waits for a look at the parents, whatever their interval.
inline constexpr Duration kMaxParentGrace = Minutes(5);
// Beyond one interval of a parent: a check that ends by its time-out says so late.
inline constexpr Duration kParentSlack = Seconds(30);

// A parent and where it stands.
struct ParentView {
  const model::Monitor* monitor = nullptr;
  const model::MonitorState* state = nullptr;
};

// What the parents say about a failing check at a time.
struct Upstream {
  enum class Standing : uint8_t {
    kClear,    // no parent, or one of them was looked at since and is not down
    kUnknown,  // none is known to be down, and none was looked at since
    kDown,     // all are down: the monitor cannot be reached
  };
  Standing standing = Standing::kClear;
  std::string name;        // kDown: of the first one, for people
  Timestamp wait_until{};  // kUnknown: when to take them for clear
};

// Several parents are several ways: the monitor is unreachable only when all of them are down. A
// parent is down when its newest check or what is shown says so, or when it is unreachable itself.
// Those that are paused are to be left out. One without a schedule is as known as it can be. Pure.
Upstream JudgeParents(std::span<const ParentView> parents, Timestamp failed_at);

// "Unreachable: Core router is down".
std::string UnreachableText(const Upstream& upstream);

}  // namespace pharos::rules
