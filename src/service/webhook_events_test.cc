#include "service/webhook_events.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "notify/catalog.h"

namespace pharos::service {
namespace {

using Words = std::vector<std::string>;

TEST(WebhookEventsTest, EveryFormatOfTheChannelHasEvents) {
  const notify::Catalog catalog;
  const auto& fields = catalog.Find("webhook")->descriptor().fields;
  const auto format = std::find_if(fields.begin(), fields.end(),
                                   [](const auto& row) { return row.name == "format"; });
  ASSERT_NE(format, fields.end());
  ASSERT_TRUE(std::equal(format->choices.begin(), format->choices.end(), WebhookFormats().begin(),
                         WebhookFormats().end()));
  for (const std::string_view name : WebhookFormats()) EXPECT_FALSE(WebhookEvents(name).empty());
}

TEST(WebhookEventsTest, WordsOfAFormatAreReadAndWritten) {
  EXPECT_EQ(ReadWebhookEvents("kodo", Words{"monitor.recovered"}).value(), Words{"monitor.up"});
  EXPECT_EQ(WebhookEventWord("kodo", "monitor.up"), "monitor.recovered");
  EXPECT_EQ(WebhookEventWord("kener_classic", "monitor.up"), "monitor.up");
  EXPECT_EQ(WebhookEventWord("is0k", "maintenance.started"), "maintenance.started");
  for (const std::string_view format : WebhookFormats()) {
    for (const WebhookEvent& row : WebhookEvents(format)) {
      EXPECT_EQ(ReadWebhookEvents(format, Words{std::string(row.word)}).value(),
                Words{std::string(row.event)});
      EXPECT_TRUE(IsWebhookEvent(row.event)) << row.event;
    }
  }
}

TEST(WebhookEventsTest, WhatIsUnknownIsNamedWithWhatThereIs) {
  const auto event = ReadWebhookEvents("kener_classic", Words{"monitor.up", "monitor.recovered"});
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().fields.at(0).field, "event");
  EXPECT_TRUE(event.error().fields.at(0).message.starts_with(
      "'monitor.recovered' is not an event of kener_classic; it has: monitor.down, monitor.up,"));
  EXPECT_FALSE(ReadWebhookEvents("kener_classic", Words{}));
  const auto format = ReadWebhookEvents("kener", Words{"monitor.up"});
  ASSERT_FALSE(format);
  EXPECT_EQ(format.error().fields.at(0).field, "format");
}

}  // namespace
}  // namespace pharos::service
