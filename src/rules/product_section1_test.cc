// The exact rules of product.md 1.5 to 1.12, each against a second, literal reading of the text
// over all its inputs. Confirmation (1.9) has a file of its own: confirmation_reference_test.cc.

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/time_zone.h"
#include "rules/overlay.h"
#include "rules/rollup.h"
#include "rules/rules_testing.h"
#include "rules/uptime.h"

namespace pharos::rules {
namespace {

using model::SampleOrigin;
using model::Status;

using Maybe = std::optional<Status>;
const std::vector<Maybe> kAnything = {std::nullopt,  Status::kUp,          Status::kDegraded,
                                      Status::kDown, Status::kMaintenance, Status::kNoData};
const std::vector<Maybe> kImpacts = {std::nullopt, Status::kDegraded, Status::kDown,
                                     Status::kMaintenance};

// 1.5, steps 4 to 6, over every default, observation, incident and maintenance: 576 rows.
TEST(Product15RunOrder, EveryCombinationOfLayers) {
  int rows = 0;
  for (const Maybe fallback : kAnything) {
    for (const Maybe observed : kAnything) {
      for (const Maybe incident : kImpacts) {
        for (const Maybe maintenance : kImpacts) {
          SCOPED_TRACE(++rows);
          std::optional<std::pair<Status, SampleOrigin>> expected;
          std::string text;
          const bool fills =
              fallback == Status::kUp || fallback == Status::kDown || fallback == Status::kDegraded;
          if (fills) {
            expected = {*fallback, SampleOrigin::kDefault};
            if (fallback != Status::kUp) text = "Default status applied";
          }
          const bool hidden = observed == Status::kNoData && fills;
          if (observed && !hidden) {
            expected = {*observed, SampleOrigin::kRealtime};
            text = "seen";
          }
          if (incident) {
            expected = {*incident, SampleOrigin::kIncident};
            text = "Status set by manual incident";
          }
          if (maintenance) {
            expected = {*maintenance, SampleOrigin::kMaintenance};
            text = "Status set by manual maintenance";
          }
          Walk walk;
          walk.monitor.default_status = fallback;
          walk.overlay = {incident, maintenance};
          walk.Judge(observed ? Walk::Probe(Walk::At(0), *observed, 7, "seen")
                              : Walk::Tick(Walk::At(0)));
          ASSERT_EQ(walk.samples.size(), expected ? 1U : 0U);
          if (!expected) continue;
          EXPECT_EQ(walk.Stored(0).status, expected->first);
          EXPECT_EQ(walk.Stored(0).origin, expected->second);
          EXPECT_EQ(walk.Stored(0).message, text);
          EXPECT_EQ(walk.Stored(0).latency_ms, observed ? 7 : 0) << "overlays never replace it";
        }
      }
    }
  }
  EXPECT_EQ(rows, 576);
}

// 1.6: a manual monitor with and without repeating, after a manual and after another row.
TEST(Product16DefaultStatus, RepeatedOnlyWhenTheLatestRowIsManual) {
  for (const Maybe fallback : kAnything) {
    for (const bool repeats : {false, true}) {
      for (const bool after_manual : {false, true}) {
        Walk walk;
        walk.monitor.kind = "manual";
        walk.monitor.spec.Set("repeat_last", repeats);
        walk.monitor.default_status = fallback;
        if (after_manual) walk.Manual(0, Status::kDegraded, 12);
        for (int n = 1; n < 4; ++n) walk.Judge(Walk::Tick(Walk::At(n)));
        const bool fills =
            fallback == Status::kUp || fallback == Status::kDown || fallback == Status::kDegraded;
        const char filled = fills ? "UGPDMN"[static_cast<size_t>(*fallback)] : '-';
        const char each = repeats && after_manual ? 'G' : filled;
        EXPECT_EQ(walk.Line(4), std::string(1, after_manual ? 'G' : '-') + std::string(3, each));
      }
    }
  }
}

// 1.7, "several at once", literally: walk the list; a maintenance or a down ends it.
Maybe WalkImpacts(const std::vector<Status>& impacts) {
  Maybe remembered;
  for (const Status impact : impacts) {
    if (impact == Status::kMaintenance || impact == Status::kDown) return impact;
    if (impact == Status::kDegraded) remembered = impact;
  }
  return remembered;
}

TEST(Product17IncidentOverlay, EveryListOfUpToFiveImpacts) {
  constexpr Status kWords[] = {Status::kUp, Status::kDegraded, Status::kDown, Status::kMaintenance};
  int rows = 0;
  std::vector<std::vector<Status>> lists = {{}};
  for (size_t begin = 0; begin < lists.size() && lists[begin].size() < 5; ++begin) {
    for (const Status word : kWords) {
      lists.push_back(lists[begin]);
      lists.back().push_back(word);
    }
  }
  for (const std::vector<Status>& list : lists) {
    ASSERT_EQ(ReduceImpacts(list), WalkImpacts(list));
    ++rows;
  }
  EXPECT_EQ(rows, 1365);
}

TEST(Product17IncidentOverlay, PastRowsStayAndTheNextMinuteIsFree) {
  Walk walk;
  walk.Check(0, Status::kUp);
  walk.overlay.incident = Status::kDown;
  walk.Check(1, Status::kUp);
  walk.Check(2, Status::kUp);
  walk.overlay = {};
  walk.Check(3, Status::kUp);
  EXPECT_EQ(walk.Line(4), "UDDU");
}

// 1.8: every state of an event, at, between and beyond its ends.
TEST(Product18MaintenanceOverlay, StatesAndEnds) {
  using State = model::OccurrenceState;
  constexpr State kStates[] = {State::kScheduled, State::kReady, State::kOngoing, State::kCompleted,
                               State::kCancelled};
  const model::MonitorId monitor(7);
  for (const State state : kStates) {
    for (const bool active : {true, false}) {
      for (const Status impact :
           {Status::kUp, Status::kDegraded, Status::kDown, Status::kMaintenance}) {
        MaintenanceWindow window;
        window.active = active;
        window.occurrence.state = state;
        window.occurrence.starts_at = Walk::At(10);
        window.occurrence.ends_at = Walk::At(20);
        window.impacts = {{monitor, impact}};
        for (const int minute : {9, 10, 15, 20, 21}) {
          const bool lives =
              state == State::kScheduled || state == State::kReady || state == State::kOngoing;
          const bool within = minute >= 10 && minute <= 20;
          const Maybe expected =
              active && lives && within && impact != Status::kUp ? Maybe(impact) : std::nullopt;
          const std::vector<MaintenanceWindow> windows = {window};
          EXPECT_EQ(MaintenanceOverlay(windows, monitor, Walk::At(minute)), expected);
        }
      }
    }
  }
}

// 1.10: what people read, over every page of up to five monitors.
std::string BannerOf(const std::vector<Status>& page) {
  int counts[model::kStatusCount] = {};
  int reported = 0;
  for (const Status status : page) {
    ++counts[static_cast<size_t>(status)];
    if (status != Status::kNoData) ++reported;
  }
  const auto of = [&](Status status) { return counts[static_cast<size_t>(status)]; };
  const auto share = [&](Status status) { return of(status) / static_cast<double>(reported); };
  if (reported == 0) return "No Status Available";
  if (of(Status::kDown) > 0) {
    return share(Status::kDown) >= 0.75 ? "Major System Outage" : "Partial System Outage";
  }
  if (of(Status::kDegraded) > 0) {
    return share(Status::kDegraded) >= 0.75 ? "Degraded Performance"
                                            : "Partial Degraded Performance";
  }
  return of(Status::kMaintenance) > 0 ? "Under Maintenance" : "All Systems Operational";
}

TEST(Product110Banner, EveryPageOfUpToFiveMonitors) {
  constexpr Status kWords[] = {Status::kUp, Status::kDegraded, Status::kDown, Status::kMaintenance,
                               Status::kNoData};
  std::vector<std::vector<Status>> pages = {{}};
  for (size_t begin = 0; begin < pages.size() && pages[begin].size() < 5; ++begin) {
    for (const Status word : kWords) {
      pages.push_back(pages[begin]);
      pages.back().push_back(word);
    }
  }
  for (const std::vector<Status>& page : pages) {
    ASSERT_EQ(BannerText(ComputeBanner(page)), BannerOf(page));
  }
  EXPECT_EQ(pages.size(), 3906U);
}

// 1.11: every formula of one to four variables against a second evaluator.
double Literal(const std::vector<double>& values, const std::string& operators) {
  std::vector<double> terms = {values[0]};
  std::string signs;
  for (size_t i = 0; i < operators.size(); ++i) {
    const double next = values[i + 1];
    if (operators[i] == '*') {
      terms.back() *= next;
    } else if (operators[i] == '/') {
      terms.back() = next == 0 ? 0 : terms.back() / next;
    } else {
      signs += operators[i];
      terms.push_back(next);
    }
  }
  double sum = terms[0];
  for (size_t i = 0; i < signs.size(); ++i) sum += signs[i] == '+' ? terms[i + 1] : -terms[i + 1];
  return sum;
}

TEST(Product111UptimeFormula, EveryFormulaOfUpToFourVariables) {
  constexpr const char* kNames[] = {"up", "down", "degraded", "maintenance"};
  constexpr double kCounts[] = {90, 0, 7, 3};
  model::StatusCounts counts;
  counts.Add(Status::kUp, 90);
  counts.Add(Status::kDegraded, 7);
  counts.Add(Status::kMaintenance, 3);
  int rows = 0;
  struct Part {
    std::string text;
    std::vector<double> values;
    std::string operators;
  };
  std::vector<Part> parts;
  for (size_t i = 0; i < 4; ++i) parts.push_back({kNames[i], {kCounts[i]}, ""});
  for (size_t begin = 0; begin < parts.size(); ++begin) {
    const Part part = parts[begin];
    const auto value = EvaluateFormula(part.text, counts);
    ASSERT_TRUE(value) << part.text;
    ASSERT_DOUBLE_EQ(*value, Literal(part.values, part.operators)) << part.text;
    ++rows;
    if (part.values.size() == 4) continue;
    for (const char op : std::string("+-*/")) {
      for (size_t i = 0; i < 4; ++i) {
        Part longer = part;
        longer.text += std::string(rows % 2 == 0 ? " " : "") + op + " " + kNames[i];
        longer.values.push_back(kCounts[i]);
        longer.operators += op;
        parts.push_back(std::move(longer));
      }
    }
  }
  EXPECT_EQ(rows, 4 + 64 + 1024 + 16384);
}

TEST(Product111UptimeFormula, DefaultAndPresets) {
  struct Row {
    const char* numerator;
    const char* denominator;
    const char* text;
  };
  model::StatusCounts counts;  // of a thousand minutes
  counts.Add(Status::kUp, 900);
  counts.Add(Status::kDown, 40);
  counts.Add(Status::kDegraded, 10);
  counts.Add(Status::kMaintenance, 50);
  counts.Add(Status::kNoData, 440);
  constexpr Row kRows[] = {
      {"", "", "95"},
      {"up + maintenance", "up + maintenance + down + degraded", "95"},
      {"up + maintenance + degraded", "", "96"},
      {"up", "up + down + degraded", "94.7368"},
      {"up", "", "90"},
      {"up", "down", "100"},
      {"down", "up", "4.4444"},
      {"nonsense", "up", "95"},
      {"up", "no_data", "95"},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(FormatUptime(UptimePercent({row.numerator, row.denominator}, counts)), row.text)
        << row.numerator << " / " << row.denominator;
  }
}

// 1.11, formatting, over every pair of counts up to 150 minutes.
TEST(Product111UptimeFormat, EveryShare) {
  for (uint32_t all = 0; all <= 150; ++all) {
    for (uint32_t up = 0; up <= all; ++up) {
      model::StatusCounts counts;
      counts.Add(Status::kUp, up);
      counts.Add(Status::kDown, all - up);
      const std::string text = FormatUptime(UptimePercent({}, counts));
      std::string expected;
      if (all == 0) {
        expected = "-";
      } else if (up == 0) {
        expected = "0";
      } else if (up == all) {
        expected = "100";
      } else if (up * 10 % all == 0) {
        expected = std::to_string(up * 10 / all * 10);
      } else {
        char digits[32];
        std::snprintf(digits, sizeof digits, "%.4f", up * 100.0 / all);
        expected = digits;
        while (expected.back() == '0') expected.pop_back();
        if (expected.back() == '.') expected.pop_back();
      }
      ASSERT_EQ(text, expected) << up << "/" << all;
    }
  }
}

TEST(Product111LatencyText, Units) {
  struct Row {
    double ms;
    const char* text;
  };
  constexpr Row kRows[] = {{0, ""},
                           {1, "1ms"},
                           {123, "123ms"},
                           {999, "999ms"},
                           {1000, "1.00s"},
                           {1230, "1.23s"},
                           {59'990, "59.99s"},
                           {60'000, "1.00m"},
                           {123'000, "2.05m"},
                           {3'599'000, "59.98m"},
                           {3'600'000, "1.00h"},
                           {4'320'000, "1.20h"}};
  for (const Row& row : kRows) EXPECT_EQ(FormatLatency(row.ms), row.text) << row.ms;
}

// 1.12: days of the viewer's zone, real local midnights, out of quarter hours.
constexpr const char* kZones[] = {"UTC",
                                  "Europe/Berlin",
                                  "America/New_York",
                                  "America/St_Johns",
                                  "America/Sao_Paulo",
                                  "Asia/Kolkata",
                                  "Asia/Kathmandu",
                                  "Asia/Tokyo",
                                  "Australia/Adelaide",
                                  "Australia/Eucla",
                                  "Australia/Lord_Howe",
                                  "Pacific/Chatham",
                                  "Pacific/Kiritimati",
                                  "Pacific/Apia",
                                  "Africa/Cairo"};

TEST(Product112Days, EveryDayOfEveryZoneIsWholeQuarterHoursAndTheNextFollows) {
  int days = 0;
  for (const char* zone : kZones) {
    CivilDate date{2025, 1, 1};
    for (int n = 0; n < 800; ++n, date = AddDays(date, 1)) {
      const Timestamp from = StartOfLocalDay(zone, date);
      const Timestamp to = StartOfLocalDay(zone, AddDays(date, 1));
      ASSERT_EQ((to - from) % Minutes(15), Duration::zero()) << zone << " " << FormatDate(date);
      ASSERT_EQ(FloorTo(from, Minutes(15)), from) << zone << " " << FormatDate(date);
      ASSERT_GE(to - from, Hours(23));
      ASSERT_LE(to - from, Hours(25));
      ASSERT_EQ(LocalDate(zone, from), date);
      ASSERT_EQ(LocalDate(zone, to - Seconds(1)), date);
      ++days;
    }
  }
  EXPECT_EQ(days, 12'000);
}

TEST(Product112Days, DaylightSaving) {
  struct Row {
    const char* zone;
    CivilDate date;
    int minutes;
  };
  constexpr Row kRows[] = {
      {"Europe/Berlin", {2026, 3, 29}, 23 * 60},
      {"Europe/Berlin", {2026, 10, 25}, 25 * 60},
      {"Europe/Berlin", {2026, 6, 1}, 24 * 60},
      {"America/New_York", {2026, 3, 8}, 23 * 60},
      {"America/New_York", {2026, 11, 1}, 25 * 60},
      {"Asia/Kathmandu", {2026, 3, 29}, 24 * 60},
      {"Australia/Lord_Howe", {2026, 4, 5}, 24 * 60 + 30},
      {"Australia/Lord_Howe", {2026, 10, 4}, 24 * 60 - 30},
      {"Pacific/Chatham", {2026, 4, 5}, 25 * 60},
      {"Pacific/Chatham", {2026, 9, 27}, 23 * 60},
      {"UTC", {2026, 3, 29}, 24 * 60},
  };
  for (const Row& row : kRows) {
    const Duration length =
        StartOfLocalDay(row.zone, AddDays(row.date, 1)) - StartOfLocalDay(row.zone, row.date);
    EXPECT_EQ(length, Minutes(row.minutes)) << row.zone << " " << FormatDate(row.date);
  }
  EXPECT_EQ(UtcOffsetSeconds("Asia/Kathmandu", Walk::At(0)), 5 * 3600 + 45 * 60);
}

// A day's counts out of quarter hours are those of its minutes, one by one, in every zone.
TEST(Product112Days, QuarterHoursAddUpToTheMinutesOfTheLocalDay) {
  std::mt19937_64 random(112);
  const Timestamp begin = FromUnixSeconds(1'774'569'600);  // 2026-03-27 00:00 UTC
  constexpr int kWindow = 6 * 24 * 60;
  std::vector<Status> minutes;
  std::vector<model::Rollup> rollups(kWindow / 15);
  for (size_t i = 0; i < rollups.size(); ++i) {
    rollups[i].start = begin + Minutes(15 * static_cast<int64_t>(i));
  }
  for (int n = 0; n < kWindow; ++n) {
    minutes.push_back(model::kAllStatuses[random() % model::kStatusCount]);
    rollups[static_cast<size_t>(n / 15)].counts.Add(minutes.back());
  }
  for (const char* zone : kZones) {
    for (int day = 29; day <= 30; ++day) {
      const CivilDate date{2026, 3, static_cast<unsigned>(day)};
      model::StatusCounts expected;
      for (int n = 0; n < kWindow; ++n) {
        if (LocalDate(zone, begin + Minutes(n)) == date) {
          expected.Add(minutes[static_cast<size_t>(n)]);
        }
      }
      const model::Rollup sum =
          SumRollups(rollups, StartOfLocalDay(zone, date), StartOfLocalDay(zone, AddDays(date, 1)));
      EXPECT_EQ(sum.counts, expected) << zone << " " << FormatDate(date);
    }
  }
}

// product.md 15.2, check 5: the same minutes seen from two zones differ by the offset.
TEST(Product152Check5, BarsOfTwoZonesDifferByTheOffset) {
  const CivilDate date{2026, 3, 4};
  EXPECT_EQ(StartOfLocalDay("UTC", date) - StartOfLocalDay("Asia/Tokyo", date), Hours(9));
  EXPECT_EQ(StartOfLocalDay("America/New_York", date) - StartOfLocalDay("UTC", date), Hours(5));
  EXPECT_EQ(StartOfLocalDay("UTC", date) - StartOfLocalDay("Asia/Kathmandu", date),
            Hours(5) + Minutes(45));
}

}  // namespace
}  // namespace pharos::rules
