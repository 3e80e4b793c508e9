#include "talk_runner.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "base/text.h"
#include "talk_match.h"
#include "talk_parser.h"
#include "targets.h"

namespace pharos::talk {
namespace {

constexpr size_t kShownBody = 2'000;

// Plays the talks of one session against its peer.
class Player {
 public:
  Player(const Session& session, Peer& peer, Variables variables)
      : session_(session), peer_(peer), variables_(std::move(variables)) {}

  Report Run() {
    report_.sessions = 1;
    for (const Talk& talk : session_.talks) {
      ++report_.talks;
      for (const Exchange& exchange : talk.exchanges) {
        ++report_.exchanges;
        problems_.clear();
        WireRequest request;
        WireReply reply;
        PlayOne(exchange, request, reply);
        if (problems_.empty()) continue;
        report_.failures.push_back(Describe(talk, exchange, request, reply));
        break;
      }
    }
    return std::move(report_);
  }

 private:
  void PlayOne(const Exchange& exchange, WireRequest& request, WireReply& reply) {
    if (!exchange.advance.empty()) {
      const Result<Duration> by = ParseDuration(exchange.advance);
      if (!by) return Complain("advance: " + by.error().message);
      peer_.Advance(*by);
    }
    if (!Build(exchange, request)) return;
    Result<WireReply> answer = peer_.Send(request);
    if (!answer) return Complain("no answer: " + answer.error().message);
    reply = std::move(*answer);
    if (reply.status != exchange.status) {
      Complain("status: want " + std::to_string(exchange.status) + ", got " +
               std::to_string(reply.status));
    }
    for (const Expectation& expectation : exchange.expect) Check(expectation, reply);
    for (std::string& problem : peer_.Judge(request, reply)) Complain(std::move(problem));
  }

  bool Build(const Exchange& exchange, WireRequest& request) {
    request.method = exchange.method;
    request.target = Fill(exchange.target);
    const auto is_named = [](std::string_view name) {
      return [name](const std::string& other) { return EqualsIgnoreCase(name, other); };
    };
    const auto given = [&](std::string_view name) {
      return std::any_of(exchange.headers.begin(), exchange.headers.end(),
                         [&](const auto& header) { return EqualsIgnoreCase(header.first, name); });
    };
    for (const auto& [name, value] : session_.headers) {
      const bool dropped =
          std::any_of(exchange.without.begin(), exchange.without.end(), is_named(name));
      if (!dropped && !given(name)) request.headers.emplace_back(name, Fill(value));
    }
    for (const auto& [name, value] : exchange.headers) {
      request.headers.emplace_back(name, Fill(value));
    }
    if (exchange.body) {
      request.body = Fill(*exchange.body);
      const bool dropped =
          std::any_of(exchange.without.begin(), exchange.without.end(), is_named("content-type"));
      if (!given("content-type") && !dropped) {
        request.headers.emplace_back("Content-Type", "application/json");
      }
    }
    return problems_.empty();
  }

  std::string Fill(std::string_view text) {
    Result<std::string> filled = Substitute(text, variables_);
    if (filled) return std::move(*filled);
    Complain(filled.error().message);
    return {};
  }

  void Complain(std::string what) { problems_.push_back(std::move(what)); }

  // The JSON of an expectation.
  Value Wanted(const Expectation& expectation) {
    Result<Value> value = ParseJson(Fill(expectation.text));
    if (value) return std::move(*value);
    Complain("line " + std::to_string(expectation.line) + ": bad JSON: " + value.error().message);
    return {};
  }

  void Check(const Expectation& e, const WireReply& reply) {
    switch (e.kind) {
      case ExpectKind::kHeader: {
        const std::string* value = reply.Find(e.name);
        const std::string want = Fill(e.text);
        if (value == nullptr) return Complain("header " + e.name + ": absent");
        if (want != "*" && *value != want) {
          Complain("header " + e.name + ": want '" + want + "', got '" + *value + "'");
        }
        return;
      }
      case ExpectKind::kNoHeader:
        if (reply.Find(e.name) != nullptr) Complain("header " + e.name + " is there");
        return;
      case ExpectKind::kText:
        if (reply.body != Fill(e.text)) Complain("body: want the text '" + Fill(e.text) + "'");
        return;
      case ExpectKind::kEmpty:
        if (!reply.body.empty()) Complain("body: want none");
        return;
      case ExpectKind::kJson:
      case ExpectKind::kExact:
      case ExpectKind::kKeys:
      case ExpectKind::kHas:
      case ExpectKind::kLacks:
      case ExpectKind::kSize:
      case ExpectKind::kRemember:
        return CheckJson(e, reply);
    }
  }

  void CheckJson(const Expectation& e, const WireReply& reply) {
    const Result<Value> body = ParseJson(reply.body);
    if (!body) return Complain("body is no JSON: " + body.error().message);
    if (e.kind == ExpectKind::kJson || e.kind == ExpectKind::kExact) {
      const MatchMode mode = e.kind == ExpectKind::kJson ? MatchMode::kSubset : MatchMode::kExact;
      for (std::string& line : Compare(Wanted(e), *body, mode)) Complain(std::move(line));
      return;
    }
    const std::string path = e.kind == ExpectKind::kRemember ? e.text : e.name;
    const Value* at = Locate(*body, path);
    if (at == nullptr) return Complain("the answer has no " + path);
    if (e.kind == ExpectKind::kRemember) {
      variables_[e.name] = at->IsString() ? at->AsString() : WriteJson(*at);
    } else if (e.kind == ExpectKind::kKeys) {
      CheckKeys(e, *at);
    } else {
      CheckList(e, *at);
    }
  }

  void CheckKeys(const Expectation& e, const Value& at) {
    std::string names;
    if (at.IsObject()) {
      for (const auto& [name, unused] : at.AsObject()) names += (names.empty() ? "" : ",") + name;
    }
    if (names != e.text) Complain(e.name + ": want keys " + e.text + ", got " + names);
  }

  void CheckList(const Expectation& e, const Value& at) {
    if (!at.IsList()) return Complain(e.name + " is no list");
    const Value::List& items = at.AsList();
    if (e.kind == ExpectKind::kSize) {
      if (std::to_string(items.size()) != Fill(e.text)) {
        Complain(e.name + ": want " + Fill(e.text) + " elements, got " +
                 std::to_string(items.size()));
      }
      return;
    }
    const Value want = Wanted(e);
    const bool found = std::any_of(items.begin(), items.end(), [&](const Value& item) {
      return Compare(want, item, MatchMode::kSubset).empty();
    });
    if (found != (e.kind == ExpectKind::kHas)) {
      Complain(e.name + (found ? " has " : " lacks ") + WriteJson(want));
    }
  }

  std::string Describe(const Talk& talk, const Exchange& exchange, const WireRequest& request,
                       const WireReply& reply) const {
    std::string text = session_.file + ":" + std::to_string(exchange.line) + ": " + talk.name +
                       "\n  > " + request.method + " " + request.target + "\n";
    if (!request.body.empty()) text += "  > " + Ellipsize(request.body, 300) + "\n";
    for (const std::string& problem : problems_) text += "    " + problem + "\n";
    text += "  < " + std::to_string(reply.status) + " " + Ellipsize(reply.body, kShownBody) + "\n";
    return text;
  }

  const Session& session_;
  Peer& peer_;
  Variables variables_;
  Report report_;
  std::vector<std::string> problems_;
};

}  // namespace

const std::string* WireReply::Find(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (EqualsIgnoreCase(key, name)) return &value;
  }
  return nullptr;
}

void Report::Merge(Report other) {
  sessions += other.sessions;
  talks += other.talks;
  exchanges += other.exchanges;
  skipped += other.skipped;
  for (std::string& failure : other.failures) failures.push_back(std::move(failure));
}

Report Play(const Session& session, const PeerFactory& open) {
  Variables variables;
  const Result<Targets> targets = Targets::Open(session, variables);
  if (!targets) {
    Report report;
    report.failures.push_back(session.file + ": " + targets.error().message);
    return report;
  }
  Result<std::unique_ptr<Peer>> peer = open(session, variables);
  if (!peer) {
    Report report;
    report.failures.push_back(session.file + ": the peer did not start: " + peer.error().message +
                              " " + peer.error().detail);
    return report;
  }
  const Timestamp now = (*peer)->Now();
  variables["NOW"] = std::to_string(ToUnixSeconds(FloorToMinute(now)));
  return Player(session, **peer, std::move(variables)).Run();
}

Result<std::string> Substitute(std::string_view text, const Variables& variables) {
  std::string out;
  while (true) {
    const size_t begin = text.find("${");
    const size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
    out += text.substr(0, begin == std::string_view::npos ? text.size() : begin);
    if (begin == std::string_view::npos) return out;
    if (end == std::string_view::npos) return Error(ErrorKind::kInvalid, "an open ${");
    const std::string_view inside = text.substr(begin + 2, end - begin - 2);
    const size_t sign = inside.find_first_of("+-");
    const std::string_view name = inside.substr(0, sign);
    const auto it = variables.find(name);
    if (it == variables.end()) {
      return Error(ErrorKind::kInvalid, "unknown variable " + std::string(name));
    }
    if (sign == std::string_view::npos) {
      out += it->second;
    } else {
      const auto base = ParseInt(it->second);
      const auto offset = ParseInt(inside.substr(sign + 1));
      if (!base || !offset) return Error(ErrorKind::kInvalid, "no number: " + std::string(inside));
      out += std::to_string(inside[sign] == '+' ? *base + *offset : *base - *offset);
    }
    text.remove_prefix(end + 1);
  }
}

Result<std::vector<Session>> LoadTalks(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code failed;
  for (std::filesystem::recursive_directory_iterator it(folder, failed), end; it != end; ++it) {
    if (it->path().extension() == ".talk") files.push_back(it->path().string());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) return Error(ErrorKind::kNotFound, "no .talk file below " + folder);
  std::vector<Session> sessions;
  for (const std::string& file : files) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    const std::string name = std::filesystem::relative(file, folder).string();
    PHAROS_ASSIGN_OR_RETURN(Session session, ParseTalk(text.str(), name));
    sessions.push_back(std::move(session));
  }
  return sessions;
}

}  // namespace pharos::talk
