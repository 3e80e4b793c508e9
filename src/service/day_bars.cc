#include "service/day_bars.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace pharos::service {
namespace {

// A packed day: how many empty days come before it, a mask of the statuses that occur (bit 6: a
// latency follows), the status of the day, the counts, the latency. Numbers in groups of seven
// bits, lowest first.
constexpr uint8_t kLatencyBit = 1U << 6;
static_assert(model::kStatusCount <= 6);

void PutNumber(uint64_t n, std::string& out) {
  for (; n >= 0x80; n >>= 7) out += static_cast<char>(0x80 | (n & 0x7f));
  out += static_cast<char>(n);
}

uint64_t TakeNumber(const char*& at) {
  uint64_t n = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<uint8_t>(*at++);
    n |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return n;
  }
}

bool IsEmpty(const DayBar& day) {
  return day.counts.Total() == 0 && day.latency_avg_ms == 0 && day.status == model::Status::kNoData;
}

void PutDay(const DayBar& day, std::string& out) {
  uint8_t mask = day.latency_avg_ms != 0 ? kLatencyBit : 0;
  for (size_t i = 0; i < model::kStatusCount; ++i) {
    if (day.counts.by_status[i] != 0) mask = static_cast<uint8_t>(mask | 1U << i);
  }
  out += static_cast<char>(mask);
  out += static_cast<char>(day.status);
  for (const uint32_t count : day.counts.by_status) {
    if (count != 0) PutNumber(count, out);
  }
  if (day.latency_avg_ms == 0) return;
  const auto latency = static_cast<float>(day.latency_avg_ms);
  char bytes[sizeof latency];
  std::memcpy(bytes, &latency, sizeof latency);
  out.append(bytes, sizeof bytes);
}

void TakeDay(const char*& at, DayBar& day) {
  const auto mask = static_cast<uint8_t>(*at++);
  day.status = static_cast<model::Status>(*at++);
  for (size_t i = 0; i < model::kStatusCount; ++i) {
    if ((mask & 1U << i) != 0) day.counts.by_status[i] = static_cast<uint32_t>(TakeNumber(at));
  }
  if ((mask & kLatencyBit) == 0) return;
  float latency = 0;
  std::memcpy(&latency, at, sizeof latency);
  at += sizeof latency;
  day.latency_avg_ms = static_cast<double>(latency);
}

}  // namespace

DayBars::DayBars(const std::vector<DayBar>& days) : size_(days.size()) {
  if (days.empty()) return;
  last_ = days.back().date;
  std::string packed;
  uint64_t skipped = 0;
  for (const DayBar& day : days) {
    if (IsEmpty(day)) {
      ++skipped;
      continue;
    }
    PutNumber(std::exchange(skipped, 0), packed);
    PutDay(day, packed);
  }
  if (packed.empty()) return;
  packed.shrink_to_fit();
  packed_ = std::make_shared<const std::string>(std::move(packed));
}

void DayBars::VisitSampled(const std::function<void(size_t, const DayBar&)>& visit) const {
  if (packed_ == nullptr) return;
  const char* at = packed_->data();
  const char* const end = at + packed_->size();
  for (size_t index = 0; at < end; ++index) {
    index += TakeNumber(at);
    DayBar day;
    day.date = AddDays(last_, static_cast<int>(index) + 1 - static_cast<int>(size_));
    TakeDay(at, day);
    visit(index, day);
  }
}

std::vector<DayBar> DayBars::Unpack() const {
  std::vector<DayBar> days(size_);
  CivilDate date = AddDays(last_, 1 - static_cast<int>(size_));
  for (DayBar& day : days) {
    day.date = date;
    date = AddDays(date, 1);
  }
  VisitSampled([&days](size_t index, const DayBar& day) { days[index] = day; });
  return days;
}

DayBars DayBars::Last(size_t n) const {
  if (n >= size_) return *this;
  std::vector<DayBar> days = Unpack();
  days.erase(days.begin(), days.end() - static_cast<std::ptrdiff_t>(n));
  return DayBars(days);
}

}  // namespace pharos::service
