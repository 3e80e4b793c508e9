#include "net/way.h"

#include <cstring>

namespace pharos::net {

std::string TriedText(const TriedAddress& tried) {
  switch (tried.outcome) {
    case TriedAddress::Outcome::kNotTried:
      return "not tried";
    case TriedAddress::Outcome::kConnected:
      return "connected";
    case TriedAddress::Outcome::kRefused:
      return "refused";
    case TriedAddress::Outcome::kNoAnswer:
      return "no answer";
    case TriedAddress::Outcome::kFailed:
      return tried.error == 0 ? "failed" : std::string("failed: ") + std::strerror(tried.error);
  }
  return "not tried";
}

}  // namespace pharos::net
