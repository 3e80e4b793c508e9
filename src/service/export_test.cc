#include "service/export.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/json.h"
#include "service/monitors.h"
#include "service/testing_house.h"
#include "store/history_store.h"
#include "store/transition_store.h"

namespace pharos::service {
namespace {

using model::Status;

class ExportTest : public testing::Test {
 protected:
  ExportTest() {
    model::Monitor draft;
    draft.tag = draft.name = "m";
    draft.kind = "manual";
    monitor_ = MonitorService(*house_.context).Create(house_.who, draft).value();
    query_.from = start_;
    query_.to = start_ + Days(30);
  }
  // Every twenty seconds, one failure among them.
  void Fill(int count, const std::string& message = "refused") {
    ASSERT_TRUE(house_.store->Write([&](store::Transaction& tx) {
      std::vector<model::MonitorSample> rows;
      for (int i = 0; i < count; ++i) {
        model::MonitorSample row;
        row.monitor = monitor_->id;
        row.sample.at = start_ + Seconds(20 * i);
        row.sample.status = row.sample.observed = i == 1 ? Status::kDown : Status::kUp;
        row.sample.latency_ms = i == 1 ? 0 : 12.5;
        row.sample.message = i == 1 ? message : "";
        rows.push_back(row);
      }
      return house_.store->history().Append(tx, rows);
    }));
  }
  std::string Whole() {
    std::string all;
    EXPECT_TRUE(export_.Write(*monitor_, query_, [&](std::string_view piece) {
      all += piece;
      return Ok();
    }));
    return all;
  }
  static int64_t Lines(const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
  }

  TestHouse house_;
  ExportService export_{*house_.context};
  MonitorPtr monitor_;
  const Timestamp start_ = FromUnixSeconds(1'780'000'020);
  ExportQuery query_;
};

TEST_F(ExportTest, ChecksAsCsv) {
  Fill(3);
  query_.kind = ExportKind::kChecks;
  EXPECT_EQ(Whole(),
            "time,status,observed,origin,latency_ms,code,attempts,error\r\n"
            "2026-05-28T20:27:00.000Z,up,up,realtime,12.5,0,1,\r\n"
            "2026-05-28T20:27:20.000Z,down,down,realtime,,0,1,refused\r\n"
            "2026-05-28T20:27:40.000Z,up,up,realtime,12.5,0,1,\r\n");
}

TEST_F(ExportTest, MinutesAsJsonAreOneList) {
  Fill(3 * 60 * 26);
  query_.format = ExportFormat::kJson;
  const auto parsed = ParseJson(Whole());
  ASSERT_TRUE(parsed) << parsed.error().message;
  ASSERT_EQ(parsed->AsList().size(), 60U * 26);
  EXPECT_EQ(parsed->AsList()[0].StringOr("time", ""), "2026-05-28T20:27:00.000Z");
}

TEST_F(ExportTest, PartsJoinToTheWhole) {
  Fill(1'000);
  for (const ExportKind kind : {ExportKind::kChecks, ExportKind::kMinutes}) {
    query_.kind = kind;
    const std::string whole = Whole();
    std::string joined;
    int64_t rows = 0;
    ExportQuery rest = query_;
    while (true) {
      const auto part = export_.Part(*monitor_, rest, 77).value();
      EXPECT_LE(part.rows, 77);
      rows += part.rows;
      joined += joined.empty() ? part.text : part.text.substr(part.text.find('\n') + 1);
      if (!part.next) break;
      rest.from = *part.next;
    }
    EXPECT_EQ(joined, whole);
    EXPECT_EQ(rows + 1, Lines(whole));
  }
}

TEST_F(ExportTest, TransitionsOfOneTimeStayTogether) {
  ASSERT_TRUE(house_.store->Write([&](store::Transaction& tx) -> pharos::Status {
    for (int i = 0; i < 10; ++i) {
      model::Transition change;
      change.org = monitor_->org;
      change.monitor = monitor_->id;
      change.at = start_ + Minutes(i / 2);
      change.to = Status::kDown;
      change.cause = "no, \"really\"";
      change.ordinal = i + 1;
      PHAROS_RETURN_IF_ERROR(house_.store->transitions().Insert(tx, change).has_value()
                                 ? Ok()
                                 : pharos::Status(Error::Internal("insert")));
    }
    return Ok();
  }));
  query_.kind = ExportKind::kTransitions;
  const auto part = export_.Part(*monitor_, query_, 3).value();
  EXPECT_EQ(part.rows, 2);
  ASSERT_TRUE(part.next);
  EXPECT_EQ(*part.next, start_ + Minutes(1));
  EXPECT_NE(part.text.find(",no_data,down,\"no, \"\"really\"\"\",1\r\n"), std::string::npos)
      << part.text;
  EXPECT_EQ(Lines(Whole()), 11);
}

TEST_F(ExportTest, TextsAreNoFormulasAndNeverBreakALine) {
  const auto field = [](std::string_view text) {
    std::string out;
    AppendCsvText(out, text);
    return out;
  };
  EXPECT_EQ(field("plain text"), "plain text");
  EXPECT_EQ(field("=1+1"), "'=1+1");
  EXPECT_EQ(field("+cmd|' /C calc'!A0"), "'+cmd|' /C calc'!A0");
  EXPECT_EQ(field("-2"), "'-2");
  EXPECT_EQ(field("@SUM(A1,A2)"), "\"'@SUM(A1,A2)\"");
  EXPECT_EQ(field("\t=1"), "\"'\t=1\"");
  EXPECT_EQ(field("a \"b\", c"), "\"a \"\"b\"\", c\"");
  EXPECT_EQ(field("two\r\nlines"), "\"two\r\nlines\"");
  EXPECT_EQ(field(std::string_view("a\0b", 3)), "ab");
  EXPECT_EQ(field(std::string_view("\0\0=1", 4)), "'=1");
  EXPECT_EQ(field(""), "");
}

TEST_F(ExportTest, BadLimitsAndWindowsAreNamed) {
  EXPECT_FALSE(export_.Part(*monitor_, query_, 0));
  EXPECT_FALSE(export_.Part(*monitor_, query_, kMaxExportRows + 1));
  query_.to = query_.from;
  EXPECT_FALSE(export_.Part(*monitor_, query_, 10));
}

}  // namespace
}  // namespace pharos::service
