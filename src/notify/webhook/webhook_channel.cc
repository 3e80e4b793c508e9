#include "notify/webhook/webhook_channel.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/references.h"
#include "base/text.h"
#include "net/url.h"
#include "notify/http_post.h"
#include "notify/webhook/formats.h"

namespace pharos::notify {
namespace {

using model::FieldSpec;
using model::FieldType;

// One way to write a request, with what its documentation says about repeating it.
struct Format {
  std::string_view name;
  webhook::Rendered (*render)(const Outgoing&, const std::string& secret, Timestamp now);
  Refusals refusals;
  Duration at_most;
  std::vector<Duration> waits;  // empty = the usual back-off
};

const std::array<Format, 5>& Formats() {
  static const std::array<Format, 5> kFormats = {{
      {"pharos", webhook::RenderPharos, Refusals::kDisable, Seconds(15), {}},
      // kener-classic.md 7
      {"kener_classic",
       webhook::RenderKenerClassic,
       Refusals::kNone,
       Seconds(10),
       {Seconds(10), Seconds(60), Seconds(300)}},
      // product.md: three more tries
      {"kener_v3",
       webhook::RenderKenerV3,
       Refusals::kNone,
       Seconds(10),
       {Seconds(10), Seconds(60), Seconds(300)}},
      // kodo.md 16.3
      {"kodo",
       webhook::RenderKodo,
       Refusals::kNone,
       Seconds(10),
       {Minutes(1), Minutes(5), Minutes(30), Hours(2)}},
      // is0k.md 5.2
      {"is0k",
       webhook::RenderIs0k,
       Refusals::kReject,
       Seconds(10),
       {Seconds(5), Seconds(30), Seconds(120)}},
  }};
  return kFormats;
}

const Format& FormatOf(const Value& config) {
  const std::string name = config.StringOr("format", "pharos");
  for (const Format& format : Formats()) {
    if (format.name == name) return format;
  }
  return Formats()[0];
}

bool IsToken(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// Headers that belong to the transport, or say what this channel itself has to say.
bool IsReserved(std::string_view name) {
  constexpr std::array<std::string_view, 6> kReserved = {
      "host", "content-length", "content-type", "transfer-encoding", "connection", "expect"};
  return std::any_of(kReserved.begin(), kReserved.end(),
                     [&](std::string_view word) { return EqualsIgnoreCase(word, name); });
}

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// The configured headers, without those that the format sets itself.
void AddOwnHeaders(const Value& config, std::vector<std::pair<std::string, std::string>>& headers) {
  const Value* own = config.Find("headers");
  if (own == nullptr || !own->IsList()) return;
  const size_t fixed = headers.size();
  for (const Value& header : own->AsList()) {
    const std::string name = header.StringOr("name", "");
    bool taken = IsReserved(name);
    for (size_t i = 0; i < fixed; ++i) taken = taken || EqualsIgnoreCase(headers[i].first, name);
    if (!taken) headers.emplace_back(name, header.StringOr("value", ""));
  }
}

// Of a post; a text of nothing but references must not fill the memory.
constexpr size_t kMaxSecretBytes = 256 * 1024;

// "$NAME" in the address and in the headers from `own` on; the values are kept out of what is told
// of the post. False when a value would break out of its header.
bool PutSecretsIn(HttpPost& post, size_t own, model::OrgId org, const Tools& tools) {
  if (!tools.secrets) return true;
  size_t left = kMaxSecretBytes;
  const auto find = [&](std::string_view name) {
    auto value = left > 0 ? tools.secrets(org, name) : std::nullopt;
    left -= std::min(left, value ? value->size() : 0);
    if (value) post.secrets.push_back(*value);
    if (value) post.secrets.push_back(PercentEncode(*value));
    return value;
  };
  post.url = ReplaceReferences(post.url, find);
  bool sound = true;
  for (size_t i = own; i < post.headers.size(); ++i) {
    std::string& value = post.headers[i].second;
    value = ReplaceReferences(value, find);
    sound = sound && !HasControl(value);
  }
  return sound;
}

class WebhookChannel : public Channel {
 public:
  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& config, std::vector<FieldError>& problems) const override {
    if (auto url = net::Url::Parse(config.StringOr("url", "")); !url) {
      problems.push_back({"url", url.error().message});
    }
    const Value* headers = config.Find("headers");
    if (headers == nullptr || !headers->IsList()) return;
    for (const Value& header : headers->AsList()) {
      const std::string name = header.StringOr("name", "");
      if (!IsToken(name) || IsReserved(name)) {
        problems.push_back({"headers", "header '" + Ellipsize(name, 60) + "' may not be set"});
      } else if (HasControl(header.StringOr("value", ""))) {
        problems.push_back({"headers", "header '" + name + "' has control characters"});
      }
    }
  }

  std::optional<std::vector<Duration>> RetryWaits(const Value& config) const override {
    const Format& format = FormatOf(config);
    if (format.waits.empty()) return std::nullopt;
    return format.waits;
  }

  void Send(const Outgoing& outgoing, const Value& config, Duration timeout, const Tools& tools,
            SendDone done) const override {
    const Format& format = FormatOf(config);
    const std::string secret = config.StringOr("secret", "");
    webhook::Rendered rendered = format.render(outgoing, secret, tools.clock->Now());
    HttpPost post;
    post.url = config.StringOr("url", "");
    post.body = std::move(rendered.body);
    post.headers = std::move(rendered.headers);
    if (format.name == "kener_v3") {
      post.headers.emplace_back("User-Agent", "Kener/" PHAROS_VERSION);
    }
    const size_t own = post.headers.size();
    AddOwnHeaders(config, post.headers);
    if (!PutSecretsIn(post, own, outgoing.org, tools)) {
      SendOutcome outcome;
      outcome.kind = SendOutcome::Kind::kRejected;
      outcome.error = "a secret that a header refers to has control characters";
      return done(std::move(outcome));
    }
    if (!secret.empty()) post.secrets.push_back(secret);
    post.refusals = format.refusals;
    post.at_most = format.at_most;
    SendPost(std::move(post), timeout, tools, std::move(done));
  }

 private:
  // tidy: table
  const Descriptor descriptor_{
      "webhook",
      "Webhook",
      {
          {.name = "url",
           .type = FieldType::kText,
           .required = true,
           .max = 2048,
           .help = "Where the JSON is posted to, http or https; $NAME is replaced by a secret."},
          {.name = "format",
           .type = FieldType::kChoice,
           .fallback = "pharos",
           .choices = {"pharos", "kener_classic", "kener_v3", "kodo", "is0k"},
           .help = "How the body is laid out and signed, and when a failure is tried again."},
          {.name = "headers",
           .type = FieldType::kPairList,
           .max = 20,
           .help = "Further headers of each request; $NAME is replaced in values."},
          {.name = "secret",
           .type = FieldType::kText,
           .max = 256,
           .secret = true,
           .help = "Signs each request, in the header that the format names."},
      }};
};

}  // namespace

std::unique_ptr<Channel> MakeWebhookChannel() { return std::make_unique<WebhookChannel>(); }

}  // namespace pharos::notify
