#include "base/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "base/log.h"

namespace pharos {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(MetricsTest, RendersEachKind) {
  Metrics metrics;
  metrics.GetCounter("pharos_checks_total", "Checks.", {{"kind", "http"}}).Add();
  metrics.GetCounter("pharos_checks_total", "Checks.", {{"kind", "http"}}).Add(2);
  metrics.GetCounter("pharos_checks_total", "Checks.", {{"kind", "dns"}}).Add();
  metrics.GetGauge("pharos_queue_items", "Items.").Set(2.5);
  Histogram& h = metrics.GetHistogram("pharos_check_seconds", "Time.", {0.1, 1});
  h.Observe(0.05);
  h.Observe(0.5);
  h.Observe(5);
  const std::string text = metrics.Render();
  EXPECT_THAT(text, HasSubstr("# HELP pharos_checks_total Checks.\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE pharos_checks_total counter\n"));
  EXPECT_THAT(text, HasSubstr("pharos_checks_total{kind=\"http\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("pharos_checks_total{kind=\"dns\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("pharos_queue_items 2.5\n"));
  EXPECT_THAT(text, HasSubstr("pharos_check_seconds_count 3\n"));
  EXPECT_THAT(text, HasSubstr("pharos_check_seconds_bucket{le=\"0.1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("pharos_check_seconds_bucket{le=\"1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("pharos_check_seconds_bucket{le=\"+Inf\"} 3\n"));
}

TEST(MetricsTest, SameNameAndLabelsGiveTheSameHandle) {
  Metrics metrics;
  EXPECT_EQ(&metrics.GetCounter("pharos_a_total", "A", {{"x", "1"}, {"y", "2"}}),
            &metrics.GetCounter("pharos_a_total", "A", {{"y", "2"}, {"x", "1"}}));
  EXPECT_NE(&metrics.GetCounter("pharos_a_total", "A", {{"x", "1"}, {"y", "2"}}),
            &metrics.GetCounter("pharos_a_total", "A", {{"x", "2"}, {"y", "1"}}));
  EXPECT_EQ(&metrics.GetGauge("pharos_g", "G"), &metrics.GetGauge("pharos_g", "G"));
  EXPECT_EQ(&metrics.GetHistogram("pharos_h", "H", {1}),
            &metrics.GetHistogram("pharos_h", "H", {1}));
}

TEST(MetricsTest, FirstBoundsOfANameCount) {
  Metrics metrics;
  metrics.GetHistogram("pharos_h", "H", {1, 2}, {{"k", "a"}}).Observe(1.5);
  metrics.GetHistogram("pharos_h", "H", {7}, {{"k", "b"}}).Observe(1.5);
  EXPECT_THAT(metrics.Render(), HasSubstr("pharos_h_bucket{k=\"b\",le=\"2\"} 1\n"));
  EXPECT_THAT(metrics.Render(), Not(HasSubstr("le=\"7\"")));
}

TEST(MetricsTest, RejectedSeriesCountNowhereAndDoNotThrow) {
  testing::internal::CaptureStderr();
  Metrics metrics;
  metrics.GetCounter("not a name", "X").Add();
  metrics.GetCounter("pharos_x", "X").Add();
  metrics.GetGauge("pharos_x", "X").Set(9);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("metric rejected name=\"not a name\""));
  EXPECT_THAT(log, HasSubstr("metric rejected name=pharos_x"));
  EXPECT_THAT(metrics.Render(), HasSubstr("pharos_x 1\n"));
  EXPECT_THAT(metrics.Render(), Not(HasSubstr("pharos_x 9")));
}

TEST(MetricsTest, LabelValuesAreEscaped) {
  Metrics metrics;
  metrics.GetGauge("pharos_g", "G", {{"v", "a\"b\\c\nd"}}).Set(1);
  EXPECT_THAT(metrics.Render(), HasSubstr("pharos_g{v=\"a\\\"b\\\\c\\nd\"} 1\n"));
}

TEST(MetricsTest, ManyThreadsCountTogether) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        metrics.GetCounter("pharos_n_total", "N", {{"i", std::to_string(i % 10)}}).Add();
        if (i % 100 == 0) metrics.Render();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(metrics.Render(), HasSubstr("pharos_n_total{i=\"3\"} 400\n"));
}

}  // namespace
}  // namespace pharos
