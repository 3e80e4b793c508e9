#include "notify/sms/sms_channel.h"

#include <utility>

#include "notify/twilio.h"
#include "notify/wording.h"

namespace pharos::notify {
namespace {

constexpr size_t kMaxText = 160;

class SmsChannel : public Channel {
 public:
  explicit SmsChannel(const Addresses& addresses) : base_(addresses.twilio) {}
  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& config, std::vector<FieldError>& problems) const override {
    ValidateTwilio(config, problems);
  }

  void Send(const Outgoing& outgoing, const Value& config, Duration timeout, const Tools& tools,
            SendDone done) const override {
    SendByTwilio(base_, "Messages.json", {{"Body", OneLine(WordingOf(outgoing), kMaxText)}},
                 outgoing, config, timeout, tools, std::move(done));
  }

 private:
  const std::string base_;
  const Descriptor descriptor_{"sms", "Text message", TwilioFields()};
};

}  // namespace

std::unique_ptr<Channel> MakeSmsChannel(const Addresses& addresses) {
  return std::make_unique<SmsChannel>(addresses);
}

}  // namespace pharos::notify
