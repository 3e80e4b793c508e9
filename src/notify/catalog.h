#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "notify/addresses.h"
#include "notify/channel.h"

namespace pharos::notify {

// All kinds of channels; one line per kind in catalog.cc. Immutable, thread-safe.
class Catalog {
 public:
  explicit Catalog(const Addresses& addresses = {});
  ~Catalog();
  const Channel* Find(std::string_view kind) const;
  std::vector<const Channel*> List() const;
  // Error: kInvalid with all problems, prefixed "config.".
  Result<Value> ValidateConfig(std::string_view kind, const Value& config) const;

 private:
  std::vector<std::unique_ptr<Channel>> channels_;
};

}  // namespace pharos::notify
