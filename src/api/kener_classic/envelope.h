#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/dialect.h"
#include "api/kener/errors.h"
#include "api/schema.h"
#include "base/result.h"
#include "http/message.h"

namespace pharos::api::kener_classic {

// {"success":true,"data":<data>} and, unless empty, "message" (kener-classic.md 2). `data` is JSON.
std::string Success(std::string_view data, std::string_view message = {});

// {"success":false,"error":{"code","message","details"?}}
http::Response PrintFailure(const http::Request& request, const Failure& failure);
void Decorate(const http::Request& request, http::Response& response);

using kener::BadField;

// What CheckShape finds, as one error with all fields; success when it finds nothing.
Status CheckBody(const Shape& shape, const Value& body, bool partial = false);

// An error of a use case with its field names in this dialect's words ("spec.url" -> "url").
Error InOurWords(Error error);

// ?page= and ?limit= (kener-classic.md 5).
struct PageWish {
  int64_t page = 1;
  int64_t limit = 20;

  int64_t offset() const { return (page - 1) * limit; }
};
using Parameters = std::vector<std::pair<std::string, std::string>>;
Result<PageWish> ReadPageWish(const Parameters& parameters);

}  // namespace pharos::api::kener_classic
