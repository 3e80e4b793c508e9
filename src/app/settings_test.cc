#include "app/settings.h"

#include <gtest/gtest.h>

namespace pharos::app {
namespace {

TEST(Settings, DefaultsAloneAreValid) {
  const auto settings = LoadSettings({});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->listen, "127.0.0.1:8080");
  EXPECT_EQ(settings->page_days, 90);
  EXPECT_FALSE(settings->http_access_log);
}

TEST(Settings, LaterSourcesWin) {
  SettingSources sources;
  sources.file_text = "# comment\nlisten = 1.1.1.1:1\npage.days=30\nlog.level = debug\n";
  sources.environment = {{"PHAROS_LISTEN", "2.2.2.2:2"}, {"PHAROS_PAGE_DAYS", "60"}};
  sources.command_line = {{"listen", "3.3.3.3:3"}};
  const auto settings = LoadSettings(sources);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->listen, "3.3.3.3:3");
  EXPECT_EQ(settings->page_days, 60);
  EXPECT_EQ(settings->log_level, "debug");
}

TEST(Settings, EveryMistakeIsNamedWithItsSource) {
  SettingSources sources;
  sources.file_text = "pages.days = 3\nno equals sign\npage.days = many\n";
  sources.environment = {{"PHAROS_LOG_LEVEL", "loud"}, {"PHAROS_HTTP_ACCESS_LOG", "perhaps"}};
  const auto settings = LoadSettings(sources);
  ASSERT_FALSE(settings);
  ASSERT_EQ(settings.error().fields.size(), 5u);
  EXPECT_EQ(settings.error().fields[0].message,
            "line 1 of the file: 'pages.days' is not a setting");
  EXPECT_EQ(settings.error().fields[2].message,
            "page.days (line 3 of the file) must be a whole number from 1 to 400");
  EXPECT_EQ(settings.error().fields[3].message,
            "http.access_log (PHAROS_HTTP_ACCESS_LOG) must be true or false");
}

TEST(Settings, TheTimeZoneOfThePageMustExist) {
  SettingSources sources;
  sources.environment = {{"PHAROS_PAGE_TIME_ZONE", "Mars/One"}};
  const auto settings = LoadSettings(sources);
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().fields[0].field, "page.time_zone");
  sources.environment = {{"PHAROS_PAGE_TIME_ZONE", "Europe/Berlin"}};
  EXPECT_TRUE(LoadSettings(sources));
}

TEST(Settings, VariablesThatAreNoSettingAreNamed) {
  SettingSources sources;
  sources.environment = {{"PHAROS_LISTEN", ":0"}, {"PHAROS_HTTP_THREAD", "3"}, {"PHAROS_", ""}};
  EXPECT_EQ(UnknownVariables(sources), (std::vector<std::string>{"PHAROS_", "PHAROS_HTTP_THREAD"}));
}

TEST(Settings, TheSampleFileIsTheDefaults) {
  std::string sample = SampleFile();
  // With every comment sign of a setting removed it must load and change nothing.
  for (const SettingRow& row : SettingRows()) {
    const std::string commented = "\n#" + std::string(row.name) + " =";
    const size_t at = sample.find(commented);
    ASSERT_NE(at, std::string::npos) << row.name;
    sample.erase(at + 1, 1);
  }
  SettingSources sources;
  sources.file_text = sample;
  const auto from_sample = LoadSettings(sources);
  ASSERT_TRUE(from_sample) << from_sample.error().message;
  EXPECT_EQ(from_sample->listen, LoadSettings({})->listen);
  EXPECT_EQ(from_sample->history_retention_days, LoadSettings({})->history_retention_days);
}

TEST(Settings, ListenAddresses) {
  EXPECT_EQ(ParseListen("127.0.0.1:8080")->port, 8080);
  EXPECT_EQ(ParseListen("[::1]:0")->address, "::1");
  EXPECT_EQ(ParseListen(":80")->address, "::");
  EXPECT_EQ(ParseListen("localhost:80")->address, "127.0.0.1");
  for (const char* bad : {"", "8080", "a:b", "127.0.0.1:70000", "nowhere:80", "1.2.3.4:-1"}) {
    EXPECT_FALSE(ParseListen(bad)) << bad;
  }
}

}  // namespace
}  // namespace pharos::app
