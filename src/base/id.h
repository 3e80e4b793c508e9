#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace pharos {

// A store-assigned identity, distinct per noun so that ids of two nouns cannot be mixed up.
// 0 means "not stored yet".
template <class Tag>
class Id {
 public:
  constexpr Id() = default;
  constexpr explicit Id(int64_t value) : value_(value) {}
  constexpr int64_t value() const { return value_; }
  constexpr bool IsSet() const { return value_ != 0; }
  constexpr auto operator<=>(const Id&) const = default;

 private:
  int64_t value_ = 0;
};

}  // namespace pharos

template <class Tag>
struct std::hash<pharos::Id<Tag>> {
  size_t operator()(pharos::Id<Tag> id) const noexcept { return std::hash<int64_t>{}(id.value()); }
};
