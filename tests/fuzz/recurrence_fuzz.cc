// The first 8 bytes choose the start, the next one a time zone, the next how long after the start
// we look, the rest is the rule. What parses must give strictly growing occurrences within the
// window, and go on where it left off.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <string_view>
#include <vector>

#include "rules/recurrence.h"

namespace {

using pharos::Timestamp;

constexpr const char* kZones[] = {
    "", "Europe/Berlin", "America/New_York", "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Apia"};
constexpr int64_t kCentury = 100LL * 366 * 86'400;

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kHeader = sizeof(int64_t) + 2;
  if (size < kHeader) return 0;
  int64_t seed = 0;
  std::memcpy(&seed, data, sizeof(seed));
  const char* zone = kZones[data[sizeof(seed)] % std::size(kZones)];
  const Timestamp dtstart = pharos::FromUnixSeconds(seed % kCentury);
  const Timestamp from = dtstart + pharos::Days(data[sizeof(seed) + 1] * 30) - pharos::Days(30);
  const std::string_view text(reinterpret_cast<const char*>(data + kHeader), size - kHeader);
  const auto rule = pharos::rules::ParseRecurrence(text);
  if (!rule) {
    Require(rule.error().kind == pharos::ErrorKind::kInvalid);
    Require(!rule.error().fields.empty());
    return 0;
  }
  const Timestamp to = from + pharos::Days(400);
  const auto found = pharos::rules::OccurrencesFrom(*rule, dtstart, zone, from, to, 4);
  Require(found.size() <= 4);
  for (size_t i = 0; i < found.size(); ++i) {
    Require(found[i] >= from && found[i] <= to && found[i] >= dtstart);
    if (i > 0) Require(found[i] > found[i - 1]);
  }
  if (found.size() < 2) return 0;
  const auto again = pharos::rules::OccurrencesFrom(*rule, dtstart, zone, found[1], to, 1);
  Require(again.size() == 1 && again[0] == found[1]);
  return 0;
}
