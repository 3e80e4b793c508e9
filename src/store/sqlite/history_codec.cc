#include "store/sqlite/history_codec.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "store/sqlite/byte_codec.h"
#include "store/sqlite/number_codec.h"

namespace pharos::store::sqlite {
namespace {

using model::MonitorSample;
using model::Sample;
using model::SampleOrigin;

// Version 1 knows neither code nor attempts; what has none of both is still written in it.
constexpr uint8_t kPlainVersion = 1;
constexpr uint8_t kNumbersVersion = 2;
constexpr uint8_t kTimesAsRuns = 0;
constexpr uint8_t kTimesAsSteps = 1;
constexpr uint64_t kOriginCount = 10;
constexpr uint64_t kStatusCount = model::kStatusCount;
constexpr uint64_t kHasLatency = 1;
constexpr uint64_t kHasMessage = 2;
// Far beyond every time that is appended, yet safe to reckon with in microseconds.
constexpr int64_t kMaxMillis = 9'000'000'000'000'000;
constexpr uint64_t kCodeCount = kOriginCount * kStatusCount * kStatusCount * 4;

Error Damaged(const char* what) { return Error::Internal(std::string("damaged history: ") + what); }

// Everything about a sample but time, latency and text in one small number.
uint64_t CodeOf(const Sample& s) {
  const uint64_t origin = static_cast<uint64_t>(s.origin);
  const uint64_t observed = static_cast<uint64_t>(s.observed);
  const uint64_t status = static_cast<uint64_t>(s.status);
  return ((origin * kStatusCount + observed) * kStatusCount + status) * 4 +
         (s.message.empty() ? 0 : kHasMessage) + (s.latency_ms == 0 ? 0 : kHasLatency);
}

// Of a sample that may stand in a chunk, or of a mark of erasure.
bool IsJournalCode(uint64_t code) {
  constexpr uint64_t kPerOrigin = kStatusCount * kStatusCount * 4;
  return code < kCodeCount || code / kPerOrigin == static_cast<uint64_t>(kErasedOrigin);
}

// Precondition: IsJournalCode(code).
void ApplyCode(uint64_t code, Sample& s) {
  code /= 4;
  s.status = static_cast<model::Status>(code % kStatusCount);
  code /= kStatusCount;
  s.observed = static_cast<model::Status>(code % kStatusCount);
  s.origin = static_cast<SampleOrigin>(code / kStatusCount);
}

// Writes equal neighbours as (value, how many).
class RunWriter {
 public:
  explicit RunWriter(std::string& out) : out_(out) {}
  void Add(uint64_t v) {
    if (count_ > 0 && v == value_) {
      ++count_;
      return;
    }
    Finish();
    value_ = v;
    count_ = 1;
  }
  void Finish() {
    if (count_ == 0) return;
    PutVarint(out_, value_);
    PutVarint(out_, count_);
    count_ = 0;
  }

 private:
  std::string& out_;
  uint64_t value_ = 0;
  uint64_t count_ = 0;
};

// Calls `f(index, value)` for each of `count` values; false when malformed or f says so.
template <class F>
bool ReadRuns(ByteReader& in, size_t count, F f) {
  size_t i = 0;
  while (i < count) {
    const uint64_t value = in.Varint();
    const uint64_t run = in.Varint();
    if (!in.ok() || run == 0 || run > count - i) return false;
    for (uint64_t j = 0; j < run; ++j, ++i) {
      if (!f(i, value)) return false;
    }
  }
  return true;
}

void PutTimes(std::string& out, std::span<const Sample> samples, int64_t base_ms) {
  int64_t previous = ToUnixMillis(samples.front().at);
  PutSigned(out, previous - base_ms);
  std::vector<int64_t> steps;
  steps.reserve(samples.size() - 1);
  size_t runs = 0;
  for (size_t i = 1; i < samples.size(); ++i) {
    const int64_t at = ToUnixMillis(samples[i].at);
    steps.push_back(at - previous);
    if (steps.size() == 1 || steps.back() != steps[steps.size() - 2]) ++runs;
    previous = at;
  }
  if (runs * 3 <= steps.size() + 8) {
    out.push_back(static_cast<char>(kTimesAsRuns));
    RunWriter writer(out);
    for (const int64_t step : steps) writer.Add(static_cast<uint64_t>(step));
    writer.Finish();
    return;
  }
  out.push_back(static_cast<char>(kTimesAsSteps));
  PutIntegers(out, steps);
}

bool GetTimes(ByteReader& in, size_t count, int64_t base_ms, std::vector<Sample>& samples) {
  int64_t at = 0;
  if (__builtin_add_overflow(base_ms, in.Signed(), &at)) return false;
  const auto add = [&](int64_t ms) {
    if (ms < -kMaxMillis || ms > kMaxMillis) return false;
    samples.emplace_back().at = FromUnixMillis(ms);
    return true;
  };
  const uint8_t mode = in.Byte();
  if (!in.ok() || mode > kTimesAsSteps || !add(at)) return false;
  const auto advance = [&](uint64_t step) {
    if (step == 0 || step > static_cast<uint64_t>(kMaxMillis)) return false;
    at += static_cast<int64_t>(step);
    return add(at);
  };
  if (mode == kTimesAsRuns) {
    return ReadRuns(in, count - 1, [&](size_t, uint64_t step) { return advance(step); });
  }
  std::vector<int64_t> steps;
  if (!GetIntegers(in, count - 1, steps)) return false;
  return std::all_of(steps.begin(), steps.end(), [&](int64_t step) {
    return step > 0 && advance(static_cast<uint64_t>(step));
  });
}

void PutMessages(std::string& out, std::span<const Sample> samples) {
  std::unordered_map<std::string_view, uint64_t> numbers;
  std::string runs;
  std::string texts;
  RunWriter writer(runs);
  for (const Sample& s : samples) {
    if (s.message.empty()) continue;
    const auto [it, is_new] = numbers.emplace(s.message, numbers.size());
    if (is_new) {
      PutVarint(texts, s.message.size());
      texts += s.message;
    }
    writer.Add(it->second);
  }
  writer.Finish();
  if (numbers.empty()) return;
  PutVarint(out, numbers.size());
  out += texts;
  out += runs;
}

bool GetMessages(ByteReader& in, const std::vector<uint32_t>& owners, size_t max_bytes,
                 std::vector<Sample>& samples) {
  if (owners.empty()) return true;
  const uint64_t count = in.Varint();
  if (!in.ok() || count > owners.size()) return false;
  std::vector<std::string_view> texts;
  for (uint64_t i = 0; i < count && in.ok(); ++i) {
    texts.push_back(in.Bytes(in.Varint()));
    if (texts.back().empty()) return false;
  }
  size_t total = 0;
  return in.ok() && ReadRuns(in, owners.size(), [&](size_t i, uint64_t number) {
           if (number >= texts.size()) return false;
           total += texts[number].size();
           if (total > max_bytes) return false;
           samples[owners[i]].message = texts[number];
           return true;
         });
}

bool HasNumbers(const Sample& s) { return s.code != 0 || s.attempts != 1; }

constexpr uint8_t kCodesAsRuns = 0;
constexpr uint8_t kCodesAsNumbers = 1;

bool IsCode(int64_t code) { return code >= INT32_MIN && code <= INT32_MAX; }

// Codes come in runs (200, 200, ...) or, as packet losses do, near each other.
void PutNumbers(std::string& out, std::span<const Sample> samples) {
  size_t runs = 1;
  for (size_t i = 1; i < samples.size(); ++i) runs += samples[i].code != samples[i - 1].code;
  if (runs * 3 <= samples.size() + 8) {
    out.push_back(static_cast<char>(kCodesAsRuns));
    RunWriter codes(out);
    for (const Sample& s : samples) codes.Add(ZigZag(s.code));
    codes.Finish();
  } else {
    out.push_back(static_cast<char>(kCodesAsNumbers));
    std::vector<int64_t> codes;
    codes.reserve(samples.size());
    for (const Sample& s : samples) codes.push_back(s.code);
    PutIntegers(out, codes);
  }
  RunWriter attempts(out);
  for (const Sample& s : samples) attempts.Add(s.attempts);
  attempts.Finish();
}

bool GetCodes(ByteReader& in, std::vector<Sample>& samples) {
  const auto put = [&](size_t i, int64_t code) {
    samples[i].code = static_cast<int32_t>(code);
    return IsCode(code);
  };
  switch (in.Byte()) {
    case kCodesAsRuns:
      return in.ok() && ReadRuns(in, samples.size(),
                                 [&](size_t i, uint64_t code) { return put(i, UnZigZag(code)); });
    case kCodesAsNumbers: {
      std::vector<int64_t> codes;
      if (!GetIntegers(in, samples.size(), codes)) return false;
      for (size_t i = 0; i < codes.size(); ++i) {
        if (!put(i, codes[i])) return false;
      }
      return true;
    }
    default:
      return false;
  }
}

bool GetNumbers(ByteReader& in, std::vector<Sample>& samples) {
  return GetCodes(in, samples) && ReadRuns(in, samples.size(), [&](size_t i, uint64_t attempts) {
           samples[i].attempts = static_cast<uint8_t>(attempts);
           return attempts <= UINT8_MAX;
         });
}

bool GetColumns(ByteReader& in, const ChunkLimits& limits, std::vector<Sample>& samples) {
  std::vector<uint32_t> with_latency;
  std::vector<uint32_t> with_message;
  const bool codes_ok = ReadRuns(in, samples.size(), [&](size_t i, uint64_t code) {
    if (code >= kCodeCount) return false;
    ApplyCode(code, samples[i]);
    if ((code & kHasLatency) != 0) with_latency.push_back(static_cast<uint32_t>(i));
    if ((code & kHasMessage) != 0) with_message.push_back(static_cast<uint32_t>(i));
    return true;
  });
  if (!codes_ok) return false;
  std::vector<double> latencies;
  if (!GetDecimals(in, with_latency.size(), latencies)) return false;
  for (size_t i = 0; i < latencies.size(); ++i) {
    // Zero has no column entry; one here would not survive being packed again.
    if (latencies[i] == 0) return false;
    samples[with_latency[i]].latency_ms = latencies[i];
  }
  return GetMessages(in, with_message, limits.max_message_bytes, samples);
}

}  // namespace

std::string EncodeChunk(std::span<const Sample> samples, int64_t base_ms) {
  const bool has_numbers = std::any_of(samples.begin(), samples.end(), HasNumbers);
  std::string out;
  out.push_back(static_cast<char>(has_numbers ? kNumbersVersion : kPlainVersion));
  PutVarint(out, samples.size());
  if (samples.empty()) return out;
  PutTimes(out, samples, base_ms);
  RunWriter codes(out);
  std::vector<double> latencies;
  latencies.reserve(samples.size());
  for (const Sample& s : samples) {
    codes.Add(CodeOf(s));
    if (s.latency_ms != 0) latencies.push_back(s.latency_ms);
  }
  codes.Finish();
  PutDecimals(out, latencies);
  PutMessages(out, samples);
  if (has_numbers) PutNumbers(out, samples);
  return out;
}

Result<std::vector<Sample>> DecodeChunk(std::string_view bytes, int64_t base_ms,
                                        const ChunkLimits& limits) {
  ByteReader in(bytes);
  const uint8_t version = in.Byte();
  if (version != kPlainVersion && version != kNumbersVersion) return Damaged("chunk version");
  const uint64_t count = in.Varint();
  if (!in.ok() || count > limits.max_samples) return Damaged("chunk size");
  std::vector<Sample> samples;
  if (count > 0) {
    samples.reserve(std::min<uint64_t>(count, 4096));
    if (!GetTimes(in, count, base_ms, samples)) return Damaged("chunk times");
    if (!GetColumns(in, limits, samples)) return Damaged("chunk columns");
    if (version == kNumbersVersion && !GetNumbers(in, samples)) return Damaged("chunk numbers");
  }
  if (!in.AtEnd()) return Damaged("bytes after a chunk");
  return samples;
}

std::string EncodeJournal(std::span<const MonitorSample> samples) {
  std::string out;
  out.reserve(samples.size() * 10 + 16);
  const bool has_numbers = std::any_of(samples.begin(), samples.end(),
                                       [](const auto& row) { return HasNumbers(row.sample); });
  out.push_back(static_cast<char>(has_numbers ? kNumbersVersion : kPlainVersion));
  PutVarint(out, samples.size());
  // Differences wrap around, as the sums of the decoder do.
  uint64_t monitor = 0;
  int64_t at = 0;
  for (const MonitorSample& row : samples) {
    const auto row_monitor = static_cast<uint64_t>(row.monitor.value());
    const int64_t row_at = ToUnixMillis(row.sample.at);
    PutSigned(out, static_cast<int64_t>(row_monitor - monitor));
    PutSigned(out, row_at - at);
    monitor = row_monitor;
    at = row_at;
    PutVarint(out, CodeOf(row.sample));
    if (row.sample.latency_ms != 0) {
      const std::optional<int64_t> scaled = ExactDecimal(row.sample.latency_ms, kMaxDecimalDigits);
      // Positive decimals are even numbers; 1 announces the raw bits.
      if (scaled && *scaled > 0) {
        PutVarint(out, static_cast<uint64_t>(*scaled) << 1);
      } else {
        PutVarint(out, 1);
        PutDouble(out, row.sample.latency_ms);
      }
    }
    if (!row.sample.message.empty()) {
      PutVarint(out, row.sample.message.size());
      out += row.sample.message;
    }
    if (has_numbers) {
      PutSigned(out, row.sample.code);
      out.push_back(static_cast<char>(row.sample.attempts));
    }
  }
  return out;
}

Result<std::vector<MonitorSample>> DecodeJournal(std::string_view bytes) {
  ByteReader in(bytes);
  const uint8_t version = in.Byte();
  if (version != kPlainVersion && version != kNumbersVersion) return Damaged("journal version");
  const uint64_t count = in.Varint();
  // Each sample takes at least three bytes.
  if (!in.ok() || count > bytes.size() / 3) return Damaged("journal size");
  std::vector<MonitorSample> samples;
  samples.reserve(count);
  uint64_t monitor = 0;
  int64_t at = 0;
  for (uint64_t i = 0; i < count; ++i) {
    MonitorSample& row = samples.emplace_back();
    monitor += static_cast<uint64_t>(in.Signed());
    if (__builtin_add_overflow(at, in.Signed(), &at) || at < -kMaxMillis || at > kMaxMillis) {
      return Damaged("journal time");
    }
    row.monitor = model::MonitorId(static_cast<int64_t>(monitor));
    row.sample.at = FromUnixMillis(at);
    const uint64_t code = in.Varint();
    if (!in.ok() || !IsJournalCode(code)) return Damaged("journal code");
    ApplyCode(code, row.sample);
    if ((code & kHasLatency) != 0) {
      const uint64_t scaled = in.Varint();
      row.sample.latency_ms =
          scaled == 1 ? in.Double()
                      : FromDecimal(static_cast<int64_t>(scaled >> 1), kMaxDecimalDigits);
      if (row.sample.latency_ms == 0) return Damaged("journal latency");
    }
    if ((code & kHasMessage) != 0) row.sample.message = in.Bytes(in.Varint());
    if (version == kPlainVersion) continue;
    const int64_t number = in.Signed();
    if (!IsCode(number)) return Damaged("journal code");
    row.sample.code = static_cast<int32_t>(number);
    row.sample.attempts = in.Byte();
  }
  if (!in.ok() || !in.AtEnd()) return Damaged("journal row");
  return samples;
}

}  // namespace pharos::store::sqlite
