#include "net/body_decoder.h"

#include <brotli/decode.h>
#include <zlib.h>

#include <array>
#include <string>

#include "base/text.h"

namespace pharos::net {
namespace {

constexpr size_t kChunk = 16 * 1024;
constexpr int kGzipWindow = 15 + 16;
constexpr int kZlibWindow = 15;
constexpr int kRawWindow = -15;

// gzip, and deflate in both of its readings (zlib wrapped as the standard says, or raw).
class ZlibDecoder : public BodyDecoder {
 public:
  explicit ZlibDecoder(bool is_gzip) : is_gzip_(is_gzip) {}
  ~ZlibDecoder() override {
    if (is_open_) inflateEnd(&stream_);
  }

  Outcome Feed(std::string_view bytes, const Sink& sink) override {
    if (bytes.empty()) return Outcome::kMore;
    if (!is_open_ && !Open(bytes)) return Outcome::kBroken;
    // zlib does not write to its input.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    std::array<char, kChunk> out;
    bool filled = true;  // a full output chunk means that more may be waiting inside
    while (stream_.avail_in > 0 || filled) {
      if (is_complete_ && !BeginMember()) return Outcome::kMore;
      stream_.next_out = reinterpret_cast<Bytef*>(out.data());
      stream_.avail_out = kChunk;
      const int status = inflate(&stream_, Z_NO_FLUSH);
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
        return Outcome::kBroken;
      }
      const size_t made = kChunk - stream_.avail_out;
      filled = stream_.avail_out == 0;
      if (made > 0 && !sink({out.data(), made})) return Outcome::kStopped;
      is_complete_ = status == Z_STREAM_END;
      if (status == Z_BUF_ERROR) break;
    }
    return Outcome::kMore;
  }

  bool IsComplete() const override { return is_complete_; }

 private:
  bool Open(std::string_view bytes) {
    const auto first = static_cast<unsigned char>(bytes[0]);
    bool is_zlib = (first & 0x0f) == Z_DEFLATED && (first >> 4) <= 7;
    if (bytes.size() > 1) {  // the check sum of the two header bytes
      is_zlib = is_zlib && (first * 256 + static_cast<unsigned char>(bytes[1])) % 31 == 0;
    }
    const int window = is_gzip_ ? kGzipWindow : (is_zlib ? kZlibWindow : kRawWindow);
    is_open_ = inflateInit2(&stream_, window) == Z_OK;
    return is_open_;
  }

  // After the end: another gzip member, or trailing bytes that are ignored.
  bool BeginMember() {
    if (!is_gzip_ || stream_.avail_in == 0 || *stream_.next_in != 0x1f) return false;
    is_complete_ = false;
    return inflateReset(&stream_) == Z_OK;
  }

  const bool is_gzip_;
  bool is_open_ = false;
  bool is_complete_ = false;
  z_stream stream_{};
};

class BrotliDecoder : public BodyDecoder {
 public:
  BrotliDecoder() : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {}
  ~BrotliDecoder() override { BrotliDecoderDestroyInstance(state_); }

  Outcome Feed(std::string_view bytes, const Sink& sink) override {
    if (state_ == nullptr) return Outcome::kBroken;
    size_t available_in = bytes.size();
    const auto* next_in = reinterpret_cast<const uint8_t*>(bytes.data());
    std::array<uint8_t, kChunk> out;
    while (true) {
      if (BrotliDecoderIsFinished(state_) != 0) return Outcome::kMore;
      size_t available_out = kChunk;
      uint8_t* next_out = out.data();
      const BrotliDecoderResult result = BrotliDecoderDecompressStream(
          state_, &available_in, &next_in, &available_out, &next_out, nullptr);
      if (result == BROTLI_DECODER_RESULT_ERROR) return Outcome::kBroken;
      const size_t made = kChunk - available_out;
      if (made > 0 && !sink({reinterpret_cast<const char*>(out.data()), made})) {
        return Outcome::kStopped;
      }
      if (result != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) return Outcome::kMore;
    }
  }

  bool IsComplete() const override {
    return state_ != nullptr && BrotliDecoderIsFinished(state_) != 0;
  }

 private:
  BrotliDecoderState* const state_;
};

}  // namespace

Result<std::unique_ptr<BodyDecoder>> BodyDecoder::Create(std::string_view encoding) {
  using Made = Result<std::unique_ptr<BodyDecoder>>;
  const std::string name = AsciiLower(Trim(encoding));
  if (name.empty() || name == "identity") return Made(nullptr);
  if (name == "gzip" || name == "x-gzip") return Made(std::make_unique<ZlibDecoder>(true));
  if (name == "deflate") return Made(std::make_unique<ZlibDecoder>(false));
  if (name == "br") return Made(std::make_unique<BrotliDecoder>());
  return Error(ErrorKind::kInvalid,
               "the content encoding " + Ellipsize(SanitizeUtf8(name), 60) + " is not known");
}

}  // namespace pharos::net
