#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/check_result.h"
#include "model/monitor.h"
#include "model/monitor_state.h"
#include "model/principal.h"
#include "service/context.h"

namespace pharos::service {

using MonitorPtr = store::MonitorPtr;

// Use cases of monitors. Every call is limited to the principal's organisation. Thread-safe. Reads
// come from memory and never block; writes wait for a durable commit.
class MonitorService {
 public:
  explicit MonitorService(const Context& context) : context_(context) {}

  // Newest id first.
  std::vector<MonitorPtr> List(const model::Principal& who) const;
  // nullptr when there is none in this organisation.
  MonitorPtr FindByTag(const model::Principal& who, std::string_view tag) const;
  // Also finds by id and by the random uid.
  MonitorPtr FindById(const model::Principal& who, model::MonitorId id) const;
  MonitorPtr FindByUid(const model::Principal& who, std::string_view uid) const;
  std::optional<model::MonitorState> StateOf(const model::Monitor& monitor) const;
  // A tag made of a name ("Web shop" -> "web-shop"), with a number behind it when it is taken.
  std::string FreeTag(const model::Principal& who, std::string_view name) const;

  // Reports a status by hand (or by metrics), as a result through intake: the status counts at
  // once, and until something else is reported. Waits for the commit. For kind "manual".
  Status ReportStatus(const model::Principal& who, const model::Monitor& monitor,
                      model::Status status, std::string_view why,
                      model::ResultSource source = model::ResultSource::kManual);

  // `draft` carries everything but id, uid, org, revision and times. Errors: kInvalid with the
  // fields ("tag", "name", "schedule.cron", "spec.url", ...), kConflict when the tag is taken.
  Result<MonitorPtr> Create(const model::Principal& who, model::Monitor draft);

  // Runs `change` on the stored monitor inside the transaction, validates and writes the outcome;
  // an error of `change` is returned as it is. tag, uid, org and id cannot change. Errors:
  // kNotFound.
  using Change = std::function<Status(model::Monitor&)>;
  Result<MonitorPtr> Update(const model::Principal& who, std::string_view tag,
                            const Change& change);
  // The same for many, a few hundred per transaction: the outcome of each, in their order. One that
  // is refused does not keep the others from being changed.
  std::vector<Result<MonitorPtr>> UpdateMany(const model::Principal& who,
                                             std::span<const std::string> tags,
                                             const Change& change);

  // Removes the monitor and everything that hangs on it; members of groups are taken out and the
  // remaining weights made equal; a group with fewer than two members is paused (kener-v4.md 6.8).
  Status Delete(const model::Principal& who, std::string_view tag);

  const probe::Catalog& probes() const { return context_.probes; }

 private:
  Status Validate(model::Monitor& monitor) const;
  Result<model::Monitor> ChangeIn(store::Transaction& tx, const model::Principal& who,
                                  std::string_view tag, const Change& change);
  // Puts a committed monitor into the directory and tells who listens.
  MonitorPtr Announce(const model::Principal& who, model::Monitor stored);

  Context context_;
};

// True for "a-z0-9" at both ends and "a-z0-9_-" between, up to 255 bytes (product.md 2.1).
bool IsValidTag(std::string_view tag);

}  // namespace pharos::service
