#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "base/value.h"

namespace pharos::api::kener_v4 {

// floor(x) of kener-v4.md 4.1: the minute start in Unix seconds; nullopt beyond JavaScript's dates.
std::optional<int64_t> MinuteStart(double seconds);
// The same as an instant; nullopt outside the years 0 to 9999 too, which is what can be stored.
std::optional<Timestamp> MinuteInstant(double seconds);
// The minute that any JSON value means where the original does not check: numbers and numeric texts
// are floored, null is 0; nullopt where it computes with not-a-number.
std::optional<Timestamp> LooseInstant(const Value& value);
// An instant of a query, exact; times outside of what can be stored become the nearest that can.
Timestamp QueryInstant(double seconds);
// A number as JavaScript prints it: "2", "100000000000000000000", "Infinity".
std::string NumberText(double number);
// created_at and updated_at everywhere but on monitors: "2026-05-02T09:30:12.000Z".
std::string ShownTime(Timestamp at);

}  // namespace pharos::api::kener_v4
