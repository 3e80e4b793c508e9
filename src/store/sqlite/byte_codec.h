#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace pharos::store::sqlite {

// Signed numbers near zero become small unsigned ones.
constexpr uint64_t ZigZag(int64_t v) {
  return (static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63);
}
constexpr int64_t UnZigZag(uint64_t v) {
  return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1);
}

// Seven bits per byte, lowest first.
inline void PutVarint(std::string& out, uint64_t v) {
  while (v >= 0x80) {
    out.push_back(static_cast<char>(v | 0x80));
    v >>= 7;
  }
  out.push_back(static_cast<char>(v));
}
inline void PutSigned(std::string& out, int64_t v) { PutVarint(out, ZigZag(v)); }

// Raw bits, least significant byte first.
inline void PutFixed64(std::string& out, uint64_t v) {
  for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(v >> shift));
}
inline void PutDouble(std::string& out, double v) { PutFixed64(out, std::bit_cast<uint64_t>(v)); }

// Reads from the front of a text. After the first read beyond the end, or of a malformed number, it
// is not ok and every further read gives 0.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool AtEnd() const { return bytes_.empty(); }
  std::string_view rest() const { return bytes_; }

  uint8_t Byte() {
    if (bytes_.empty()) return Fail();
    const auto b = static_cast<uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return b;
  }
  uint64_t Varint() {
    uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint8_t b = Byte();
      if (!ok_ || (shift == 63 && b > 1)) return Fail();
      v |= static_cast<uint64_t>(b & 0x7f) << shift;
      if ((b & 0x80) == 0) return v;
    }
    return Fail();
  }
  int64_t Signed() { return UnZigZag(Varint()); }
  uint64_t Fixed64() {
    const std::string_view raw = Bytes(8);
    uint64_t v = 0;
    for (size_t i = 0; i < raw.size(); ++i) {
      v |= static_cast<uint64_t>(static_cast<uint8_t>(raw[i])) << (8 * i);
    }
    return v;
  }
  double Double() { return std::bit_cast<double>(Fixed64()); }
  std::string_view Bytes(uint64_t n) {
    if (n > bytes_.size()) {
      Fail();
      return {};
    }
    const std::string_view out = bytes_.substr(0, n);
    bytes_.remove_prefix(n);
    return out;
  }
  uint8_t Fail() {
    ok_ = false;
    bytes_ = {};
    return 0;
  }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace pharos::store::sqlite
