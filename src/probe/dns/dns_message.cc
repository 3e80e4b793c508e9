#include "probe/dns/dns_message.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "net/address.h"

namespace pharos::probe {
namespace {

constexpr size_t kHeaderBytes = 12;
constexpr size_t kMaxNameBytes = 255;
constexpr size_t kMaxLabelBytes = 63;
constexpr size_t kMaxRecords = 100;
constexpr size_t kMaxValueBytes = 4096;
constexpr int kMaxJumps = 64;
constexpr uint16_t kClassIn = 1;
constexpr uint16_t kTypeOpt = 41;
constexpr uint16_t kUdpBytes = 1232;

constexpr std::pair<std::string_view, RecordType> kTypes[] = {
    {"A", RecordType::kA},     {"AAAA", RecordType::kAaaa}, {"CNAME", RecordType::kCname},
    {"MX", RecordType::kMx},   {"NS", RecordType::kNs},     {"TXT", RecordType::kTxt},
    {"SOA", RecordType::kSoa}, {"SRV", RecordType::kSrv},   {"CAA", RecordType::kCaa},
    {"PTR", RecordType::kPtr},
};

void PutWord(std::string& out, uint32_t n) {
  out += static_cast<char>(n >> 8 & 0xff);
  out += static_cast<char>(n & 0xff);
}

// Reads a message from the front; a read past the end makes it bad and gives zeros.
class Reader {
 public:
  explicit Reader(std::string_view message) : message_(message) {}

  bool ok() const { return ok_; }
  size_t at() const { return at_; }
  uint8_t Byte() {
    if (at_ >= message_.size()) return Bad();
    return static_cast<uint8_t>(message_[at_++]);
  }
  uint16_t Word() {
    const uint16_t high = Byte();
    return static_cast<uint16_t>(high << 8 | Byte());
  }
  uint32_t Long() {
    const uint32_t high = Word();
    return high << 16 | Word();
  }
  std::string_view Bytes(size_t count) {
    if (!ok_ || count > message_.size() - at_) {
      Bad();
      return {};
    }
    const std::string_view bytes = message_.substr(at_, count);
    at_ += count;
    return bytes;
  }
  // A domain name in lower case, compressed or not; "" is the root.
  std::string Name() {
    std::string name;
    std::optional<size_t> resume;
    int jumps = 0;
    while (ok_) {
      const uint8_t length = Byte();
      if (length == 0) break;
      if ((length & 0xc0) == 0xc0) {
        const size_t target = static_cast<size_t>(length & 0x3f) << 8 | Byte();
        if (!resume) resume = at_;
        // Pointers lead backwards, so that loops cannot last.
        if (!ok_ || target >= at_ - 2 || ++jumps > kMaxJumps) return BadName();
        at_ = target;
        continue;
      }
      if (length > kMaxLabelBytes || name.size() + length + 1 > kMaxNameBytes) return BadName();
      if (!name.empty()) name += '.';
      name += AsciiLower(Bytes(length));
    }
    if (resume) at_ = *resume;
    return SanitizeUtf8(name);
  }

 private:
  uint8_t Bad() {
    ok_ = false;
    return 0;
  }
  std::string BadName() {
    ok_ = false;
    return {};
  }

  std::string_view message_;
  size_t at_ = 0;
  bool ok_ = true;
};

std::string AddressText(std::string_view bytes) {
  if (bytes.size() == 4) {
    uint32_t v4 = 0;
    for (const char c : bytes) v4 = v4 << 8 | static_cast<uint8_t>(c);
    return net::IpAddress::V4(v4).ToString();
  }
  if (bytes.size() != 16) return {};
  std::array<uint8_t, 16> v6;
  std::copy(bytes.begin(), bytes.end(), v6.begin());
  return net::IpAddress::V6(v6).ToString();
}

std::string Clean(std::string_view bytes) {
  return AsciiLower(SanitizeUtf8(bytes.substr(0, kMaxValueBytes)));
}

std::vector<std::string> TextForms(std::string_view data) {
  std::string joined;
  std::string spaced;
  int strings = 0;
  for (Reader reader(data); reader.ok() && reader.at() < data.size(); ++strings) {
    const std::string_view text = reader.Bytes(reader.Byte());
    joined += text;
    spaced += (strings == 0 ? "" : " ") + std::string(text);
  }
  std::vector<std::string> forms = {Clean(joined)};
  if (strings > 1) forms.push_back(Clean(spaced));
  return forms;
}

// `reader` stands at the data of the record, whose names may point into the whole message.
std::vector<std::string> ReadForms(Reader& reader, RecordType type, size_t size) {
  switch (type) {
    case RecordType::kA:
    case RecordType::kAaaa:
      return {AddressText(reader.Bytes(size))};
    case RecordType::kNs:
    case RecordType::kCname:
    case RecordType::kPtr:
      return {reader.Name()};
    case RecordType::kMx: {
      const std::string preference = std::to_string(reader.Word());
      const std::string exchange = reader.Name();
      return {preference + " " + exchange, exchange};
    }
    case RecordType::kTxt:
      return TextForms(reader.Bytes(size));
    case RecordType::kSoa: {
      std::string text = reader.Name();
      text += " " + reader.Name();
      for (int i = 0; i < 5; ++i) text += " " + std::to_string(reader.Long());
      return {std::move(text)};
    }
    case RecordType::kSrv: {
      std::string numbers;
      for (int i = 0; i < 3; ++i) numbers += std::to_string(reader.Word()) + " ";
      const std::string target = reader.Name();
      return {numbers + target, target};
    }
    case RecordType::kCaa: {
      const std::string flags = std::to_string(reader.Byte());
      const std::string_view tag = reader.Bytes(reader.Byte());
      const size_t used = 2 + tag.size();
      const std::string value = Clean(reader.Bytes(size < used ? 0 : size - used));
      const std::string start = flags + " " + Clean(tag) + " ";
      return {start + '"' + value + '"', start + value, value};
    }
  }
  return {};
}

}  // namespace

std::optional<RecordType> RecordTypeOf(std::string_view name) {
  for (const auto& [word, type] : kTypes) {
    if (EqualsIgnoreCase(word, name)) return type;
  }
  return std::nullopt;
}

const std::vector<std::string_view>& RecordTypeNames() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const auto& row : kTypes) all.push_back(row.first);
    return all;
  }();
  return names;
}

Result<std::string> MakeDnsQuery(uint16_t id, std::string_view name, RecordType type) {
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string out;
  PutWord(out, id);
  PutWord(out, 0x0100);  // recursion desired
  for (const uint32_t count : {1, 0, 0, 1}) PutWord(out, count);
  if (name.empty() || name.size() > kMaxNameBytes - 2) {
    return Error(ErrorKind::kInvalid, "not a name that can be asked for");
  }
  for (const std::string_view label : Split(name, '.')) {
    if (label.empty() || label.size() > kMaxLabelBytes) {
      return Error(ErrorKind::kInvalid, "not a name that can be asked for");
    }
    out += static_cast<char>(label.size());
    out += label;
  }
  out += '\0';
  PutWord(out, static_cast<uint16_t>(type));
  PutWord(out, kClassIn);
  out += '\0';  // EDNS: the root, OPT, our size, no flags, no options
  PutWord(out, kTypeOpt);
  PutWord(out, kUdpBytes);
  for (int i = 0; i < 3; ++i) PutWord(out, 0);
  return out;
}

std::optional<std::string> ReverseName(std::string_view address) {
  const auto parsed = net::IpAddress::Parse(address);
  if (!parsed) return std::nullopt;
  std::string name;
  const auto& bytes = parsed->bytes();
  if (parsed->IsV4()) {
    for (size_t i = 4; i-- > 0;) name += std::to_string(bytes[i]) + ".";
    return name + "in-addr.arpa";
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  for (size_t i = 16; i-- > 0;) {
    name += {kHex[bytes[i] & 15], '.', kHex[bytes[i] >> 4], '.'};
  }
  return name + "ip6.arpa";
}

bool IsReplyTo(std::string_view query, std::string_view reply) {
  if (query.size() < kHeaderBytes || reply.size() < kHeaderBytes) return false;
  if (query.substr(0, 2) != reply.substr(0, 2)) return false;
  if ((static_cast<uint8_t>(reply[2]) & 0x80) == 0) return false;
  if (reply.substr(4, 2) != query.substr(4, 2)) return false;
  Reader asked(query);
  Reader answered(reply);
  asked.Bytes(kHeaderBytes);
  answered.Bytes(kHeaderBytes);
  const std::string name = asked.Name();
  const uint32_t kind = asked.Long();  // type and class
  return answered.Name() == name && answered.Long() == kind && asked.ok() && answered.ok();
}

Result<DnsReply> ParseDnsReply(std::string_view message, RecordType type) {
  Reader reader(message);
  reader.Word();
  const uint16_t flags = reader.Word();
  const uint16_t questions = reader.Word();
  const uint16_t answers = reader.Word();
  reader.Long();
  DnsReply reply;
  reply.code = flags & 0x0f;
  reply.truncated = (flags & 0x0200) != 0;
  for (uint16_t i = 0; i < questions && reader.ok(); ++i) {
    reader.Name();
    reader.Long();
  }
  for (uint16_t i = 0; i < answers && reader.ok(); ++i) {
    reader.Name();
    const uint16_t kind = reader.Word();
    const uint16_t klass = reader.Word();
    const uint32_t ttl_s = reader.Long();
    const size_t size = reader.Word();
    const size_t begin = reader.at();
    Reader data = reader;
    reader.Bytes(size);
    if (!reader.ok()) break;
    ++reply.answers;
    if (kind != static_cast<uint16_t>(type) || klass != kClassIn) continue;
    std::vector<std::string> forms = ReadForms(data, type, size);
    if (!data.ok() || data.at() > begin + size || forms.empty() || forms[0].empty()) {
      return Error(ErrorKind::kInvalid, "a record of the answer is malformed");
    }
    if (reply.records.size() < kMaxRecords) reply.records.push_back({std::move(forms), ttl_s});
  }
  // What is cut off is asked for again over TCP.
  if (!reader.ok() && !reply.truncated) {
    return Error(ErrorKind::kInvalid, "the answer of the name server is malformed");
  }
  return reply;
}

std::string DnsCodeName(int code) {
  constexpr std::array<const char*, 6> kNames = {"NOERROR",  "FORMERR", "SERVFAIL",
                                                 "NXDOMAIN", "NOTIMP",  "REFUSED"};
  if (code >= 0 && static_cast<size_t>(code) < kNames.size()) {
    return kNames[static_cast<size_t>(code)];
  }
  return "code " + std::to_string(code);
}

std::string NormalDnsValue(std::string_view text) {
  std::string value = AsciiLower(Trim(text));
  if (value.ends_with('.')) value.pop_back();
  if (const auto address = net::IpAddress::Parse(value)) return address->ToString();
  return value;
}

}  // namespace pharos::probe
