#include "store/sqlite/number_codec.h"

#include <array>
#include <bit>
#include <cmath>

namespace pharos::store::sqlite {
namespace {

constexpr uint8_t kFromPrevious = 0;
constexpr uint8_t kFromMean = 1;
// A quotient of this many ones announces 64 raw bits.
constexpr unsigned kEscape = 24;
constexpr double kMaxScaled = 4503599627370496.0;  // 2^52
constexpr uint8_t kRaw = kMaxDecimalDigits + 1;
constexpr std::array<double, kMaxDecimalDigits + 1> kScales = {1, 10, 100, 1000};

class BitWriter {
 public:
  explicit BitWriter(std::string& out) : out_(out) {}
  // n <= 32
  void Put(uint64_t bits, unsigned n) {
    pending_ |= bits << filled_;
    filled_ += n;
    while (filled_ >= 8) {
      out_.push_back(static_cast<char>(pending_));
      pending_ >>= 8;
      filled_ -= 8;
    }
  }
  void Finish() {
    if (filled_ > 0) out_.push_back(static_cast<char>(pending_));
    filled_ = 0;
    pending_ = 0;
  }

 private:
  std::string& out_;
  uint64_t pending_ = 0;
  unsigned filled_ = 0;
};

class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_(bytes) {}
  bool ok() const { return ok_; }
  // How many bytes have been begun.
  size_t Used() const { return next_ - filled_ / 8; }
  // n <= 32
  uint64_t Get(unsigned n) {
    if (n == 0) return 0;
    Fill(n);
    if (filled_ < n) {
      ok_ = false;
      return 0;
    }
    const uint64_t v = pending_ & ((uint64_t{1} << n) - 1);
    pending_ >>= n;
    filled_ -= n;
    return v;
  }
  // The number of ones before a zero, at most kEscape; the zero after kEscape ones is not there.
  unsigned GetUnary() {
    Fill(kEscape + 1);
    const auto ones = static_cast<unsigned>(std::countr_one(pending_));
    if (ones >= kEscape) {
      Get(kEscape);
      return kEscape;
    }
    Get(ones + 1);
    return ones;
  }

 private:
  void Fill(unsigned n) {
    while (filled_ < n && next_ < bytes_.size()) {
      pending_ |= static_cast<uint64_t>(static_cast<uint8_t>(bytes_[next_++])) << filled_;
      filled_ += 8;
    }
  }

  std::string_view bytes_;
  size_t next_ = 0;
  uint64_t pending_ = 0;
  unsigned filled_ = 0;
  bool ok_ = true;
};

// How many numbers have each bit length: enough to judge every Rice parameter at once.
using LengthCounts = std::array<uint32_t, 65>;

struct RiceChoice {
  unsigned k = 0;
  double bits = 0;
};

RiceChoice ChooseRice(const LengthCounts& counts) {
  RiceChoice best;
  best.bits = -1;
  for (unsigned k = 0; k <= 40; ++k) {
    double bits = 0;
    for (size_t length = 0; length < counts.size(); ++length) {
      if (counts[length] == 0) continue;
      // Numbers of one bit length are taken for the middle of their range.
      const double typical = length == 0 ? 0 : 0.75 * std::ldexp(1.0, static_cast<int>(length));
      const double quotient = std::floor(std::ldexp(typical, -static_cast<int>(k)));
      const double each = quotient >= kEscape ? kEscape + 64.0 : quotient + 1 + k;
      bits += each * counts[length];
    }
    if (best.bits < 0 || bits < best.bits) best = {k, bits};
  }
  return best;
}

void PutRice(BitWriter& out, uint64_t v, unsigned k) {
  const uint64_t quotient = v >> k;
  if (quotient >= kEscape) {
    out.Put((uint64_t{1} << kEscape) - 1, kEscape);
    out.Put(v & 0xffffffff, 32);
    out.Put(v >> 32, 32);
    return;
  }
  out.Put((uint64_t{1} << quotient) - 1, static_cast<unsigned>(quotient) + 1);
  const uint64_t low = v & ((uint64_t{1} << k) - 1);
  out.Put(low & 0xffffffff, k < 32 ? k : 32);
  if (k > 32) out.Put(low >> 32, k - 32);
}

uint64_t GetRice(BitReader& in, unsigned k) {
  const uint64_t quotient = in.GetUnary();
  if (quotient == kEscape) {
    const uint64_t low = in.Get(32);
    return low | in.Get(32) << 32;
  }
  uint64_t low = in.Get(k < 32 ? k : 32);
  if (k > 32) low |= in.Get(k - 32) << 32;
  return (quotient << k) | low;
}

// Differences wrap around, so that every 64-bit number survives.
int64_t Minus(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
int64_t Plus(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

int64_t MeanOf(std::span<const int64_t> values) {
  double sum = 0;
  for (const int64_t v : values) sum += static_cast<double>(v);
  return static_cast<int64_t>(sum / static_cast<double>(values.size()));
}

}  // namespace

std::optional<int64_t> ExactDecimal(double value, int digits) {
  const double scale = kScales[static_cast<size_t>(digits)];
  const double scaled = std::nearbyint(value * scale);
  if (!(std::abs(scaled) <= kMaxScaled)) return std::nullopt;
  const auto whole = static_cast<int64_t>(scaled);
  // Comparing bits refuses -0.0 as well.
  if (std::bit_cast<uint64_t>(FromDecimal(whole, digits)) != std::bit_cast<uint64_t>(value)) {
    return std::nullopt;
  }
  return whole;
}

double FromDecimal(int64_t scaled, int digits) {
  return static_cast<double>(scaled) / kScales[static_cast<size_t>(digits)];
}

void PutIntegers(std::string& out, std::span<const int64_t> values) {
  if (values.empty()) return;
  const int64_t mean = MeanOf(values);
  LengthCounts from_previous{};
  LengthCounts from_mean{};
  int64_t previous = values.front();
  for (const int64_t v : values) {
    ++from_previous[static_cast<size_t>(std::bit_width(ZigZag(Minus(v, previous))))];
    ++from_mean[static_cast<size_t>(std::bit_width(ZigZag(Minus(v, mean))))];
    previous = v;
  }
  const RiceChoice by_previous = ChooseRice(from_previous);
  const RiceChoice by_mean = ChooseRice(from_mean);
  const bool use_mean = by_mean.bits < by_previous.bits;
  const unsigned k = use_mean ? by_mean.k : by_previous.k;
  out.push_back(static_cast<char>(use_mean ? kFromMean : kFromPrevious));
  out.push_back(static_cast<char>(k));
  int64_t reference = use_mean ? mean : values.front();
  PutSigned(out, reference);
  BitWriter bits(out);
  for (const int64_t v : values) {
    PutRice(bits, ZigZag(Minus(v, reference)), k);
    if (!use_mean) reference = v;
  }
  bits.Finish();
}

bool GetIntegers(ByteReader& in, size_t count, std::vector<int64_t>& values) {
  values.clear();
  if (count == 0) return in.ok();
  const uint8_t mode = in.Byte();
  const unsigned k = in.Byte();
  int64_t reference = in.Signed();
  if (!in.ok() || mode > kFromMean || k > 40) return false;
  // Each number takes at least one bit.
  if (count > in.rest().size() * 8) return false;
  values.reserve(count);
  BitReader bits(in.rest());
  for (size_t i = 0; i < count; ++i) {
    const int64_t v = Plus(reference, UnZigZag(GetRice(bits, k)));
    values.push_back(v);
    if (mode == kFromPrevious) reference = v;
  }
  if (!bits.ok()) return false;
  in.Bytes(bits.Used());
  return in.ok();
}

void PutDecimals(std::string& out, std::span<const double> values) {
  if (values.empty()) return;
  std::vector<int64_t> scaled;
  scaled.reserve(values.size());
  // Most columns need three digits, so the scale grows with the first value that asks for it.
  for (int digits = 0; digits <= kMaxDecimalDigits; ++digits) {
    scaled.clear();
    for (const double v : values) {
      const std::optional<int64_t> exact = ExactDecimal(v, digits);
      if (!exact) break;
      scaled.push_back(*exact);
    }
    if (scaled.size() < values.size()) continue;
    out.push_back(static_cast<char>(digits));
    PutIntegers(out, scaled);
    return;
  }
  out.push_back(static_cast<char>(kRaw));
  for (const double v : values) PutDouble(out, v);
}

bool GetDecimals(ByteReader& in, size_t count, std::vector<double>& values) {
  values.clear();
  if (count == 0) return in.ok();
  const uint8_t mode = in.Byte();
  if (!in.ok() || mode > kRaw) return false;
  if (mode == kRaw) {
    if (count > in.rest().size() / 8) return false;
    values.reserve(count);
    for (size_t i = 0; i < count; ++i) values.push_back(in.Double());
    return in.ok();
  }
  std::vector<int64_t> scaled;
  if (!GetIntegers(in, count, scaled)) return false;
  values.reserve(count);
  for (const int64_t v : scaled) values.push_back(FromDecimal(v, mode));
  return true;
}

}  // namespace pharos::store::sqlite
