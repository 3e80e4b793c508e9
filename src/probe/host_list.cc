#include "probe/host_list.h"

#include <algorithm>

#include "base/text.h"
#include "probe/dial_common.h"

namespace pharos::probe {
namespace {

constexpr int64_t kMaxTimeoutMs = 120'000;

int64_t& NumberOf(const HostNumber& number, HostTarget& target) {
  return number.name == "port" ? target.port : target.count;
}

int IpVersionFrom(const Value& element) {
  const std::string text = element.StringOr("ip_version", "any");
  return text == "4" ? 4 : text == "6" ? 6 : 0;
}

void CheckRange(const Value& element, std::string_view name, int64_t min, int64_t max,
                const std::string& where, std::vector<FieldError>& problems) {
  const Value* value = element.Find(name);
  if (value == nullptr || value->IsNull()) return;
  if (value->IsInt() && value->AsInt() >= min && value->AsInt() <= max) return;
  problems.push_back(
      {where + "." + std::string(name),
       "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max)});
}

void CheckElement(const Value& element, const HostNumber& number, const std::string& where,
                  std::vector<FieldError>& problems) {
  if (!element.IsObject()) {
    problems.push_back({where, "must be an object"});
    return;
  }
  for (const Value::Member& member : element.AsObject()) {
    const std::string& name = member.first;
    if (name == "host" || name == "ip_version" || name == "timeout_ms" || name == number.name) {
      continue;
    }
    problems.push_back({where + "." + Ellipsize(SanitizeUtf8(name), 60), "is not known"});
  }
  if (!IsHost(element.StringOr("host", ""))) {
    problems.push_back({where + ".host", "must be a host name or an IP address, nothing else"});
  }
  const std::string version = element.StringOr("ip_version", "any");
  if (version != "any" && version != "4" && version != "6") {
    problems.push_back({where + ".ip_version", "must be one of any, 4, 6"});
  }
  CheckRange(element, "timeout_ms", 1, kMaxTimeoutMs, where, problems);
  CheckRange(element, number.name, number.min, number.max, where, problems);
}

}  // namespace

std::vector<model::FieldSpec> HostRows(std::string_view hosts_help) {
  return {
      {.name = "host",
       .fallback = "",
       .max = 253,
       .help = "Name or address to look at; or give several in hosts."},
      {.name = "hosts",
       .type = model::FieldType::kObjectList,
       .fallback = Value::List{},
       .max = static_cast<double>(kMaxHosts),
       .help = hosts_help},
  };
}

void ValidateHosts(const SpecReader& reader, const HostNumber& number,
                   std::vector<FieldError>& problems) {
  const Value::List& hosts = reader.List("hosts");
  const bool has_host = !reader.Text("host").empty();
  if (!has_host && hosts.empty()) {
    problems.push_back({"host", "is required"});
  } else if (has_host && !hosts.empty()) {
    problems.push_back({"host", "must be empty when hosts is given"});
  }
  ValidateHost(reader, "host", problems);
  for (size_t i = 0; i < std::min(hosts.size(), kMaxHosts); ++i) {
    CheckElement(hosts[i], number, "hosts[" + std::to_string(i) + "]", problems);
  }
}

std::vector<HostTarget> ReadHosts(const SpecReader& reader, const HostNumber& number,
                                  Duration fallback, Duration limit) {
  std::vector<HostTarget> targets;
  const auto add = [&](std::string host, int ip_version, Duration timeout, int64_t value) {
    HostTarget target;
    target.host = std::move(host);
    target.ip_version = ip_version;
    target.timeout = std::min(timeout, limit);
    NumberOf(number, target) = value;
    targets.push_back(std::move(target));
  };
  const Value::List& hosts = reader.List("hosts");
  if (hosts.empty()) {
    add(reader.Text("host"), IpVersionOf(reader), fallback, reader.Int(number.name));
    return targets;
  }
  for (size_t i = 0; i < std::min(hosts.size(), kMaxHosts); ++i) {
    const Value* own = hosts[i].Find("timeout_ms");
    add(hosts[i].StringOr("host", ""), IpVersionFrom(hosts[i]),
        own != nullptr && own->IsInt() ? Milliseconds(own->AsInt()) : fallback,
        hosts[i].IntOr(number.name, number.fallback));
  }
  return targets;
}

}  // namespace pharos::probe
