#include "intake/evidence_gate.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace pharos::intake {
namespace {

constexpr int kFirstFailures = 3;
constexpr int kEvery = 10;

// Times and counts in a message change each time without being news.
std::string WithoutDigits(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c < '0' || c > '9') out += c;
  }
  return out;
}

}  // namespace

bool IsNews(const model::MonitorState& before, const model::CheckResult& result) {
  if (result.observed == model::Status::kUp) return true;  // asked for, now and then
  if (before.observed != result.observed) return true;
  if (WithoutDigits(before.message) != WithoutDigits(result.message)) return true;
  const int64_t failures =
      before.failures > 0 ? before.failures + 1 : ToUnixSeconds(result.at) / 60;
  return (before.failures > 0 && failures <= kFirstFailures) || failures % kEvery == 0;
}

bool EvidenceGate::Admits(const model::MonitorState& before, const model::CheckResult& result,
                          Timestamp now) {
  if (result.evidence == nullptr || !IsNews(before, result)) return false;
  const double passed_s = filled_at_ == Timestamp{} ? 0 : ToMillis(now - filled_at_) / 1000;
  filled_at_ = now;
  tokens_ = std::clamp(tokens_ + passed_s * kPerSecond, 0.0, static_cast<double>(kBurst));
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

}  // namespace pharos::intake
