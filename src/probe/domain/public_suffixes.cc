#include "probe/domain/public_suffixes.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/text.h"

namespace pharos::probe {
namespace {

constexpr const char* kSystemList = "/usr/share/publicsuffix/public_suffix_list.dat";
constexpr size_t kMaxListBytes = 4 * 1024 * 1024;
constexpr size_t kMaxRules = 50'000;
constexpr size_t kMaxDomainBytes = 253;
constexpr size_t kMaxLabelBytes = 63;

constexpr std::string_view kCommonSuffixes =
    "co.uk\norg.uk\nac.uk\ngov.uk\nme.uk\nltd.uk\ncom.au\nnet.au\norg.au\nco.nz\norg.nz\nco.jp\n"
    "or.jp\nne.jp\nac.jp\ncom.br\nnet.br\norg.br\ncom.cn\nnet.cn\norg.cn\nco.in\nco.kr\nco.za\n"
    "com.mx\ncom.tr\ncom.sg\ncom.hk\ncom.tw\ncom.ar\ncom.pl\nco.il\ncom.ua\nco.at\nor.at\n";

bool IsLabel(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabelBytes && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

std::string ReadSystemList() {
  std::ifstream file(kSystemList, std::ios::binary);
  std::string text;
  if (file) text.assign(std::istreambuf_iterator<char>(file), {});
  if (text.empty() || text.size() > kMaxListBytes) text = kCommonSuffixes;
  return text;
}

}  // namespace

PublicSuffixes PublicSuffixes::Parse(std::string_view text) {
  PublicSuffixes out;
  for (const std::string_view raw : Split(text, '\n')) {
    if (raw.find("===BEGIN PRIVATE DOMAINS===") != std::string_view::npos) break;
    std::string_view line = Trim(raw);
    line = line.substr(0, line.find_first_of(" \t"));
    if (line.empty() || line.starts_with("//") || out.rules_.size() >= kMaxRules) continue;
    Rule rule = Rule::kPlain;
    if (line.starts_with("!")) {
      rule = Rule::kException;
      line.remove_prefix(1);
    } else if (line.starts_with("*.")) {
      rule = Rule::kWildcard;
      line.remove_prefix(2);
    }
    if (!line.empty()) out.rules_[AsciiLower(line)] |= static_cast<uint8_t>(rule);
  }
  return out;
}

const PublicSuffixes& PublicSuffixes::System() {
  static const PublicSuffixes list = Parse(ReadSystemList());
  return list;
}

std::string_view PublicSuffixes::RegisteredPartOf(std::string_view domain) const {
  // From the whole name to its last label; the first rule that fits is the longest.
  size_t before = std::string_view::npos;  // where the label left of `at` begins
  for (size_t at = 0;;) {
    const size_t dot = domain.find('.', at);
    const std::string_view tail = domain.substr(at);
    const auto found = rules_.find(std::string(tail));
    const uint8_t rules = found == rules_.end() ? 0 : found->second;
    if (rules & static_cast<uint8_t>(Rule::kException)) return tail;
    const bool is_last = dot == std::string_view::npos;
    // "*.ck" makes one label more than "ck" the suffix.
    if (!is_last) {
      const auto parent = rules_.find(std::string(domain.substr(dot + 1)));
      if (parent != rules_.end() && (parent->second & static_cast<uint8_t>(Rule::kWildcard))) {
        return before == std::string_view::npos ? std::string_view() : domain.substr(before);
      }
    }
    // Without any rule the last label is the suffix.
    if ((rules & static_cast<uint8_t>(Rule::kPlain)) || is_last) {
      return before == std::string_view::npos ? std::string_view() : domain.substr(before);
    }
    before = at;
    at = dot + 1;
  }
}

bool IsRegistrableDomain(std::string_view text) {
  if (text.size() > kMaxDomainBytes) return false;
  const std::string domain = AsciiLower(text);
  const auto labels = Split(domain, '.');
  if (labels.size() < 2 || !std::all_of(labels.begin(), labels.end(), IsLabel)) return false;
  const std::string_view tld = labels.back();
  if (std::all_of(tld.begin(), tld.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return false;  // an address
  }
  return PublicSuffixes::System().RegisteredPartOf(domain) == domain;
}

}  // namespace pharos::probe
