#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "rules/rollup.h"
#include "rules/rules_testing.h"
#include "rules/uptime.h"

namespace pharos::rules {
namespace {

using model::SampleOrigin;
using model::Status;

// A seeded story of one monitor: checks, timeouts, blindness, overlays, signals, manual entries,
// late results. Everything derives from the seed, so a failure names its story.
class Story {
 public:
  explicit Story(uint64_t seed) : random_(seed) {
    walk_ = Walk(static_cast<int>(Below(3) == 0 ? 1 : 1 + Below(6)));
    if (Below(3) == 0) walk_.monitor.default_status = AnyStatus();
    if (Below(4) == 0) {
      walk_.monitor.kind = "manual";
      walk_.monitor.spec.Set("repeat_last", Below(2) == 0);
    }
  }

  Walk& walk() { return walk_; }
  uint64_t Below(uint64_t n) { return random_() % n; }
  Status AnyStatus() { return model::kAllStatuses[Below(model::kStatusCount)]; }
  // Mostly runs of the same, as in life.
  Status CheckStatus() {
    if (Below(4) == 0) current_ = AnyStatus();
    return current_;
  }

  model::CheckResult NextResult(int minute) {
    switch (Below(12)) {
      case 0:
        return Walk::Blind(Walk::At(minute));
      case 1:
        return Walk::Tick(Walk::At(minute));
      case 2:
        return Walk::Signal(Walk::At(minute) + Milliseconds(1 + Below(59'000)), AnyStatus());
      case 3: {
        model::CheckResult result = Walk::Probe(Walk::At(minute), Status::kDown, 0, "timed out");
        result.outcome = model::CheckOutcome::kTimeout;
        return result;
      }
      default:
        return Walk::Probe(Walk::At(minute), CheckStatus(), static_cast<double>(Below(900)));
    }
  }

  void MoveOverlay() {
    if (Below(12) == 0) walk_.overlay.incident = Impact();
    if (Below(12) == 0) walk_.overlay.maintenance = Impact();
    if (Below(5) == 0) walk_.overlay = {};
  }

 private:
  Status Impact() {
    constexpr Status kImpacts[] = {Status::kDegraded, Status::kDown, Status::kMaintenance};
    return kImpacts[Below(3)];
  }

  std::mt19937_64 random_;
  Status current_ = Status::kUp;
  Walk walk_;
};

constexpr uint64_t kStories = 300;
constexpr int kMinutes = 120;

TEST(StatusEngineProperty, TransitionsAlternateAndCountUp) {
  for (uint64_t seed = 0; seed < kStories; ++seed) {
    SCOPED_TRACE(seed);
    Story story(seed);
    Walk& walk = story.walk();
    for (int n = 0; n < kMinutes; ++n) {
      story.MoveOverlay();
      walk.Judge(story.NextResult(n));
      if (story.Below(20) == 0) walk.Manual(n, story.AnyStatus());
      if (story.Below(20) == 0 && n > 5) walk.Judge(story.NextResult(n - 5));
    }
    Status shown = Status::kNoData;
    Timestamp at{};
    int64_t ordinal = 0;
    for (const model::Transition& transition : walk.transitions) {
      EXPECT_EQ(transition.from, shown);
      EXPECT_NE(transition.to, transition.from);
      EXPECT_EQ(transition.ordinal, ++ordinal);
      EXPECT_GE(transition.at, at);
      shown = transition.to;
      at = transition.at;
    }
    EXPECT_EQ(walk.state.shown, shown);
    EXPECT_EQ(walk.state.transitions, ordinal);
    EXPECT_EQ(walk.state.shown_since, at);
  }
}

TEST(StatusEngineProperty, DeliveriesAreTransitionsAndNeverToNoData) {
  for (uint64_t seed = 0; seed < kStories; ++seed) {
    SCOPED_TRACE(seed);
    Story story(seed);
    Walk& walk = story.walk();
    for (int n = 0; n < kMinutes; ++n) {
      story.MoveOverlay();
      walk.Judge(story.NextResult(n));
    }
    int64_t last_ordinal = 0;
    for (const model::Transition& delivery : walk.deliveries) {
      EXPECT_NE(delivery.to, Status::kNoData);
      EXPECT_GT(delivery.ordinal, last_ordinal);
      last_ordinal = delivery.ordinal;
    }
    EXPECT_LE(walk.deliveries.size(), walk.transitions.size());
  }
}

TEST(StatusEngineProperty, ShownDiffersFromObservedOnlyForAReason) {
  for (uint64_t seed = 0; seed < kStories; ++seed) {
    SCOPED_TRACE(seed);
    Story story(seed);
    Walk& walk = story.walk();
    for (int n = 0; n < kMinutes; ++n) {
      story.MoveOverlay();
      walk.Judge(story.NextResult(n));
      for (const Effect& effect : walk.last) {
        const auto* store = std::get_if<StoreSample>(&effect);
        if (store == nullptr || store->sample.status == store->sample.observed) continue;
        const model::Sample& sample = store->sample;
        const bool held = std::any_of(walk.state.held.begin(), walk.state.held.end(),
                                      [&](const model::Sample& s) { return s.at == sample.at; });
        EXPECT_TRUE(walk.overlay.IsActive() || held || sample.origin == SampleOrigin::kDefault)
            << "minute " << n;
      }
      EXPECT_LE(walk.state.held.size(), 60u);
    }
  }
}

TEST(StatusEngineProperty, BlindTimeIsNeverUpNorDown) {
  for (uint64_t seed = 0; seed < kStories; ++seed) {
    SCOPED_TRACE(seed);
    Story story(seed);
    Walk& walk = story.walk();
    for (int n = 0; n < kMinutes; ++n) walk.Judge(story.NextResult(n));
    for (const auto& [at, sample] : walk.samples) {
      if (sample.origin != SampleOrigin::kBlind) continue;
      EXPECT_EQ(sample.status, Status::kNoData);
      EXPECT_FALSE(sample.message.empty());
    }
  }
}

TEST(StatusEngineProperty, RepeatedResultChangesNothing) {
  for (uint64_t seed = 0; seed < kStories; ++seed) {
    SCOPED_TRACE(seed);
    Story story(seed);
    Walk& walk = story.walk();
    for (int n = 0; n < kMinutes; ++n) {
      story.MoveOverlay();
      const model::CheckResult result = story.NextResult(n);
      walk.Judge(result);
      const auto samples = walk.samples;
      const model::MonitorState state = walk.state;
      walk.Judge(result);
      EXPECT_EQ(walk.samples, samples) << "minute " << n;
      EXPECT_EQ(walk.state, state) << "minute " << n;
    }
  }
}

TEST(StatusEngineProperty, OrderOfMonitorsWithinAMinuteDoesNotMatter) {
  std::mt19937_64 random(61);
  for (uint64_t seed = 0; seed < 30; ++seed) {
    constexpr size_t kMonitors = 8;
    std::vector<Walk> forward(kMonitors, Walk(3));
    std::vector<Walk> shuffled = forward;
    Story story(seed);
    for (int n = 0; n < 40; ++n) {
      std::vector<std::pair<size_t, model::CheckResult>> minute;
      for (size_t m = 0; m < kMonitors; ++m) minute.emplace_back(m, story.NextResult(n));
      for (const auto& [m, result] : minute) forward[m].Judge(result);
      std::shuffle(minute.begin(), minute.end(), random);
      for (const auto& [m, result] : minute) shuffled[m].Judge(result);
    }
    for (size_t m = 0; m < kMonitors; ++m) {
      EXPECT_EQ(forward[m].samples, shuffled[m].samples);
      EXPECT_EQ(forward[m].state, shuffled[m].state);
    }
  }
}

TEST(StatusEngineProperty, EndOfAMinuteDoesNotDependOnTheOrderOfLateResults) {
  // Results of past minutes may be handed in later in any order: what is stored is the same.
  for (uint64_t seed = 0; seed < kStories; ++seed) {
    SCOPED_TRACE(seed);
    Story story(seed);
    std::vector<model::CheckResult> late;
    for (int n = 0; n < 20; ++n) late.push_back(Walk::Probe(Walk::At(n), story.AnyStatus()));
    Walk forward;
    Walk backward;
    forward.Check(30, Status::kUp);
    backward.Check(30, Status::kUp);
    for (const auto& result : late) forward.Judge(result);
    std::reverse(late.begin(), late.end());
    for (const auto& result : late) backward.Judge(result);
    EXPECT_EQ(forward.samples, backward.samples);
    EXPECT_EQ(forward.state, backward.state);
  }
}

TEST(StatusEngineProperty, ConfirmedRunsAreNeverShorterThanTheThreshold) {
  for (uint64_t seed = 0; seed < kStories; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const int threshold = 2 + static_cast<int>(random() % 6);
    Walk walk(threshold);
    for (int n = 0; n < kMinutes; ++n) {
      walk.Check(n, random() % 3 == 0 ? Status::kDown : Status::kUp);
    }
    const std::string line = walk.Line(kMinutes);
    size_t run = 0;
    bool first = true;
    for (size_t i = 0; i < line.size(); ++i) {
      ++run;
      if (i + 1 == line.size() || line[i] == line[i + 1]) continue;
      EXPECT_TRUE(first || run >= static_cast<size_t>(threshold)) << line;
      first = false;
      run = 0;
    }
  }
}

TEST(StatusEngineProperty, UptimeOfAStoryIsAPercentage) {
  for (uint64_t seed = 0; seed < kStories; ++seed) {
    Story story(seed);
    Walk& walk = story.walk();
    model::StatusCounts counts;
    for (int n = 0; n < kMinutes; ++n) {
      story.MoveOverlay();
      walk.Judge(story.NextResult(n));
    }
    for (const auto& [at, sample] : walk.samples) {
      if (sample.origin != SampleOrigin::kSignal) counts.Add(sample.status);
    }
    const std::optional<double> percent = UptimePercent({}, counts);
    EXPECT_EQ(percent.has_value(), counts.Total() > counts.Of(Status::kNoData));
    if (percent) {
      EXPECT_GE(*percent, 0);
      EXPECT_LE(*percent, 100);
      const bool perfect =
          counts.Of(Status::kUp) + counts.Of(Status::kMaintenance) + counts.Of(Status::kNoData) ==
          counts.Total();
      EXPECT_EQ(*percent == 100, perfect);
    }
  }
}

TEST(StatusEngineProperty, TimesInEachStatusAddUpToTheWindow) {
  for (uint64_t seed = 0; seed < kStories; ++seed) {
    SCOPED_TRACE(seed);
    Story story(seed);
    Walk& walk = story.walk();
    for (int n = 0; n < kMinutes; ++n) {
      story.MoveOverlay();
      walk.Judge(story.NextResult(n));
    }
    const Timestamp end = Walk::At(kMinutes);
    std::array<Duration, model::kStatusCount> in_status{};
    Timestamp since = Walk::At(0);
    Status shown = Status::kNoData;
    for (const model::Transition& transition : walk.transitions) {
      in_status[static_cast<size_t>(shown)] += transition.at - since;
      EXPECT_GE(transition.at - since, Duration::zero());
      since = transition.at;
      shown = transition.to;
    }
    in_status[static_cast<size_t>(shown)] += end - since;
    Duration total{};
    for (const Duration part : in_status) {
      EXPECT_GE(part, Duration::zero());
      total += part;
    }
    EXPECT_EQ(total, end - Walk::At(0));
  }
}

TEST(StatusEngineProperty, ReplayOfStoredSamplesFindsTheState) {
  for (uint64_t seed = 0; seed < kStories; ++seed) {
    SCOPED_TRACE(seed);
    Story story(seed);
    Walk& walk = story.walk();
    for (int n = 0; n < kMinutes; ++n) {
      story.MoveOverlay();
      walk.Judge(story.NextResult(n));
      model::MonitorState replayed = walk.Replayed();
      // What the next result tells anyway.
      replayed.last_result_at = walk.state.last_result_at;
      ASSERT_EQ(replayed, walk.state) << "minute " << n;
    }
  }
}

}  // namespace
}  // namespace pharos::rules
