#include "notify/catalog.h"

#include <utility>

#include "model/field_spec.h"
#include "notify/webhook/webhook_channel.h"

namespace pharos::notify {

Catalog::Catalog() { channels_.push_back(MakeWebhookChannel()); }

Catalog::~Catalog() = default;

const Channel* Catalog::Find(std::string_view kind) const {
  for (const auto& channel : channels_) {
    if (channel->descriptor().kind == kind) return channel.get();
  }
  return nullptr;
}

std::vector<const Channel*> Catalog::List() const {
  std::vector<const Channel*> list;
  for (const auto& channel : channels_) list.push_back(channel.get());
  return list;
}

Result<Value> Catalog::ValidateConfig(std::string_view kind, const Value& config) const {
  const Channel* channel = Find(kind);
  if (channel == nullptr)
    return Error::Field("kind", "kind '" + std::string(kind) + "' is unknown");
  model::ValidatedSpec validated =
      model::ValidateSpec(channel->descriptor().fields, config, "config.");
  std::vector<FieldError> more;
  if (validated.problems.empty()) channel->Validate(validated.spec, more);
  for (FieldError& problem : more) {
    problem.field = "config." + problem.field;
    validated.problems.push_back(std::move(problem));
  }
  if (validated.problems.empty()) return std::move(validated.spec);
  Error error(ErrorKind::kInvalid, validated.problems.front().message);
  error.fields = std::move(validated.problems);
  return error;
}

}  // namespace pharos::notify
