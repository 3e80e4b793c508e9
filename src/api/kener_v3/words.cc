#include "api/kener_v3/words.h"

#include <utility>

#include "api/notes.h"

namespace pharos::api::kener_v3 {

using model::Status;

std::optional<Status> ParsePushedStatus(std::string_view word) {
  for (const Status status : {Status::kUp, Status::kDown, Status::kDegraded}) {
    if (StatusWord(status) == word) return status;
  }
  return std::nullopt;
}

std::string_view ImpactWord(Status impact) {
  const bool masks = impact != Status::kUp && impact != Status::kNoData;
  return StatusWord(masks ? impact : Status::kDegraded);
}

std::optional<Status> ParseImpact(std::string_view word) {
  for (const Status status : {Status::kDown, Status::kDegraded, Status::kMaintenance}) {
    if (StatusWord(status) == word) return status;
  }
  return std::nullopt;
}

std::string_view KindOfType(std::string_view word) {
  return word == "GRPC" ? std::string_view() : kener::KindOfType(word);
}

const Value* FindNote(const Value& notes, std::string_view name) {
  return api::FindNote(notes, kNotes, name);
}

void SetNote(Value& notes, std::string_view name, Value value) {
  if (value.IsNull()) {
    DropNote(notes, kNotes, name);
  } else {
    api::SetNote(notes, kNotes, name, std::move(value));
  }
}

}  // namespace pharos::api::kener_v3
