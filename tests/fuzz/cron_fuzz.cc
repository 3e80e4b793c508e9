// The first 8 bytes choose an instant, the next one a time zone, the rest is the expression. What
// parses must give strictly later, strictly growing matches on whole seconds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <optional>
#include <string_view>

#include "base/cron.h"

namespace {

constexpr const char* kZones[] = {"",
                                  "Europe/Berlin",
                                  "America/New_York",
                                  "America/Havana",
                                  "Asia/Beirut",
                                  "Australia/Lord_Howe",
                                  "Pacific/Apia",
                                  "America/St_Johns",
                                  "Mars/Olympus"};
constexpr int kSteps = 4;

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kHeader = sizeof(int64_t) + 1;
  if (size < kHeader) return 0;
  int64_t micros = 0;
  std::memcpy(&micros, data, sizeof(micros));
  const char* zone = kZones[data[sizeof(micros)] % std::size(kZones)];
  const std::string_view text(reinterpret_cast<const char*>(data + kHeader), size - kHeader);
  const pharos::Result<pharos::CronExpression> cron = pharos::CronExpression::Parse(text);
  if (!cron) {
    Require(cron.error().kind == pharos::ErrorKind::kInvalid);
    Require(!cron.error().message.empty());
    return 0;
  }
  pharos::Timestamp t = pharos::FromUnixMicros(micros);
  for (int i = 0; i < kSteps; ++i) {
    const std::optional<pharos::Timestamp> next = cron->NextAfter(t, zone);
    if (!next) return 0;
    Require(*next > t);
    Require(pharos::ToUnixMicros(*next) % 1'000'000 == 0);
    // Two matches in one minute need a seconds field that has several.
    if (!cron->HasSeconds() && i > 0) Require(*next - t >= pharos::Minutes(1));
    t = *next;
  }
  return 0;
}
