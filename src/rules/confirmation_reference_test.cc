// Product.md 1.9 word for word over stored rows, beside the engine that keeps no rows: both must
// store the same, whatever happens.

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "rules/rules_testing.h"

namespace pharos::rules {
namespace {

using model::SampleOrigin;
using model::Side;
using model::Status;

struct Row {
  Status status = Status::kNoData;
  Status raw = Status::kNoData;
  SampleOrigin type = SampleOrigin::kRealtime;
  bool confirmed = false;  // carries the text of a confirmation
};

// The table of samples, and the steps of 1.5 and 1.9 in their order.
class Reference {
 public:
  explicit Reference(int threshold) : threshold_(threshold) {}

  void Check(int minute, Status observed, std::optional<Status> overlay,
             std::optional<Status> fallback) {
    Row row{observed, observed, SampleOrigin::kRealtime, false};
    if (threshold_ > 1 && !overlay) row.status = Grace(minute, observed);
    if (observed == Status::kNoData && fallback) {
      row.status = *fallback;
      row.type = SampleOrigin::kDefault;
    }
    if (overlay) {
      row.status = *overlay;
      row.type = SampleOrigin::kIncident;
    }
    rows_[minute] = row;
  }
  void Manual(int minute, Status status) {
    rows_[minute] = {status, status, SampleOrigin::kManual, false};
  }
  std::string Line(int count) const {
    std::string line;
    for (int n = 0; n < count; ++n) {
      const auto found = rows_.find(n);
      line += found == rows_.end() ? '-' : "UGPDMN"[static_cast<size_t>(found->second.status)];
    }
    return line;
  }
  const std::map<int, Row>& rows() const { return rows_; }

 private:
  static bool IsReal(SampleOrigin type) {
    return type == SampleOrigin::kRealtime || type == SampleOrigin::kTimeout ||
           type == SampleOrigin::kError;
  }

  Status Grace(int minute, Status observed) {
    const Side side = model::SideOf(observed);
    if (side == Side::kNeutral) return observed;  // step 2
    std::optional<Status> anchor;                 // step 3
    for (auto it = rows_.rbegin(); it != rows_.rend() && !anchor; ++it) {
      if (it->first < minute && IsReal(it->second.type) && it->second.status != Status::kNoData) {
        anchor = it->second.status;
      }
    }
    if (!anchor || model::SideOf(*anchor) == Side::kNeutral || model::SideOf(*anchor) == side) {
      return observed;
    }
    int run = 1;  // step 4
    std::vector<int> remembered;
    int loaded = 0;
    for (auto it = rows_.rbegin(); it != rows_.rend() && loaded < threshold_ + 10; ++it) {
      const Row& row = it->second;
      const bool overlay = row.type == SampleOrigin::kIncident;
      if (it->first >= minute || row.status == Status::kNoData) continue;
      if (!overlay && !IsReal(row.type)) continue;
      ++loaded;
      if (overlay) break;
      const Side raw = model::SideOf(row.raw);
      if (raw == Side::kNeutral) continue;
      if (raw != side || model::SideOf(row.status) != model::SideOf(*anchor)) break;
      ++run;
      remembered.push_back(it->first);
    }
    if (run < threshold_) return *anchor;   // step 6
    for (const int earlier : remembered) {  // step 5
      rows_[earlier].status = rows_[earlier].raw;
      rows_[earlier].confirmed = side == Side::kUnhealthy;
    }
    return observed;
  }

  const int threshold_;
  std::map<int, Row> rows_;
};

constexpr uint64_t kStories = 1'000;
constexpr int kMinutes = 90;

TEST(Product19Reference, EngineStoresWhatTheRowsSay) {
  for (uint64_t seed = 1; seed <= kStories; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto below = [&](uint64_t n) { return random() % n; };
    const int threshold = static_cast<int>(1 + below(below(4) == 0 ? 60 : 5));
    Reference reference(threshold);
    Walk walk(threshold);
    std::optional<Status> fallback;
    if (below(3) == 0) fallback = below(2) == 0 ? Status::kUp : Status::kDown;
    walk.monitor.default_status = fallback;
    const bool calm = below(2) == 0;
    Status current = Status::kUp;
    for (int n = 0; n < kMinutes; ++n) {
      constexpr Status kSeen[] = {Status::kUp, Status::kDown, Status::kDegraded,
                                  Status::kPartialOutage, Status::kUp};
      if (below(calm ? 6 : 2) == 0) current = kSeen[below(5)];
      if (below(15) == 0) walk.overlay.incident = Status::kDown;
      if (below(4) == 0) walk.overlay = {};
      if (!walk.overlay.IsActive() && below(10) == 0) {
        walk.Manual(n, current);
        reference.Manual(n, current);
        continue;
      }
      const Status observed = below(12) == 0 ? Status::kNoData : current;
      walk.Check(n, observed);
      reference.Check(n, observed, walk.overlay.incident, fallback);
    }
    ASSERT_EQ(walk.Line(kMinutes), reference.Line(kMinutes)) << "threshold " << threshold;
    for (const auto& [minute, row] : reference.rows()) {
      const bool said = walk.Stored(minute).message.find("confirmed after") != std::string::npos;
      ASSERT_EQ(said, row.confirmed) << minute;
    }
  }
}

// The example of 1.9, minute by minute.
TEST(Product19Example, ThresholdThree) {
  Walk walk(3);
  const auto after = [&](int minute, Status seen) {
    walk.Check(minute, seen);
    return walk.Line(minute + 1);
  };
  EXPECT_EQ(after(0, Status::kUp), "U");
  EXPECT_EQ(after(1, Status::kDown), "UU");
  EXPECT_EQ(after(2, Status::kDown), "UUU");
  EXPECT_EQ(after(3, Status::kDown), "UDDD") << "the third one corrects the two before";
  EXPECT_EQ(after(4, Status::kUp), "UDDDD") << "a single up is held as down";
  EXPECT_EQ(after(5, Status::kUp), "UDDDDD");
  EXPECT_EQ(after(6, Status::kUp), "UDDDUUU") << "until three in a row were seen";
  EXPECT_EQ(walk.Stored(1).message,
            "Status held during grace period | Down confirmed after 3 consecutive checks");
  EXPECT_EQ(walk.Stored(4).message, "") << "recovering clears the texts";
}

}  // namespace
}  // namespace pharos::rules
