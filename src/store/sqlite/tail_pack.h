#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/sample.h"

namespace pharos::store::sqlite {

// One sample as the tail keeps it: with the sequence number of the journal row that it came in.
struct TailEntry {
  int64_t at_ms = 0;
  int64_t seq = 0;
  model::Sample sample;
};

// Samples of one monitor in memory, a few bytes each: times as steps, what repeats as a bit, texts
// once while they repeat. Ascending by time, then in the order of arrival. Not thread-safe.
class TailPack {
 public:
  bool IsEmpty() const { return count_ == 0; }
  size_t Count() const { return count_; }
  int64_t last_ms() const { return last_.at_ms; }
  // What the pack takes outside of itself.
  size_t HeapBytes() const {
    return bytes_.capacity() == std::string().capacity() ? 0 : bytes_.capacity();
  }
  size_t text_bytes() const { return text_bytes_; }
  // Whether the sample's text would be a new one that has to be kept.
  bool IsNewText(const model::Sample& sample) const {
    return !sample.message.empty() && sample.message != LastText();
  }

  // Precondition: at_ms is not before last_ms(), or the pack is empty.
  void Append(int64_t at_ms, int64_t seq, const model::Sample& sample);
  std::vector<TailEntry> All() const;
  // Replaces everything; `entries` ascends.
  void Assign(const std::vector<TailEntry>& entries);

  // Walks over a pack, which must not change meanwhile.
  class Reader {
   public:
    explicit Reader(const TailPack& pack) : rest_(pack.bytes_) {}
    // False at the end.
    bool Next();
    int64_t at_ms() const { return at_ms_; }
    int64_t seq() const { return seq_; }
    model::Sample Get() const;

   private:
    uint64_t Varint();
    int64_t Signed();

    std::string_view rest_;
    int64_t at_ms_ = 0;
    int64_t step_ = 0;
    int64_t seq_ = 0;
    uint64_t state_ = 0;
    int32_t code_ = 0;
    uint8_t attempts_ = 1;
    double latency_ms_ = 0;
    std::string_view text_;
    bool has_text_ = false;
  };

 private:
  // What the next entry is told apart from.
  struct Last {
    int64_t at_ms = 0;
    int64_t step = 0;
    int64_t seq = 0;
    uint64_t state = 0;
    int32_t code = 0;
    uint8_t attempts = 1;
  };

  std::string_view LastText() const {
    return std::string_view(bytes_).substr(text_at_, text_size_);
  }

  std::string bytes_;
  Last last_;
  uint32_t text_at_ = 0;  // where the last text stands
  uint32_t text_size_ = 0;
  uint32_t count_ = 0;
  uint32_t text_bytes_ = 0;
};

}  // namespace pharos::store::sqlite
