#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace pharos::net {

// Undoes a Content-Encoding piece by piece. Output arrives in chunks of at most 16 KiB and stops as
// soon as the receiver says so, so that a small answer that expands enormously costs no memory; a
// body that ends in the middle is told from a whole one, which libcurl's own decoder does not do.
class BodyDecoder {
 public:
  // False = no more wanted.
  using Sink = std::function<bool(std::string_view chunk)>;
  enum class Outcome { kMore, kStopped, kBroken };

  virtual ~BodyDecoder() = default;
  virtual Outcome Feed(std::string_view bytes, const Sink& sink) = 0;
  // The encoded body is complete; meaningful after the last Feed.
  virtual bool IsComplete() const = 0;

  // nullptr for "identity" and an empty name. Error: kInvalid for an encoding that is not known.
  static Result<std::unique_ptr<BodyDecoder>> Create(std::string_view encoding);
};

}  // namespace pharos::net
