#pragma once

#include "base/metrics.h"

namespace pharos::schedule {

// What the scheduler shows at /metrics (docs/operating/metrics.md).
struct ScheduleMetrics {
  explicit ScheduleMetrics(Metrics& metrics)
      : lateness(metrics.GetHistogram("pharos_schedule_lateness_seconds",
                                      "How late checks are begun",
                                      {0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10})),
        worst(metrics.GetGauge("pharos_schedule_lateness_worst_seconds",
                               "The latest check that was begun within the last minute, or that "
                               "waits now")),
        started(metrics.GetCounter("pharos_checks_started_total", "Checks begun")),
        late(metrics.GetCounter("pharos_checks_late_total", "Checks begun more than 1 s late")),
        skipped(metrics.GetCounter("pharos_checks_skipped_total",
                                   "Due checks not begun because the one before still ran or "
                                   "waited")),
        host_capped(metrics.GetCounter("pharos_checks_host_capped_total",
                                       "Due checks that had to wait because schedule.max_per_host "
                                       "of their host were running")),
        capped(metrics.GetCounter("pharos_checks_capped_total",
                                  "Due checks that had to wait because schedule.max_running were "
                                  "running")),
        lost(metrics.GetCounter("pharos_checks_lost_total",
                                "Results that intake refused because it was full")),
        blind(metrics.GetCounter("pharos_blind_results_total",
                                 "Missed checks because the loop was paused")),
        blind_checks(metrics.GetCounter("pharos_blind_checks_total",
                                        "Checks that say nothing about their target because of a "
                                        "trouble of this server")),
        blind_seconds(metrics.GetCounter("pharos_blind_seconds_total",
                                         "Time in which this server could not watch because it was "
                                         "paused")),
        scheduled(metrics.GetGauge("pharos_monitors_scheduled", "Monitors in the due-queue")),
        running(metrics.GetGauge("pharos_checks_running", "Checks begun, not finished")),
        waiting(metrics.GetGauge("pharos_checks_waiting", "Due checks that wait for a place")) {}

  Histogram& lateness;
  Gauge& worst;
  Counter& started;
  Counter& late;
  Counter& skipped;
  Counter& host_capped;
  Counter& capped;
  Counter& lost;
  Counter& blind;
  Counter& blind_checks;
  Counter& blind_seconds;
  Gauge& scheduled;
  Gauge& running;
  Gauge& waiting;
};

}  // namespace pharos::schedule
