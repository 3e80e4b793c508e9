#include "walk_house.h"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <future>
#include <iterator>
#include <thread>

#include "api/catalog.h"
#include "base/text.h"
#include "http/testing_catcher.h"
#include "store/organisation_store.h"

namespace pharos::walk {
namespace {

constexpr const char* kUsualClock = "2026-03-04T10:00:05Z";
constexpr auto kPatience = std::chrono::seconds(30);
constexpr size_t kMaxProblems = 60;
constexpr int64_t kOtherOrg = 2;
// Below every limit per minute that a dialect has.
constexpr int kRequestsAMinute = 20;

// Rows that come and go by themselves: keys that the walk makes, what is noted of it, and what
// follows later from a check that an earlier request began.
bool IsOfItself(std::string_view row) {
  for (const std::string_view table : {"api_keys|", "audit", "event_places|", "transitions|"}) {
    if (row.starts_with(table)) return true;
  }
  return row.find("|monitor.transition|") != std::string_view::npos ||
         row.find("|followed_services|") != std::string_view::npos;
}

bool IsMeasured(std::string_view row) {
  return row.starts_with("history_journal|") || row.starts_with("monitor_states|") ||
         row.starts_with("check_results|");
}

// A read-only connection beside the server's own.
class Database {
 public:
  explicit Database(const std::string& path) {
    sqlite3_open_v2(path.c_str(), &handle_, SQLITE_OPEN_READONLY, nullptr);
    sqlite3_busy_timeout(handle_, 5000);
  }
  ~Database() { sqlite3_close(handle_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  template <class F>
  void Each(const std::string& sql, const F& take) const {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) return;
    while (sqlite3_step(statement) == SQLITE_ROW) take(statement);
    sqlite3_finalize(statement);
  }
  static std::string Cell(sqlite3_stmt* statement, int column) {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
    const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
    std::string cell = bytes == nullptr ? "" : std::string(bytes, size);
    std::replace(cell.begin(), cell.end(), '\n', ' ');
    return cell;
  }

 private:
  sqlite3* handle_ = nullptr;
};

// Until what follows from events has followed, or for two seconds.
void AwaitReactions(const Database& database) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  bool behind = true;
  while (behind && std::chrono::steady_clock::now() < deadline) {
    behind = false;
    database.Each(
        "SELECT 1 FROM event_places WHERE place < (SELECT coalesce(max(id), 0) FROM events)",
        [&](sqlite3_stmt*) { behind = true; });
    if (behind) std::this_thread::yield();
  }
}

// Plays a session's requests and lets the hook in between.
class WalkPeer : public talk::Peer {
 public:
  WalkPeer(std::unique_ptr<WalkHouse> house, const Hook& hook)
      : house_(std::move(house)), hook_(hook) {}

  Result<WireReply> Send(const WireRequest& request) override {
    const http::Request parsed = talk::ToHttp(request);
    const api::Resolved resolved = house_->shapes().Resolve(parsed);
    const bool walks = resolved.match.endpoint != nullptr;
    if (walks) hook_(*house_, request, resolved, nullptr);
    WireReply reply = house_->Send(request);
    if (walks) hook_(*house_, request, resolved, &reply);
    return reply;
  }
  Timestamp Now() override { return house_->clock().Now(); }
  void Advance(Duration by) override { house_->clock().Advance(by); }

 private:
  std::unique_ptr<WalkHouse> house_;
  const Hook& hook_;
};

}  // namespace

void Tally::Complain(std::string what) {
  if (problems.size() < kMaxProblems) problems.push_back(std::move(what));
}

void Tally::Print(std::string_view walk) const {
  std::printf("%.*s: %zu rows, %d requests, %d answers of 5xx, %zu problems\n",
              static_cast<int>(walk.size()), walk.data(), rows.size(), requests, server_errors,
              problems.size());
}

std::string Dump::Difference(const Dump& other, const std::string& owner, bool measured) const {
  const auto rows_of = [&](const Dump& dump) {
    std::multiset<std::string> rows;
    const auto it = dump.by_owner.find(owner);
    if (it == dump.by_owner.end()) return rows;
    for (const std::string_view row : Split(it->second, '\n')) {
      if (!IsOfItself(row) && (measured || !IsMeasured(row))) rows.emplace(row);
    }
    return rows;
  };
  const auto ours = rows_of(*this);
  const auto theirs = rows_of(other);
  std::vector<std::string> different;
  std::set_symmetric_difference(ours.begin(), ours.end(), theirs.begin(), theirs.end(),
                                std::back_inserter(different));
  std::string text;
  for (const std::string& row : different) text += Ellipsize(SanitizeUtf8(row), 200) + " ";
  return text;
}

WalkHouse::WalkHouse(Timestamp at, Tally& tally)
    : clock_(at), tally_(tally), shapes_([this](std::string_view text) {
        const auto key = wiring_->use_cases().verifier.Find(text);
        return key ? key->key.dialect : std::string();
      }) {}

WalkHouse::~WalkHouse() {
  if (wiring_) wiring_->Stop();
  wiring_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Result<std::unique_ptr<WalkHouse>> WalkHouse::Open(const talk::Session& session,
                                                   talk::Variables& variables, Tally& tally) {
  PHAROS_ASSIGN_OR_RETURN(const Timestamp at,
                          ParseIso(session.clock.empty() ? kUsualClock : session.clock));
  std::unique_ptr<WalkHouse> house(new WalkHouse(at, tally));
  PHAROS_RETURN_IF_ERROR(house->Start(session, variables));
  return house;
}

Status WalkHouse::Start(const talk::Session& session, talk::Variables& variables) {
  std::string pattern = (std::filesystem::temp_directory_path() / "pharos-walk-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) return Error::Internal("no temporary folder");
  folder_ = pattern;
  app::SettingSources sources;
  sources.command_line["database"] = folder_ + "/walk.db";
  PHAROS_ASSIGN_OR_RETURN(const app::Settings settings, app::LoadSettings(sources));
  app::Wiring::Options options;
  options.watch = false;
  options.pages = false;
  PHAROS_ASSIGN_OR_RETURN(wiring_, app::Wiring::Open(settings, clock_, options));
  PHAROS_RETURN_IF_ERROR(wiring_->store().Write([&](store::Transaction& tx) -> Status {
    model::Organisation other;
    other.name = "other";
    other.created_at = clock_.Now();
    PHAROS_ASSIGN_OR_RETURN(other, wiring_->store().organisations().Insert(tx, other));
    return other.id.value() == kOtherOrg ? Ok() : Status(Error::Internal("another organisation"));
  }));
  for (const talk::KeyWish& wish : session.keys) {
    PHAROS_ASSIGN_OR_RETURN(variables[wish.variable], MakeKey(wish));
  }
  return wiring_->use_cases().verifier.Reload();
}

Result<std::string> WalkHouse::MakeKey(const talk::KeyWish& wish) {
  service::NewKey wanted{wish.dialect, wish.variable, wish.scopes, std::nullopt, wish.rate_class};
  if (!wish.expires.empty()) {
    PHAROS_ASSIGN_OR_RETURN(const Duration life, ParseDuration(wish.expires));
    wanted.expires_at = clock_.Now() + life;
  }
  const model::OrgId org(1);
  PHAROS_ASSIGN_OR_RETURN(const auto made, wiring_->use_cases().keys.Create(org, "walk", wanted));
  if (wish.revoked) {
    PHAROS_RETURN_IF_ERROR(
        wiring_->use_cases().keys.Revoke(org, "walk", wish.dialect, wish.variable));
  }
  return made.text.Reveal();
}

std::string WalkHouse::KeyText(int64_t org, std::string_view dialect,
                               const std::vector<std::string>& scopes) {
  std::string name = "walk " + std::to_string(org) + " " + std::string(dialect);
  for (const std::string& scope : scopes) name += " " + scope;
  const auto it = key_texts_.find(name);
  if (it != key_texts_.end()) return it->second;
  const service::NewKey wanted{std::string(dialect), name.substr(0, 100), scopes, std::nullopt};
  auto made = wiring_->use_cases().keys.Create(model::OrgId(org), "walk", wanted);
  if (!made) {
    tally_.Complain("no key: " + made.error().message);
    return "none";
  }
  if (Status status = wiring_->use_cases().verifier.Reload(); !status) tally_.Complain("no reload");
  return key_texts_.emplace(name, made->text.Reveal()).first->second;
}

WireReply WalkHouse::Send(const WireRequest& request) {
  ++tally_.requests;
  if (++since_new_minute_ >= kRequestsAMinute) {
    since_new_minute_ = 0;
    clock_.Advance(Minutes(1));
  }
  std::promise<http::Response> promise;
  std::future<http::Response> answer = promise.get_future();
  wiring_->Handle(talk::ToHttp(request),
                  http::Responder(std::make_unique<http::ResponseCatcher>(std::move(promise))));
  WireReply reply;
  if (answer.wait_for(kPatience) != std::future_status::ready) {
    reply.status = 599;
    return reply;
  }
  const http::Response response = answer.get();
  reply.status = response.status;
  for (const http::Header& header : response.headers) {
    reply.headers.emplace_back(header.name, header.value);
  }
  const std::string& body = response.shared_body ? *response.shared_body : response.body;
  if (request.method != "HEAD") reply.body = body;
  return reply;
}

WireReply WalkHouse::SendAndJudge(const WireRequest& request) {
  WireReply reply = Send(request);
  const std::string what = request.method + " " + request.target.substr(0, 200) + " " +
                           Ellipsize(request.body, 300) + ": " + std::to_string(reply.status) +
                           " " + Ellipsize(reply.body, 300);
  if (reply.status >= 500) {
    ++tally_.server_errors;
    tally_.Complain(what);
  }
  if (reply.status >= 400) {
    for (const std::string& problem : shapes_.Judge(request, reply)) {
      tally_.Complain(what + ": " + problem);
    }
  }
  return reply;
}

WireReply WalkHouse::SendAs(int64_t org, const api::Dialect& dialect,
                            const std::vector<std::string>& scopes, WireRequest request) {
  const std::string text = KeyText(org, dialect.accepts_keys_of.front(), scopes);
  std::string_view header = {};
  for (const api::CredentialReader& reader : dialect.credentials) {
    if (reader.kind == api::CredentialReader::Kind::kHeader) header = reader.header;
  }
  std::erase_if(request.headers, [&](const auto& other) {
    return EqualsIgnoreCase(other.first, "authorization") ||
           (!header.empty() && EqualsIgnoreCase(other.first, header));
  });
  if (header.empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + text);
  } else {
    request.headers.emplace_back(std::string(header), text);
  }
  return SendAndJudge(request);
}

Dump WalkHouse::TakeDump() const {
  Dump dump;
  const Database database(folder_ + "/walk.db");
  AwaitReactions(database);
  std::vector<std::string> tables;
  database.Each("SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'",
                [&](sqlite3_stmt* s) { tables.push_back(Database::Cell(s, 0)); });
  for (const std::string& table : tables) {
    database.Each("SELECT * FROM \"" + table + "\"", [&](sqlite3_stmt* s) {
      std::string owner;
      std::string row = table;
      for (int i = 0; i < sqlite3_column_count(s); ++i) {
        const std::string_view column = sqlite3_column_name(s, i);
        if (column == "org_id") owner = Database::Cell(s, i);
        // Looking is no change.
        if (column == "last_used_at") continue;
        row += "|" + Database::Cell(s, i);
      }
      dump.by_owner[owner] += row + "\n";
    });
  }
  return dump;
}

void Replay(Tally& tally, const Hook& hook) {
  const Result<std::vector<talk::Session>> sessions = talk::LoadTalks(PHAROS_TALKS);
  if (!sessions) return tally.Complain(sessions.error().message);
  for (const talk::Session& session : *sessions) {
    const talk::PeerFactory open =
        [&](const talk::Session& which,
            talk::Variables& variables) -> Result<std::unique_ptr<talk::Peer>> {
      PHAROS_ASSIGN_OR_RETURN(auto house, WalkHouse::Open(which, variables, tally));
      return std::unique_ptr<talk::Peer>(std::make_unique<WalkPeer>(std::move(house), hook));
    };
    const talk::Report report = talk::Play(session, open);
    if (report.talks == 0) tally.Complain(report.failures.empty() ? "?" : report.failures.front());
  }
}

std::string RowName(const api::Dialect& dialect, const api::Endpoint& row) {
  std::string name = std::string(dialect.name) + " " + std::string(row.method) + " ";
  if (!row.area.empty()) name += std::string(row.area) + ":";
  return name + std::string(row.pattern);
}

WireRequest RequestFor(const api::Dialect& dialect, const api::Endpoint& row, std::string_view id) {
  WireRequest request;
  request.method = row.method;
  const api::Mount* mount = nullptr;
  for (const api::Mount& candidate : dialect.mounts) {
    if (candidate.area != row.area || candidate.fallback) continue;
    if (mount == nullptr || (candidate.lone && !mount->lone)) mount = &candidate;
  }
  request.target = mount == nullptr ? "" : std::string(mount->prefix);
  for (const std::string_view segment : Split(row.pattern, '/')) {
    if (segment.empty()) continue;
    request.target += "/";
    request.target += segment.front() == '{' ? id : segment;
  }
  if (row.reads_body) {
    request.body = "{}";
    request.headers.emplace_back("Content-Type", "application/json");
  }
  return request;
}

std::set<std::string> ScopesOf(const api::Dialect& dialect) {
  std::set<std::string> scopes;
  for (const api::Endpoint& row : dialect.endpoints) {
    for (const std::string_view scope : {row.scope, row.also_scope}) {
      if (scope.find(':') != std::string_view::npos) scopes.emplace(scope);
    }
  }
  return scopes;
}

}  // namespace pharos::walk
