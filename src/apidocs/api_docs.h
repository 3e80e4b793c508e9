#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/dialect.h"
#include "http/message.h"
#include "page/page_cache.h"

namespace pharos::apidocs {

// The descriptions of the dialects: below each described mount "/openapi.json" and a page to browse
// it, "/docs". Where dialects share a mount, "?dialect=kodo" picks one. Public; every byte is
// prepared at construction. Immutable afterwards, thread-safe.
class ApiDocs {
 public:
  // Tells whose a request on a shared mount would be.
  using Chooser = std::function<std::string(const http::Request&)>;
  ApiDocs(const std::vector<api::Dialect>& dialects, Chooser chooser);

  // Nothing when the request is for somebody else.
  std::optional<http::Response> Answer(const http::Request& request) const;

 private:
  struct Described {
    std::string dialect;
    std::string title;
    std::optional<page::CachedReply> document;
    std::optional<page::CachedReply> page;
  };
  struct Links {
    std::string bundle;
    std::string sheet;
    std::string start;
    std::string style;
  };
  void AddFiles();
  void AddPages(const std::string& prefix, std::vector<Described>& described) const;
  const Described& Choose(const std::vector<Described>& described,
                          const http::Request& request) const;

  Chooser chooser_;
  Links links_;
  std::map<std::string, page::CachedReply, std::less<>> files_;
  std::map<std::string, std::vector<Described>, std::less<>> by_prefix_;
};

}  // namespace pharos::apidocs
