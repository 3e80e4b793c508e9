#include "api/is0k/links.h"

#include <algorithm>
#include <utility>

#include "api/is0k/body.h"
#include "api/is0k/envelope.h"
#include "api/is0k/ids.h"
#include "api/is0k/words.h"
#include "service/channels.h"
#include "service/pages.h"

namespace pharos::api::is0k {
namespace {

Error NoSuchThing(std::string_view member, size_t index, std::string_view noun) {
  const std::string name = std::string(member) + "[" + std::to_string(index) + "]";
  return BadField(name, name + " is the id of no " + std::string(noun));
}

// `exists` says whether an id is one of the organisation.
template <class Id, class Exists>
Result<std::vector<Id>> ReadIds(const Value& body, std::string_view member, const IdForm& form,
                                std::string_view noun, const Exists& exists) {
  std::vector<Id> ids;
  const Value* sent = body.Find(member);
  if (sent == nullptr || !sent->IsList()) return ids;
  const Value::List& list = sent->AsList();
  for (size_t i = 0; i < list.size(); ++i) {
    const auto id = list[i].IsString() ? ParseId<Id>(form, list[i].AsString()) : std::nullopt;
    if (!id || !exists(*id)) return NoSuchThing(member, i, noun);
    if (std::find(ids.begin(), ids.end(), *id) == ids.end()) ids.push_back(*id);
  }
  return ids;
}

}  // namespace

bool IsShown(const model::Monitor& monitor) { return !TypeWord(monitor.kind).empty(); }

Result<service::MonitorPtr> FindMonitor(Call& call) {
  const auto id = ParseId<model::MonitorId>(kMonitorId, call.params.Find("id"));
  service::MonitorPtr monitor = id ? call.services.monitors.FindById(*call.who, *id) : nullptr;
  if (monitor == nullptr || !IsShown(*monitor)) return NotFound(call, kMonitor);
  return monitor;
}

Result<std::vector<model::MonitorId>> ReadMonitorIds(Call& call, const Value& body,
                                                     std::string_view member) {
  return ReadIds<model::MonitorId>(body, member, kMonitorId, "monitor", [&](model::MonitorId id) {
    return call.services.monitors.FindById(*call.who, id) != nullptr;
  });
}

Result<std::vector<model::ChannelId>> ReadChannelIds(Call& call, const Value& body,
                                                     std::string_view member) {
  if (!IsSent(body, member)) return std::vector<model::ChannelId>{};
  PHAROS_ASSIGN_OR_RETURN(const auto channels, call.services.channels.List(*call.who));
  return ReadIds<model::ChannelId>(
      body, member, kChannelId, "alert channel", [&](model::ChannelId id) {
        return std::any_of(channels.begin(), channels.end(),
                           [&](const model::Channel& channel) { return channel.id == id; });
      });
}

Result<std::vector<model::PageId>> ReadPageIds(Call& call, const Value& body,
                                               std::string_view member) {
  if (!IsSent(body, member)) return std::vector<model::PageId>{};
  PHAROS_ASSIGN_OR_RETURN(const auto pages, call.services.pages.List(*call.who));
  return ReadIds<model::PageId>(body, member, kPageId, "status page", [&](model::PageId id) {
    return std::any_of(pages.begin(), pages.end(),
                       [&](const model::Page& page) { return page.id == id; });
  });
}

}  // namespace pharos::api::is0k
