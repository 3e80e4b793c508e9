#include <string>
#include <string_view>

#include "base/text.h"
#include "probe/probe.h"

namespace pharos::probe {
namespace {

// The host of a URL as far as it takes to tell hosts apart; the request itself parses it for real.
std::string_view HostOfUrl(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const size_t at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  if (url.starts_with('[')) return url.substr(0, url.find(']') + 1);
  return url.substr(0, url.find(':'));
}

const Value* FirstHost(const Value& spec) {
  for (const char* name : {"host", "domain"}) {
    const Value* found = spec.Find(name);
    if (found != nullptr && found->IsString() && !found->AsString().empty()) return found;
  }
  // Of several, the first stands for all.
  const Value* hosts = spec.Find("hosts");
  if (hosts == nullptr || !hosts->IsList() || hosts->AsList().empty()) return nullptr;
  const Value* first = hosts->AsList().front().Find("host");
  return first != nullptr && first->IsString() ? first : nullptr;
}

}  // namespace

std::string Probe::TargetOf(const Value& spec) const {
  for (const char* name : {"url", "connection_string"}) {
    const Value* url = spec.Find(name);
    if (url != nullptr && url->IsString()) return AsciiLower(HostOfUrl(url->AsString()));
  }
  const Value* host = FirstHost(spec);
  return host == nullptr ? std::string() : AsciiLower(host->AsString());
}

}  // namespace pharos::probe
