#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "model/monitor.h"

namespace pharos::store {

using MonitorPtr = std::shared_ptr<const model::Monitor>;

// The committed monitors, as an image in memory: loaded from the store at start, changed only after
// a commit, so that it cannot disagree with the store after a restart. Thread-safe; what it hands
// out is immutable.
class MonitorDirectory {
 public:
  // Called after each change with the id; on the thread that changed it, outside the lock.
  using Listener = std::function<void(model::MonitorId)>;

  // Replaces everything (at start, or when another process changed the database); tells listeners
  // of every monitor that appeared, changed (by revision) or went.
  void Reset(std::vector<model::Monitor> monitors);
  // Applies one committed change. Older revisions than the one known are ignored, and so is a
  // change of a monitor that was removed just now.
  void Put(model::Monitor monitor);
  void Remove(model::MonitorId id);

  MonitorPtr Find(model::MonitorId id) const;
  MonitorPtr FindByTag(model::OrgId org, std::string_view tag) const;
  MonitorPtr FindByUid(model::OrgId org, std::string_view uid) const;
  // Ascending id.
  std::vector<MonitorPtr> List(model::OrgId org) const;
  // Those whose service this is, ascending id; none for an unset id.
  std::vector<MonitorPtr> ListByService(model::OrgId org, model::MonitorId service) const;
  // Those that have this one among their parents, ascending id.
  std::vector<MonitorPtr> ListByParent(model::MonitorId parent) const;
  // Groups that have this one as a member (spec "members"), ascending id.
  std::vector<MonitorPtr> ListGroupsOf(const model::Monitor& member) const;
  std::vector<MonitorPtr> ListAll() const;
  size_t Size() const;
  // Register before threads start.
  void AddListener(Listener listener);

 private:
  struct Image {
    std::map<model::MonitorId, MonitorPtr> by_id;
    std::map<std::pair<model::OrgId, model::MonitorId>, MonitorPtr> by_org;
    std::unordered_map<std::string, MonitorPtr> by_tag;                  // "<org>/<tag>"
    std::unordered_map<std::string, MonitorPtr> by_uid;                  // "<org>/<uid>"
    std::set<std::pair<model::MonitorId, model::MonitorId>> by_service;  // service, follower
    std::set<std::pair<model::MonitorId, model::MonitorId>> by_parent;   // parent, child
    std::set<std::pair<std::string, model::MonitorId>> by_member;        // "<org>/<tag>", group
    // The last ones removed; ids are never used again. Whoever committed a change before the
    // deletion may come here after it.
    std::deque<model::MonitorId> removed;
  };
  static void Insert(Image& image, MonitorPtr monitor);
  static void Erase(Image& image, model::MonitorId id);
  void Tell(model::MonitorId id) const;

  Guarded<Image> image_;
  std::vector<Listener> listeners_;
};

}  // namespace pharos::store
