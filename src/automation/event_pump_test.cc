#include "automation/event_pump.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "automation/automation_testing.h"
#include "store/record_store.h"

namespace pharos::automation {
namespace {

using model::Status;

// A store that dies now and then: before a transaction, in its middle, or after its commit and
// before anybody hears of it. Everything else is the real one.
class ShakyStore : public store::Store {
 public:
  enum class Fate : uint8_t { kFine, kRefused, kRolledBack, kAnswerLost };

  explicit ShakyStore(store::Store& real) : real_(real) {}
  std::function<Fate()> fate = [] { return Fate::kFine; };

  pharos::Status Write(store::WriteFunction write) override {
    const Fate now = fate();
    const Error dead = Error::Unavailable("killed", 1);
    if (now == Fate::kRefused) return dead;
    const pharos::Status status = real_.Write([&](store::Transaction& tx) -> pharos::Status {
      PHAROS_RETURN_IF_ERROR(write(tx));
      if (now == Fate::kRolledBack) return dead;
      return Ok();
    });
    if (now == Fate::kAnswerLost) return dead;
    return status;
  }
  void WriteAsync(store::WriteFunction write, store::WriteDone done) override {
    real_.WriteAsync(std::move(write), std::move(done));
  }
  Result<std::unique_ptr<store::Session>> Read() override { return real_.Read(); }
  store::OrganisationStore& organisations() override { return real_.organisations(); }
  store::KeyStore& keys() override { return real_.keys(); }
  store::AuditStore& audit() override { return real_.audit(); }
  store::MonitorStore& monitors() override { return real_.monitors(); }
  store::StateStore& states() override { return real_.states(); }
  store::HistoryStore& history() override { return real_.history(); }
  store::TransitionStore& transitions() override { return real_.transitions(); }
  store::IncidentStore& incidents() override { return real_.incidents(); }
  store::DeliveryStore& deliveries() override { return real_.deliveries(); }
  store::SiteStore& site() override { return real_.site(); }
  store::MaintenanceStore& maintenances() override { return real_.maintenances(); }
  store::PageStore& pages() override { return real_.pages(); }
  store::EventStore& events() override { return real_.events(); }
  store::RecordStore& records() override { return real_.records(); }
  store::SecretStore& secrets() override { return real_.secrets(); }
  store::EvidenceStore& evidence() override { return real_.evidence(); }
  Result<int64_t> ChangeCounter() override { return real_.ChangeCounter(); }
  pharos::Status BackupTo(const std::string& path) override { return real_.BackupTo(path); }

 private:
  store::Store& real_;
};

// Writes one row per call, so that the rows tell how often an event was reacted to.
class Counting : public service::EventListener {
 public:
  explicit Counting(store::Store& store) : store_(store) {}
  pharos::Status OnEvent(store::Transaction& tx, const model::Event& event) override {
    if (event.kind == fails_at) return Error(ErrorKind::kConflict, "cannot");
    model::Record row;
    row.org = event.org;
    row.collection = "reactions";
    row.uid = RandomUuid();
    row.parent = std::to_string(event.id.value());
    row.data = Value(Value::Object{});
    const auto stored = store_.records().Insert(tx, row);
    return stored ? Ok() : pharos::Status(stored.error());
  }
  void OnCommitted() override { ++commits; }

  std::string fails_at;
  int commits = 0;

 private:
  store::Store& store_;
};

class EventPumpTest : public testing::Test {
 protected:
  std::map<std::string, int> Reactions() {
    auto session = house_.house.store->Read().value();
    store::RecordQuery query;
    query.limit = 100'000;
    std::map<std::string, int> count;
    const auto rows =
        house_.house.store->records().List(*session, model::OrgId(1), "reactions", query).value();
    for (const model::Record& row : rows) {
      ++count[row.parent];
    }
    return count;
  }
  void AppendMany(int count) {
    for (int i = 0; i < count; ++i) house_.Append("alert.fired", Value(Value::Object{}));
  }

  AutomationHouse house_;
};

TEST_F(EventPumpTest, EveryEventOnceAlsoOverManyDeaths) {
  for (const unsigned seed : {1u, 2u, 3u, 4u}) {
    std::mt19937 random(seed);
    const model::Monitor monitor =
        house_.AddMonitor("shop-" + std::to_string(seed), [](model::Monitor& m) {
          m.auto_incident = {true, 1, Seconds(0), std::nullopt};
          m.flapping.enabled = false;  // every change is to be told
        });
    const model::Channel channel = house_.AddChannel(
        model::ChannelScope::kLinked, [&](model::Channel& c) { c.monitors = {monitor.id}; });
    house_.Report(monitor, Status::kUp);
    for (int i = 0; i < 20; ++i) {
      house_.Report(monitor, i % 2 == 0 ? Status::kDown : Status::kUp);
      AppendMany(static_cast<int>(random() % 10));
    }
    ShakyStore shaky(*house_.house.store);
    shaky.fate = [&] { return static_cast<ShakyStore::Fate>(random() % 4); };
    Counting counting(shaky);
    const service::Context& real = *house_.house.context;
    const service::Context context{shaky,        real.directory, real.intake, real.overlays,
                                   real.notices, real.probes,    real.clock};
    bool done = false;
    for (int lives = 0; lives < 2'000 && !done; ++lives) {
      EventPump pump(context, {&counting}, house_.house.metrics);  // a new process
      Result<bool> more = true;
      while (more && *more) more = pump.Step();
      done = more.has_value();
    }
    ASSERT_TRUE(done);
    const auto reactions = Reactions();
    for (const model::Event& event : house_.Events()) {
      const auto found = reactions.find(std::to_string(event.id.value()));
      ASSERT_NE(found, reactions.end()) << event.kind;
      EXPECT_EQ(found->second, 1) << event.kind;
    }
    int told = 0;
    for (const model::Delivery& row : house_.Deliveries()) told += row.channel == channel.id;
    EXPECT_EQ(told, 20);
    int opened = 0;
    for (const model::Incident& incident : house_.Incidents()) {
      opened += incident.cause == monitor.id;
    }
    EXPECT_EQ(opened, 10);
  }
}

TEST_F(EventPumpTest, AnEventThatCannotBeReactedToIsSkippedAfterFiveTries) {
  AppendMany(70);
  house_.Append("beacon.odd", Value(Value::Object{}));
  AppendMany(5);
  Counting counting(*house_.house.store);
  counting.fails_at = "beacon.odd";
  EventPump pump(*house_.house.context, {&counting}, house_.house.metrics);
  int errors = 0;
  for (int i = 0; i < 1'000; ++i) {
    const Result<bool> more = pump.Step();
    if (!more) {
      ++errors;
    } else if (!*more) {
      break;
    }
  }
  EXPECT_EQ(errors, EventPump::kMaxStrikes - 1);
  const auto reactions = Reactions();
  EXPECT_EQ(reactions.size(), 75u);
  EXPECT_GT(counting.commits, 0);
}

TEST_F(EventPumpTest, AStoreInTroubleSkipsNothing) {
  AppendMany(3);
  ShakyStore shaky(*house_.house.store);
  shaky.fate = [] { return ShakyStore::Fate::kRefused; };
  const service::Context& real = *house_.house.context;
  const service::Context context{shaky,        real.directory, real.intake, real.overlays,
                                 real.notices, real.probes,    real.clock};
  Counting counting(shaky);
  EventPump pump(context, {&counting}, house_.house.metrics);
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(pump.Step());
  shaky.fate = [] { return ShakyStore::Fate::kFine; };
  const auto more = pump.Step();
  ASSERT_TRUE(more);
  EXPECT_EQ(Reactions().size(), 3u);
}

}  // namespace
}  // namespace pharos::automation
