#include "probe/domain/registration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pharos::probe {
namespace {

TEST(RegistryDate, ReadsTheFormsOfRegistries) {
  const struct {
    const char* text;
    const char* date;
  } rows[] = {
      {"2027-03-04T05:06:07Z", "2027-03-04T05:06:07Z"},
      {"2027-03-04T05:06:07.0Z", "2027-03-04T05:06:07Z"},
      {"2027-03-04T05:06:07+02:00", "2027-03-04T03:06:07Z"},
      {"2027-03-04 05:06:07", "2027-03-04T05:06:07Z"},
      {"2027-03-04", "2027-03-04T00:00:00Z"},
      {"2027/03/04", "2027-03-04T00:00:00Z"},
      {"2027/03/04 05:06:07 (JST)", "2027-03-04T05:06:07Z"},
      {"2027.03.04 05:06:07", "2027-03-04T05:06:07Z"},
      {"2027. 03. 04.", "2027-03-04T00:00:00Z"},
      {"04.03.2027", "2027-03-04T00:00:00Z"},
      {"4.3.2027 05:06:07", "2027-03-04T05:06:07Z"},
      {"04/03/2027", "2027-03-04T00:00:00Z"},
      {"12/31/2027", "2027-12-31T00:00:00Z"},
      {"04-03-2027", "2027-03-04T00:00:00Z"},
      {"04-Mar-2027", "2027-03-04T00:00:00Z"},
      {"04-mar-2027 05:06", "2027-03-04T05:06:00Z"},
      {"4 March 2027", "2027-03-04T00:00:00Z"},
      {"March 4 2027", "2027-03-04T00:00:00Z"},
      {"Thu Mar 04 05:06:07 GMT 2027", "2027-03-04T05:06:07Z"},
      {"Thu Mar  4 2027", "2027-03-04T00:00:00Z"},
      {"20270304", "2027-03-04T00:00:00Z"},
      {"20270304 #12345", "2027-03-04T00:00:00Z"},
      {"2028-02-29", "2028-02-29T00:00:00Z"},
  };
  for (const auto& row : rows) {
    const auto date = ParseRegistryDate(row.text);
    ASSERT_TRUE(date) << row.text;
    EXPECT_EQ(FormatIsoSeconds(*date), row.date) << row.text;
  }
}

TEST(RegistryDate, LeavesEverythingElseAlone) {
  for (const char* text :
       {"", " ", "never", "N/A", "before Aug-1996", "2027", "03-04", "2027-13-04", "2027-02-29",
        "31.11.2027", "04-03-27", "99999999", "1066-10-14", "9999-12-31", "0000-00-00",
        "2027-03-04 and a lot of other things that nobody wants to read in a date field",
        "12345678901234567890", "::::", "mar mar mar"}) {
    EXPECT_FALSE(ParseRegistryDate(text)) << text;
  }
  EXPECT_FALSE(ParseRegistryDate(std::string("2027\0-03-04\xff", 12) + std::string(100, '1')));
}

TEST(Registration, ListsAreTidyAndBounded) {
  Registration out;
  AddNameServer("NS1.Shop.Test. 192.0.2.1", out);
  AddNameServer("ns1.shop.test", out);
  AddNameServer("192", out);
  AddNameServer("", out);
  EXPECT_THAT(out.nameservers, testing::ElementsAre("ns1.shop.test"));
  AddStatus("clientHold https://icann.org/epp#clientHold", out);
  AddStatus("clientHold", out);
  AddStatus("ok (paid)", out);
  EXPECT_THAT(out.status, testing::ElementsAre("clientHold", "ok"));
  for (int i = 0; i < 1000; ++i) {
    AddNameServer("ns" + std::to_string(i) + ".test", out);
    AddStatus(std::to_string(i), out);
  }
  EXPECT_EQ(out.nameservers.size(), kMaxRegistrationItems);
  EXPECT_EQ(out.status.size(), kMaxRegistrationItems);
  EXPECT_LE(RegistryText(std::string(100'000, '\xff')).size(), 253u);
}

}  // namespace
}  // namespace pharos::probe
