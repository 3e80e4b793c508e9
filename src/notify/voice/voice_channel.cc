#include "notify/voice/voice_channel.h"

#include <utility>

#include "base/text.h"
#include "notify/twilio.h"
#include "notify/wording.h"

namespace pharos::notify {
namespace {

constexpr size_t kMaxSpoken = 600;

// Said twice, since the first words of a call are often missed.
std::string Spoken(const Wording& wording) {
  std::string words = wording.sender + ". " + wording.headline + ".";
  if (!wording.detail.empty()) words += " " + wording.detail;
  const std::string text = EscapeHtml(Ellipsize(words, kMaxSpoken));
  return "<Response><Say>" + text + "</Say><Pause length=\"1\"/><Say>" + text + "</Say></Response>";
}

class VoiceChannel : public Channel {
 public:
  explicit VoiceChannel(const Addresses& addresses) : base_(addresses.twilio) {}
  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& config, std::vector<FieldError>& problems) const override {
    ValidateTwilio(config, problems);
  }

  void Send(const Outgoing& outgoing, const Value& config, Duration timeout, const Tools& tools,
            SendDone done) const override {
    SendByTwilio(base_, "Calls.json", {{"Twiml", Spoken(WordingOf(outgoing))}}, outgoing, config,
                 timeout, tools, std::move(done));
  }

 private:
  const std::string base_;
  const Descriptor descriptor_{"voice", "Phone call", TwilioFields()};
};

}  // namespace

std::unique_ptr<Channel> MakeVoiceChannel(const Addresses& addresses) {
  return std::make_unique<VoiceChannel>(addresses);
}

}  // namespace pharos::notify
