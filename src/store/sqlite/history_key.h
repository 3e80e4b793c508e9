#pragma once

#include <cstdint>

#include "model/ids.h"

namespace pharos::store::sqlite {

// Keys of the packed tables: the monitor in the upper bits, the day (or block of days) counted from
// the epoch in the lower 28, so that one monitor's history is one range of keys. Holds every day
// that a Timestamp can name, before 1970 too, and 34 thousand million monitors.
inline constexpr int kDayBits = 28;
inline constexpr int64_t kDayBias = int64_t{1} << (kDayBits - 1);

constexpr int64_t HistoryKey(model::MonitorId monitor, int64_t day) {
  return monitor.value() * (int64_t{1} << kDayBits) + (day + kDayBias);
}
constexpr int64_t FirstHistoryKey(model::MonitorId monitor) {
  return HistoryKey(monitor, -kDayBias);
}
constexpr int64_t LastHistoryKey(model::MonitorId monitor) {
  return HistoryKey(monitor, kDayBias - 1);
}
constexpr int64_t DayOfHistoryKey(int64_t key) {
  return (key & ((int64_t{1} << kDayBits) - 1)) - kDayBias;
}
constexpr model::MonitorId MonitorOfHistoryKey(int64_t key) {
  return model::MonitorId(key >> kDayBits);
}

}  // namespace pharos::store::sqlite
