#include "service/phones.h"

#include <gtest/gtest.h>

#include "service/organisations.h"
#include "service/phone_numbers.h"
#include "service/testing_house.h"
#include "store/delivery_store.h"

namespace pharos::service {
namespace {

class PhoneSubscriberServiceTest : public testing::Test {
 protected:
  void AddChannel(const std::string& kind) {
    model::Channel channel;
    channel.org = house_.who.org;
    channel.uid = kind;
    channel.kind = kind;
    channel.name = kind;
    ASSERT_TRUE(house_.store->Write([&](store::Transaction& tx) -> Status {
      PHAROS_RETURN_IF_ERROR(house_.store->deliveries().InsertChannel(tx, channel));
      return Ok();
    }));
  }
  PhoneSubscriberService::Wish Phone() {
    PhoneSubscriberService::Wish wish;
    wish.address = "+4930123456";
    return wish;
  }
  // The digits of the last text.
  std::string Code() const {
    const size_t at = texts_.back().find("code is ");
    return texts_.back().substr(at + 8, 6);
  }

  TestHouse house_;
  std::vector<std::string> texts_;
  PhoneSubscriberService phones_{
      *house_.context,
      [this](const std::string&, const Value&, notify::Outgoing outgoing, notify::SendDone done) {
        texts_.push_back(outgoing.message.StringOr("text", ""));
        done({});
      }};
};

TEST_F(PhoneSubscriberServiceTest, CodeConfirmsOnce) {
  AddChannel("sms");
  const auto made = phones_.Subscribe(house_.who, Phone()).value();
  EXPECT_TRUE(made.code_sent);
  EXPECT_FALSE(made.subscriber.verified);
  const std::string uid = made.subscriber.uid;
  const std::string wrong = Code() == "000000" ? "000001" : "000000";
  EXPECT_EQ(phones_.Confirm(house_.who, uid, wrong).error().kind, ErrorKind::kInvalid);
  EXPECT_TRUE(phones_.Confirm(house_.who, uid, Code()).value().verified);
  EXPECT_FALSE(phones_.Confirm(house_.who, uid, Code()));
  EXPECT_EQ(phones_.Subscribe(house_.who, Phone()).error().kind, ErrorKind::kConflict);
}

TEST_F(PhoneSubscriberServiceTest, CodeConfirmsByNumberToo) {
  AddChannel("sms");
  ASSERT_TRUE(phones_.Subscribe(house_.who, Phone()));
  EXPECT_FALSE(phones_.ConfirmPhone(house_.who, "+4930999999", Code()));
  EXPECT_TRUE(phones_.ConfirmPhone(house_.who, "+4930123456", Code()).value().verified);
}

TEST_F(PhoneSubscriberServiceTest, GuessingIsCutOff) {
  AddChannel("sms");
  const std::string uid = phones_.Subscribe(house_.who, Phone()).value().subscriber.uid;
  const std::string right = Code();
  const std::string wrong = right == "000000" ? "000001" : "000000";
  for (int i = 0; i < PhoneSubscriberService::kMaxTries; ++i) {
    EXPECT_FALSE(phones_.Confirm(house_.who, uid, wrong));
  }
  EXPECT_FALSE(phones_.Confirm(house_.who, uid, right));
  EXPECT_FALSE(phones_.Subscribe(house_.who, Phone()).value().code_sent);
  house_.clock.Advance(Minutes(2));
  EXPECT_TRUE(phones_.Subscribe(house_.who, Phone()).value().code_sent);
  house_.clock.Advance(Minutes(16));
  EXPECT_FALSE(phones_.Confirm(house_.who, uid, Code()));
}

TEST_F(PhoneSubscriberServiceTest, TheOrganisationsAccountNeedsNoChannel) {
  EXPECT_FALSE(phones_.Subscribe(house_.who, Phone()).value().code_sent);
  Value sms;
  sms.Set("enabled", true);
  Value settings;
  settings.Set("sms", std::move(sms));
  ASSERT_TRUE(OrganisationService(*house_.context).PutSettings(house_.who, settings));
  house_.clock.Advance(Minutes(2));
  EXPECT_TRUE(phones_.Subscribe(house_.who, Phone()).value().code_sent);
}

TEST_F(PhoneSubscriberServiceTest, StopWordEndsIt) {
  auto wish = Phone();
  wish.verified = true;
  EXPECT_FALSE(phones_.Subscribe(house_.who, wish).value().code_sent);
  EXPECT_FALSE(phones_.HandleReply(house_.who, "+4930123456", "thanks").value());
  EXPECT_TRUE(phones_.HandleReply(house_.who, "+4930123456", " Stop ").value());
  EXPECT_TRUE(phones_.List(house_.who, Contact::kPhone, 10, 0).value().empty());
}

TEST_F(PhoneSubscriberServiceTest, MailGetsALinkThatAlsoEndsIt) {
  AddChannel("email");
  PhoneSubscriberService::Wish wish;
  wish.contact = Contact::kMail;
  wish.address = "Reader@Shop.test";
  wish.link = "https://status.test/confirm";
  const auto made = phones_.Subscribe(house_.who, wish).value();
  EXPECT_EQ(made.subscriber.address, "reader@shop.test");
  const std::string text = texts_.back();
  const std::string secret = text.substr(text.find("&secret=") + 8);
  EXPECT_TRUE(phones_.Confirm(house_.who, made.subscriber.uid, secret).value().verified);
  EXPECT_FALSE(phones_.Unsubscribe(house_.who, made.subscriber.uid, "wrong"));
  EXPECT_TRUE(phones_.Unsubscribe(house_.who, made.subscriber.uid, secret));
}

TEST_F(PhoneSubscriberServiceTest, PreferencesAreKept) {
  auto wish = Phone();
  wish.verified = true;
  const std::string uid = phones_.Subscribe(house_.who, wish).value().subscriber.uid;
  SubscriberPreferences preferences;
  preferences.critical_only = true;
  preferences.services = {"one"};
  ASSERT_TRUE(phones_.PutPreferences(house_.who, uid, preferences));
  EXPECT_EQ(phones_.Get(house_.who, uid).value().preferences, preferences);
}

TEST(PhoneNumbers, Table) {
  EXPECT_TRUE(IsPhoneNumber("+4930123456"));
  for (const char* bad :
       {"", "+", "030123456", "+0301234567", "+12345", "+49 30 123456", "+12345678901234567"}) {
    EXPECT_FALSE(IsPhoneNumber(bad)) << bad;
  }
  EXPECT_TRUE(IsMailAddress("reader@shop.test"));
  for (const char* bad :
       {"", "@shop.test", "reader@", "reader@shop", "a@b@c.test", "a b@c.test", "<a@c.test>"}) {
    EXPECT_FALSE(IsMailAddress(bad)) << bad;
  }
}

}  // namespace
}  // namespace pharos::service
