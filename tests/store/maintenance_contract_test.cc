#include "store/maintenance_store.h"

#include "store_fixture.h"

namespace pharos::store {
namespace {

using model::MonitorId;
using model::Occurrence;
using model::OccurrenceState;
using model::OrgId;

model::Maintenance MakeMaintenance(OrgId org, const std::string& title) {
  model::Maintenance m;
  m.org = org;
  m.uid = "uid-" + title;
  m.title = title;
  m.description = "<b>why</b>";
  m.starts_at = At(1, 0);
  m.rrule = "FREQ=WEEKLY";
  m.time_zone = "Europe/Berlin";
  m.duration = Minutes(90);
  m.notify_started = false;
  m.notes.Set("kener_v4", "x");
  m.created_at = At(0, 1);
  m.updated_at = At(0, 2);
  return m;
}

class MaintenanceContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    other_ = PutOrg("other");
  }
  MaintenanceStore& port() { return store_->maintenances(); }
  model::Maintenance PutMaintenance(const model::Maintenance& m) {
    return Put<model::Maintenance>([&](Transaction& tx) { return port().Insert(tx, m); });
  }
  Occurrence PutOccurrence(const model::Maintenance& m, Timestamp starts_at,
                           OccurrenceState state = OccurrenceState::kScheduled) {
    Occurrence o;
    o.maintenance = m.id;
    o.org = m.org;
    o.starts_at = starts_at;
    o.ends_at = starts_at + Hours(1);
    o.state = state;
    o.created_at = o.updated_at = At(0, 3);
    return Put<Occurrence>([&](Transaction& tx) { return port().InsertOccurrence(tx, o); });
  }
  // Hours of start.
  std::vector<int> Starts(OrgId org, const OccurrenceQuery& query) {
    const auto session = Read();
    std::vector<int> hours;
    for (const Occurrence& o : Value(port().ListOccurrences(*session, org, query))) {
      EXPECT_EQ(o.org, org);
      hours.push_back(static_cast<int>((o.starts_at - At(0, 0)) / Hours(1)));
    }
    OccurrenceQuery whole = query;
    whole.limit = 1000;
    whole.offset = 0;
    EXPECT_EQ(Value(port().CountOccurrences(*session, org, query)),
              static_cast<int64_t>(Value(port().ListOccurrences(*session, org, whole)).size()));
    return hours;
  }

  OrgId other_;
};

INSTANTIATE_TEST_SUITE_P(Stores, MaintenanceContract, testing::ValuesIn(AllStoreKinds()),
                         [](const auto& row) { return row.param.name; });

void ExpectEqual(const model::Maintenance& a, const model::Maintenance& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.org, b.org);
  EXPECT_EQ(a.uid, b.uid);
  EXPECT_EQ(a.title, b.title);
  EXPECT_EQ(a.description, b.description);
  EXPECT_EQ(a.starts_at, b.starts_at);
  EXPECT_EQ(a.rrule, b.rrule);
  EXPECT_EQ(a.time_zone, b.time_zone);
  EXPECT_EQ(a.duration, b.duration);
  EXPECT_EQ(a.active, b.active);
  EXPECT_EQ(a.impacts, b.impacts);
  EXPECT_EQ(a.notify_scheduled, b.notify_scheduled);
  EXPECT_EQ(a.notify_started, b.notify_started);
  EXPECT_EQ(a.notify_ended, b.notify_ended);
  EXPECT_EQ(a.notes, b.notes);
  EXPECT_EQ(a.created_at, b.created_at);
  EXPECT_EQ(a.updated_at, b.updated_at);
}

TEST_P(MaintenanceContract, RoundTripAndUpdate) {
  const auto shop = PutMonitor(kDefaultOrg, "shop");
  const auto mail = PutMonitor(kDefaultOrg, "mail");
  model::Maintenance m = MakeMaintenance(kDefaultOrg, "move");
  m.impacts = {{mail.id, model::Status::kMaintenance}, {shop.id, model::Status::kUp}};
  m = PutMaintenance(m);
  ASSERT_TRUE(m.id.IsSet());
  auto session = Read();
  ExpectEqual(*Value(port().Find(*session, kDefaultOrg, m.id)), m);
  ExpectEqual(*Value(port().FindByUid(*session, kDefaultOrg, "uid-move")), m);

  model::Maintenance change = m;
  change.uid = "other";
  change.created_at = At(9, 9);
  change.title = "moved";
  change.description = std::nullopt;
  change.active = false;
  change.impacts = {{shop.id, model::Status::kDown}};
  change.updated_at = At(5, 5);
  Write([&](Transaction& tx) { return port().Update(tx, change); });
  change.uid = m.uid;
  change.created_at = m.created_at;
  session = Read();
  ExpectEqual(*Value(port().Find(*session, kDefaultOrg, m.id)), change);
}

TEST_P(MaintenanceContract, OtherOrganisationsSeeAndChangeNothing) {
  const model::Maintenance mine = PutMaintenance(MakeMaintenance(kDefaultOrg, "mine"));
  const Occurrence occurrence = PutOccurrence(mine, At(3, 0));
  const auto session = Read();
  EXPECT_FALSE(Value(port().Find(*session, other_, mine.id)));
  EXPECT_FALSE(Value(port().FindByUid(*session, other_, mine.uid)));
  EXPECT_TRUE(Value(port().List(*session, other_, {})).empty());
  EXPECT_FALSE(Value(port().FindOccurrence(*session, other_, occurrence.id)));
  EXPECT_TRUE(Starts(other_, {}).empty());
  OccurrenceQuery of_mine;
  of_mine.maintenance = mine.id;
  EXPECT_TRUE(Starts(other_, of_mine).empty());
  model::Maintenance stolen = mine;
  stolen.org = other_;
  Occurrence moved = occurrence;
  moved.org = other_;
  EXPECT_EQ(FailureOf([&](Transaction& tx) { return port().Update(tx, stolen); }),
            ErrorKind::kNotFound);
  EXPECT_EQ(FailureOf([&](Transaction& tx) { return port().Delete(tx, other_, mine.id); }),
            ErrorKind::kNotFound);
  EXPECT_EQ(FailureOf([&](Transaction& tx) { return port().UpdateOccurrence(tx, moved); }),
            ErrorKind::kNotFound);
  EXPECT_EQ(FailureOf([&](Transaction& tx) {
              return port().DeleteOccurrence(tx, other_, occurrence.id);
            }),
            ErrorKind::kNotFound);
  EXPECT_EQ(FailureOf([&](Transaction& tx) -> Status {
              PHAROS_RETURN_IF_ERROR(port().InsertOccurrence(tx, moved));
              return Ok();
            }),
            ErrorKind::kNotFound);
}

TEST_P(MaintenanceContract, ListsAreNewestFirstAndFiltered) {
  const auto shop = PutMonitor(kDefaultOrg, "shop");
  model::Maintenance a = MakeMaintenance(kDefaultOrg, "a");
  a.impacts = {{shop.id, model::Status::kMaintenance}};
  a = PutMaintenance(a);
  model::Maintenance b = MakeMaintenance(kDefaultOrg, "b");
  b.active = false;
  b = PutMaintenance(b);
  const model::Maintenance theirs = PutMaintenance(MakeMaintenance(other_, "theirs"));
  const auto session = Read();
  const auto titles = [&](const MaintenanceQuery& query) {
    std::string all;
    for (const auto& m : Value(port().List(*session, kDefaultOrg, query))) all += m.title;
    return all;
  };
  EXPECT_EQ(titles({}), "ba");
  EXPECT_EQ(titles({.active = true}), "a");
  EXPECT_EQ(titles({.active = false}), "b");
  EXPECT_EQ(titles({.monitor = shop.id}), "a");
  EXPECT_EQ(titles({.monitor = MonitorId(999)}), "");
  EXPECT_EQ(titles({.limit = 1}), "b");
  const auto active = Value(port().ListActive(*session, 10));
  ASSERT_EQ(active.size(), 2U);
  EXPECT_EQ(active[0].id, theirs.id);
  EXPECT_EQ(active[1].impacts, a.impacts);
  EXPECT_EQ(Value(port().ListActive(*session, 1)).size(), 1U);
}

TEST_P(MaintenanceContract, OccurrencesByTimeStateAndMonitor) {
  const auto shop = PutMonitor(kDefaultOrg, "shop");
  const auto mail = PutMonitor(kDefaultOrg, "mail");
  model::Maintenance a = MakeMaintenance(kDefaultOrg, "a");
  a.impacts = {{shop.id, model::Status::kDown}, {mail.id, model::Status::kDown}};
  a = PutMaintenance(a);
  const model::Maintenance b = PutMaintenance(MakeMaintenance(kDefaultOrg, "b"));
  const model::Maintenance theirs = PutMaintenance(MakeMaintenance(other_, "theirs"));
  PutOccurrence(a, At(8, 0), OccurrenceState::kCancelled);
  PutOccurrence(a, At(2, 0), OccurrenceState::kCompleted);
  PutOccurrence(b, At(4, 0), OccurrenceState::kOngoing);
  PutOccurrence(a, At(6, 0), OccurrenceState::kReady);
  PutOccurrence(theirs, At(5, 0));

  using Hours = std::vector<int>;
  EXPECT_EQ(Starts(kDefaultOrg, {}), (Hours{2, 4, 6, 8}));
  EXPECT_EQ(Starts(kDefaultOrg, {.newest_first = true, .limit = 2, .offset = 1}), (Hours{6, 4}));
  EXPECT_EQ(Starts(kDefaultOrg, {.maintenance = a.id}), (Hours{2, 6, 8}));
  EXPECT_EQ(Starts(kDefaultOrg, {.maintenance = a.id, .newest_first = true, .limit = 1}),
            (Hours{8}));
  EXPECT_EQ(Starts(kDefaultOrg, {.starts_from = At(4, 0), .starts_to = At(6, 0)}), (Hours{4, 6}));
  EXPECT_EQ(Starts(kDefaultOrg, {.ends_from = At(5, 0)}), (Hours{4, 6, 8}));
  EXPECT_EQ(Starts(kDefaultOrg, {.ends_from = At(5, 0, 1)}), (Hours{6, 8}));
  EXPECT_EQ(Starts(kDefaultOrg, {.states = {OccurrenceState::kOngoing, OccurrenceState::kReady}}),
            (Hours{4, 6}));
  EXPECT_EQ(Starts(kDefaultOrg, {.monitors = std::vector<MonitorId>{mail.id, shop.id}}),
            (Hours{2, 6, 8}));
  EXPECT_EQ(Starts(kDefaultOrg, {.monitors = std::vector<MonitorId>{}}), Hours{});
  EXPECT_EQ(Starts(other_, {.monitors = std::vector<MonitorId>{shop.id}}), Hours{});
  const auto session = Read();
  const auto living = Value(port().ListLiving(*session));
  ASSERT_EQ(living.size(), 3U);
  EXPECT_EQ(living[0].maintenance, b.id);
  EXPECT_EQ(living[1].maintenance, theirs.id);
  EXPECT_EQ(living[2].state, OccurrenceState::kReady);
}

TEST_P(MaintenanceContract, OccurrencesMoveAndGoWithTheirMaintenance) {
  const model::Maintenance mine = PutMaintenance(MakeMaintenance(kDefaultOrg, "mine"));
  const model::Maintenance theirs = PutMaintenance(MakeMaintenance(other_, "theirs"));
  Occurrence first = PutOccurrence(mine, At(2, 0));
  const Occurrence second = PutOccurrence(mine, At(4, 0));
  PutOccurrence(theirs, At(3, 0));
  first.starts_at = At(6, 0);
  first.ends_at = At(6, 30);
  first.state = OccurrenceState::kOngoing;
  first.updated_at = At(6, 1);
  Write([&](Transaction& tx) { return port().UpdateOccurrence(tx, first); });
  {
    const auto session = Read();
    const auto found = Value(port().FindOccurrence(*session, kDefaultOrg, first.id));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->starts_at, At(6, 0));
    EXPECT_EQ(found->ends_at, At(6, 30));
    EXPECT_EQ(found->state, OccurrenceState::kOngoing);
    EXPECT_EQ(found->created_at, At(0, 3));
    EXPECT_EQ(found->updated_at, At(6, 1));
  }
  Write([&](Transaction& tx) { return port().DeleteOccurrence(tx, kDefaultOrg, second.id); });
  EXPECT_EQ(Starts(kDefaultOrg, {}), (std::vector<int>{6}));
  Write([&](Transaction& tx) { return port().Delete(tx, kDefaultOrg, mine.id); });
  EXPECT_TRUE(Starts(kDefaultOrg, {}).empty());
  EXPECT_EQ(Starts(other_, {}), (std::vector<int>{3}));
}

}  // namespace
}  // namespace pharos::store
