#include "talk_parser.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace pharos::talk {
namespace {

// The first word, and what stands after it.
std::pair<std::string_view, std::string_view> Word(std::string_view text) {
  text = Trim(text);
  const size_t end = std::min(text.find(' '), text.size());
  return {text.substr(0, end), Trim(text.substr(end))};
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& file) : text_(text) { session_.file = file; }

  Result<Session> Run() {
    for (std::string_view line : Split(text_, '\n')) {
      ++line_;
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (Trim(line).empty() || line.front() == '#') continue;
      PHAROS_RETURN_IF_ERROR(Line(line));
    }
    PHAROS_RETURN_IF_ERROR(CloseExchange());
    if (session_.talks.empty()) return Wrong("no talk");
    for (const Talk& talk : session_.talks) {
      line_ = talk.line;
      if (talk.exchanges.empty()) return Wrong("talk '" + talk.name + "' has no request");
    }
    return std::move(session_);
  }

 private:
  Error Wrong(const std::string& what) const {
    return Error(ErrorKind::kInvalid, session_.file + ":" + std::to_string(line_) + ": " + what);
  }

  Status Line(std::string_view line) {
    if (line.starts_with("> ")) return Request(line.substr(2));
    if (line.starts_with("< ")) return Expect(Trim(line.substr(2)));
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return Wrong("neither a setting nor > nor <");
    const std::string_view name = line.substr(0, colon);
    const std::string value(Trim(line.substr(colon + 1)));
    if (name == "talk") {
      PHAROS_RETURN_IF_ERROR(CloseExchange());
      session_.talks.push_back({value, {}, line_});
      return Ok();
    }
    if (name == "advance") {
      PHAROS_RETURN_IF_ERROR(CloseExchange());
      advance_ = value;
      session_.in_process_only = true;
      return Ok();
    }
    if (!session_.talks.empty()) return Wrong("settings stand before the first talk");
    return Setting(name, value);
  }

  Status Setting(std::string_view name, const std::string& value) {
    if (name == "session") {
      session_.name = value;
    } else if (name == "about") {
      session_.about += (session_.about.empty() ? "" : " ") + value;
    } else if (name == "clock") {
      session_.clock = value;
    } else if (name == "where") {
      if (value != "in_process" && value != "everywhere") return Wrong("where is unknown");
      session_.in_process_only = value == "in_process";
    } else if (name == "header") {
      return Header(value, session_.headers);
    } else if (name == "key") {
      return Key(value);
    } else if (name == "target") {
      const auto [variable, kind] = Word(value);
      if (variable.empty() || kind.empty()) return Wrong("a target needs a variable and a kind");
      session_.targets.emplace_back(variable, kind);
    } else {
      return Wrong("unknown setting '" + std::string(name) + "'");
    }
    return Ok();
  }

  Status Header(std::string_view text, std::vector<std::pair<std::string, std::string>>& into) {
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos) return Wrong("a header needs a colon");
    into.emplace_back(Trim(text.substr(0, colon)), Trim(text.substr(colon + 1)));
    return Ok();
  }

  // "NAME dialect [revoked] [disabled] [expires=60s] [scopes=a:b,c:d] [rate=business]"
  Status Key(std::string_view text) {
    KeyWish wish;
    auto [variable, rest] = Word(text);
    wish.variable = variable;
    std::string_view dialect;
    std::tie(dialect, rest) = Word(rest);
    wish.dialect = dialect;
    if (wish.dialect.empty()) return Wrong("a key needs a variable and a dialect");
    while (!rest.empty()) {
      std::string_view option;
      std::tie(option, rest) = Word(rest);
      if (option == "revoked") {
        wish.revoked = true;
      } else if (option == "disabled") {
        wish.disabled = true;
      } else if (option.starts_with("rate=")) {
        wish.rate_class = option.substr(5);
      } else if (option.starts_with("expires=")) {
        wish.expires = option.substr(8);
      } else if (option.starts_with("scopes=")) {
        for (const std::string_view scope : Split(option.substr(7), ',')) {
          wish.scopes.emplace_back(scope);
        }
      } else {
        return Wrong("unknown option of a key: " + std::string(option));
      }
    }
    session_.keys.push_back(std::move(wish));
    return Ok();
  }

  Status Request(std::string_view text) {
    if (session_.talks.empty()) return Wrong("a request stands before the first talk");
    if (!exchange_ || exchange_->status != 0) {
      PHAROS_RETURN_IF_ERROR(CloseExchange());
      const auto [method, target] = Word(text);
      if (method.empty() || target.empty() || target.find(' ') != std::string_view::npos) {
        return Wrong("a request begins with a method and a target");
      }
      exchange_.emplace();
      exchange_->method = method;
      exchange_->target = target;
      exchange_->line = line_;
      exchange_->advance = std::move(advance_);
      advance_.clear();
      return Ok();
    }
    if (text.starts_with("body ") || text == "body") {
      exchange_->body = text.size() > 5 ? text.substr(5) : std::string_view();
      return Ok();
    }
    const auto [word, rest] = Word(text);
    if (word == "without") {
      exchange_->without.emplace_back(rest);
      return Ok();
    }
    if (word == "filler") {  // that many blanks
      const auto size = ParseInt(rest);
      if (!size || *size < 0) return Wrong("filler needs a number of bytes");
      exchange_->body = std::string(static_cast<size_t>(*size), ' ');
      return Ok();
    }
    return Header(text, exchange_->headers);
  }

  Status Expect(std::string_view text) {
    if (!exchange_) return Wrong("an expectation without a request");
    if (exchange_->status == 0) {
      const auto status = ParseInt(text);
      if (!status || *status < 100 || *status > 599) return Wrong("the status comes first");
      exchange_->status = static_cast<int>(*status);
      return Ok();
    }
    const auto [word, rest] = Word(text);
    using Kind = ExpectKind;
    const auto add = [&](Kind kind, std::string_view name, std::string_view value) {
      exchange_->expect.push_back({kind, std::string(name), std::string(value), line_});
      return Ok();
    };
    if (word == "json") return add(Kind::kJson, "", rest);
    if (word == "exact") return add(Kind::kExact, "", rest);
    if (word == "text") return add(Kind::kText, "", rest);
    if (word == "empty") return add(Kind::kEmpty, "", "");
    if (word == "no") return add(Kind::kNoHeader, rest, "");
    const auto [first, second] = Word(rest);
    if (word == "keys") return add(Kind::kKeys, first, second);
    if (word == "has") return add(Kind::kHas, first, second);
    if (word == "lacks") return add(Kind::kLacks, first, second);
    if (word == "size") return add(Kind::kSize, first, second);
    if (word == "remember") {
      const auto [equals, path] = Word(second);
      if (equals != "=" || path.empty()) return Wrong("remember NAME = path");
      return add(Kind::kRemember, first, path);
    }
    std::vector<std::pair<std::string, std::string>> header;
    PHAROS_RETURN_IF_ERROR(Header(text, header));
    return add(Kind::kHeader, header.front().first, header.front().second);
  }

  Status CloseExchange() {
    if (!exchange_) return Ok();
    if (exchange_->status == 0) return Wrong("a request without an expected status");
    session_.talks.back().exchanges.push_back(std::move(*exchange_));
    exchange_.reset();
    return Ok();
  }

  std::string_view text_;
  Session session_;
  std::optional<Exchange> exchange_;
  std::string advance_;
  int line_ = 0;
};

}  // namespace

Result<Session> ParseTalk(std::string_view text, const std::string& file) {
  return Parser(text, file).Run();
}

}  // namespace pharos::talk
