#include "service/check_log.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "store/history_store.h"

namespace pharos::service {
namespace {

using model::Sample;
using model::Status;

constexpr size_t kSamplesPerRead = 5'000;
// One page looks through so many checks: a year of one-minute checks in one or two pages.
constexpr size_t kMaxLookedThrough = 400'000;

class Filter {
 public:
  explicit Filter(const CheckLogQuery& query) : query_(query), text_(AsciiLower(query.text)) {}
  bool Takes(const Sample& sample) const {
    const bool receipt = sample.origin == model::SampleOrigin::kSignal;
    if (receipt ? !query_.with_receipts : !IsCheck(sample)) return false;
    if (!query_.statuses.empty() && std::find(query_.statuses.begin(), query_.statuses.end(),
                                              sample.status) == query_.statuses.end()) {
      return false;
    }
    return text_.empty() || AsciiLower(sample.message).find(text_) != std::string::npos;
  }

 private:
  const CheckLogQuery& query_;
  const std::string text_;
};

Result<int64_t> CountSamples(store::Store& store, store::Session& session, model::MonitorId monitor,
                             Timestamp from, Timestamp to, std::optional<Status> status) {
  int64_t count = 0;
  while (from < to) {
    PHAROS_ASSIGN_OR_RETURN(const auto samples, store.history().Read(session, monitor, from, to,
                                                                     kSamplesPerRead, false));
    for (const Sample& sample : samples) {
      if (IsCheck(sample) && (!status || sample.status == *status)) ++count;
    }
    if (samples.size() < kSamplesPerRead) break;
    from = samples.back().at + Milliseconds(1);
  }
  return count;
}

}  // namespace

Result<CheckLogPage> CheckLogService::Read(const model::Monitor& monitor,
                                           const CheckLogQuery& query) const {
  if (query.limit < 1 || query.limit > kMaxCheckLogPage) {
    return Error::Field("limit", "limit must be from 1 to " + std::to_string(kMaxCheckLogPage));
  }
  const auto limit = static_cast<size_t>(query.limit);
  const Timestamp from = query.from.value_or(Timestamp{});
  Timestamp to = query.to.value_or(context_.clock.Now() + Minutes(1));
  if (query.before) to = std::min(to, *query.before);
  CheckLogPage page;
  const Filter filter(query);
  size_t looked_through = 0;
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  while (from < to) {
    // A first read that is about as large as the page is enough for an unfiltered one.
    const size_t size = std::min(kSamplesPerRead, std::max(2 * limit, looked_through));
    PHAROS_ASSIGN_OR_RETURN(
        auto samples, context_.store.history().Read(*session, monitor.id, from, to, size, true));
    for (auto it = samples.rbegin(); it != samples.rend(); ++it) {
      if (!filter.Takes(*it)) continue;
      if (page.checks.size() == limit) {
        page.next = page.checks.back().at;
        return page;
      }
      page.checks.push_back(std::move(*it));
    }
    if (samples.size() < size) return page;
    to = samples.front().at;
    looked_through += samples.size();
    if (looked_through >= kMaxLookedThrough) {
      page.next = to;
      return page;
    }
  }
  return page;
}

Result<int64_t> CheckLogService::Count(const model::Monitor& monitor, Timestamp from, Timestamp to,
                                       std::optional<Status> status) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  store::Store& store = context_.store;
  const auto count = [&](Timestamp begin, Timestamp end) {
    return CountSamples(store, *session, monitor.id, begin, end, status);
  };
  Timestamp first = FloorTo(from, model::kRollupStep);
  if (first < from) first += model::kRollupStep;
  const Timestamp last = FloorTo(to, model::kRollupStep);
  if (first >= last) return count(from, to);
  const std::array<model::MonitorId, 1> one{monitor.id};
  const std::array<Timestamp, 2> bounds{first, last};
  PHAROS_ASSIGN_OR_RETURN(const auto read, store.history().ReadCounts(*session, one, bounds));
  const model::StatusCounts& counts = read.front().counts.front();
  // Blind time is counted as no data too, so only the samples tell it from checks without data.
  const bool needs_samples =
      counts.Of(Status::kNoData) > 0 && (!status || *status == Status::kNoData);
  if (needs_samples) return count(from, to);
  PHAROS_ASSIGN_OR_RETURN(const int64_t before, count(from, first));
  PHAROS_ASSIGN_OR_RETURN(const int64_t after, count(last, to));
  return before + after + (status ? counts.Of(*status) : counts.Total());
}

}  // namespace pharos::service
