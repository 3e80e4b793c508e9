#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pharos::talk {

// A key that a session needs; its text becomes the variable `variable`.
struct KeyWish {
  std::string variable;
  std::string dialect;
  std::vector<std::string> scopes;
  std::string expires;  // "60s"; empty = never
  bool revoked = false;
  bool disabled = false;
  std::string rate_class;  // of the dialect; empty = its default
};

enum class ExpectKind {
  kHeader,    // name, text: this very value, "*" = any
  kNoHeader,  // name
  kJson,      // text: subset of the answer
  kExact,     // text: the whole answer, member order included
  kText,      // text: the whole body
  kEmpty,     // no body
  kKeys,      // name = path, text = member names in order
  kHas,       // name = path of a list, text: an element matches
  kLacks,     // name = path of a list, text: no element matches
  kSize,      // name = path of a list, text = number of elements
  kRemember,  // name = variable, text = path
};

struct Expectation {
  ExpectKind kind;
  std::string name;
  std::string text;
  int line = 0;
};

// One request and what must come back.
struct Exchange {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::string> without;  // default headers left out
  std::optional<std::string> body;
  int status = 0;
  std::vector<Expectation> expect;
  std::string advance;  // moves the clock before the request: "60s"
  int line = 0;
};

// What one conversation shows; its exchanges happen in order.
struct Talk {
  std::string name;
  std::vector<Exchange> exchanges;
  int line = 0;
};

// One file: a fresh server, then its talks in order, later ones relying on earlier ones.
struct Session {
  std::string file;
  std::string name;
  std::string about;
  std::string clock;  // "2026-03-04T10:00:05Z"; only where the clock can be set
  bool in_process_only = false;
  std::vector<KeyWish> keys;
  std::vector<std::pair<std::string, std::string>> targets;  // variable of the port, kind
  std::vector<std::pair<std::string, std::string>> headers;  // of every request
  std::vector<Talk> talks;
};

}  // namespace pharos::talk
