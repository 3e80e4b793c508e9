#include "store/monitor_directory.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace pharos::store {
namespace {

// More than the changes that can be on their way at once.
constexpr size_t kMaxRemoved = 256;

std::string NameKey(model::OrgId org, std::string_view name) {
  std::string key = std::to_string(org.value());
  key += '/';
  key += name;
  return key;
}

// The members that a group names (docs/probes/group.md).
std::vector<std::string> MemberKeys(const model::Monitor& monitor) {
  std::vector<std::string> keys;
  if (monitor.kind != "group") return keys;
  const Value* members = monitor.spec.Find("members");
  if (members == nullptr || !members->IsList()) return keys;
  for (const Value& member : members->AsList()) {
    keys.push_back(NameKey(monitor.org, member.StringOr("tag", "")));
  }
  return keys;
}

}  // namespace

void MonitorDirectory::Insert(Image& image, MonitorPtr monitor) {
  // Ids grow, so most are inserted at the end.
  image.by_org.insert_or_assign(image.by_org.end(), {monitor->org, monitor->id}, monitor);
  image.by_tag[NameKey(monitor->org, monitor->tag)] = monitor;
  if (!monitor->uid.empty()) image.by_uid[NameKey(monitor->org, monitor->uid)] = monitor;
  const model::MonitorId id = monitor->id;
  for (const model::MonitorId parent : monitor->parents) image.by_parent.emplace(parent, id);
  for (std::string& key : MemberKeys(*monitor)) image.by_member.emplace(std::move(key), id);
  if (monitor->service.IsSet()) image.by_service.emplace(monitor->service, id);
  image.by_id.insert_or_assign(image.by_id.end(), id, std::move(monitor));
}

void MonitorDirectory::Erase(Image& image, model::MonitorId id) {
  const auto found = image.by_id.find(id);
  if (found == image.by_id.end()) return;
  const MonitorPtr monitor = found->second;
  image.by_id.erase(found);
  image.by_org.erase({monitor->org, id});
  // A later monitor may have taken over the tag already.
  const auto tagged = image.by_tag.find(NameKey(monitor->org, monitor->tag));
  if (tagged != image.by_tag.end() && tagged->second->id == id) image.by_tag.erase(tagged);
  const auto named = image.by_uid.find(NameKey(monitor->org, monitor->uid));
  if (named != image.by_uid.end() && named->second->id == id) image.by_uid.erase(named);
  image.by_service.erase({monitor->service, id});
  for (const model::MonitorId parent : monitor->parents) image.by_parent.erase({parent, id});
  for (std::string& key : MemberKeys(*monitor)) image.by_member.erase({std::move(key), id});
}

void MonitorDirectory::Tell(model::MonitorId id) const {
  for (const Listener& listener : listeners_) listener(id);
}

void MonitorDirectory::Reset(std::vector<model::Monitor> monitors) {
  Image fresh;
  fresh.by_tag.reserve(monitors.size());
  fresh.by_uid.reserve(monitors.size());
  for (model::Monitor& monitor : monitors) {
    Insert(fresh, std::make_shared<const model::Monitor>(std::move(monitor)));
  }
  std::set<model::MonitorId> changed;
  image_.Write([&](Image& image) {
    for (auto& [id, monitor] : fresh.by_id) {
      const auto old = image.by_id.find(id);
      if (old == image.by_id.end() || old->second->revision != monitor->revision) {
        changed.insert(id);
      }
    }
    for (const auto& [id, monitor] : image.by_id) {
      if (!fresh.by_id.contains(id)) changed.insert(id);
    }
    fresh.removed = std::move(image.removed);
    std::swap(image, fresh);
  });
  for (const model::MonitorId id : changed) Tell(id);
}

void MonitorDirectory::Put(model::Monitor monitor) {
  const auto entry = std::make_shared<const model::Monitor>(std::move(monitor));
  const bool is_new = image_.Write([&](Image& image) {
    const std::deque<model::MonitorId>& removed = image.removed;
    if (std::find(removed.begin(), removed.end(), entry->id) != removed.end()) return false;
    const auto old = image.by_id.find(entry->id);
    if (old != image.by_id.end()) {
      if (old->second->revision > entry->revision) return false;
      Erase(image, entry->id);
    }
    Insert(image, entry);
    return true;
  });
  if (is_new) Tell(entry->id);
}

void MonitorDirectory::Remove(model::MonitorId id) {
  const bool was_there = image_.Write([&](Image& image) {
    const bool found = image.by_id.contains(id);
    Erase(image, id);
    image.removed.push_back(id);
    if (image.removed.size() > kMaxRemoved) image.removed.pop_front();
    return found;
  });
  if (was_there) Tell(id);
}

MonitorPtr MonitorDirectory::Find(model::MonitorId id) const {
  return image_.Read([&](const Image& image) {
    const auto found = image.by_id.find(id);
    return found == image.by_id.end() ? nullptr : found->second;
  });
}

MonitorPtr MonitorDirectory::FindByTag(model::OrgId org, std::string_view tag) const {
  const std::string key = NameKey(org, tag);
  return image_.Read([&](const Image& image) {
    const auto found = image.by_tag.find(key);
    return found == image.by_tag.end() ? nullptr : found->second;
  });
}

MonitorPtr MonitorDirectory::FindByUid(model::OrgId org, std::string_view uid) const {
  const std::string key = NameKey(org, uid);
  return image_.Read([&](const Image& image) {
    const auto found = image.by_uid.find(key);
    return found == image.by_uid.end() ? nullptr : found->second;
  });
}

std::vector<MonitorPtr> MonitorDirectory::ListByService(model::OrgId org,
                                                        model::MonitorId service) const {
  return image_.Read([&](const Image& image) {
    std::vector<MonitorPtr> monitors;
    auto it = image.by_service.lower_bound({service, model::MonitorId(INT64_MIN)});
    for (; it != image.by_service.end() && it->first == service; ++it) {
      const MonitorPtr& monitor = image.by_id.at(it->second);
      if (monitor->org == org) monitors.push_back(monitor);
    }
    return monitors;
  });
}

std::vector<MonitorPtr> MonitorDirectory::ListByParent(model::MonitorId parent) const {
  return image_.Read([&](const Image& image) {
    std::vector<MonitorPtr> children;
    auto it = image.by_parent.lower_bound({parent, model::MonitorId(INT64_MIN)});
    for (; it != image.by_parent.end() && it->first == parent; ++it) {
      children.push_back(image.by_id.at(it->second));
    }
    return children;
  });
}

std::vector<MonitorPtr> MonitorDirectory::ListGroupsOf(const model::Monitor& member) const {
  return image_.Read([&](const Image& image) {
    std::vector<MonitorPtr> groups;
    if (image.by_member.empty()) return groups;
    const std::string key = NameKey(member.org, member.tag);
    auto it = image.by_member.lower_bound({key, model::MonitorId(INT64_MIN)});
    for (; it != image.by_member.end() && it->first == key; ++it) {
      groups.push_back(image.by_id.at(it->second));
    }
    return groups;
  });
}

std::vector<MonitorPtr> MonitorDirectory::List(model::OrgId org) const {
  return image_.Read([&](const Image& image) {
    std::vector<MonitorPtr> monitors;
    auto it = image.by_org.lower_bound({org, model::MonitorId(INT64_MIN)});
    for (; it != image.by_org.end() && it->first.first == org; ++it) {
      monitors.push_back(it->second);
    }
    return monitors;
  });
}

std::vector<MonitorPtr> MonitorDirectory::ListAll() const {
  return image_.Read([](const Image& image) {
    std::vector<MonitorPtr> monitors;
    monitors.reserve(image.by_id.size());
    for (const auto& [id, monitor] : image.by_id) monitors.push_back(monitor);
    return monitors;
  });
}

size_t MonitorDirectory::Size() const {
  return image_.Read([](const Image& image) { return image.by_id.size(); });
}

void MonitorDirectory::AddListener(Listener listener) { listeners_.push_back(std::move(listener)); }

}  // namespace pharos::store
