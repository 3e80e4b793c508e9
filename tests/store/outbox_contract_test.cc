#include <map>
#include <random>

#include "store/event_store.h"
#include "store/record_store.h"
#include "store_fixture.h"

namespace pharos::store {
namespace {

using model::EventId;
using model::OrgId;

class OutboxContract : public StoreContract {
 protected:
  EventStore& events() { return store_->events(); }
  RecordStore& records() { return store_->records(); }
  void Happen(OrgId org, int number, Timestamp at = At(1, 0)) {
    model::Event event;
    event.org = org;
    event.at = at;
    event.kind = model::kMonitorTransition;
    event.data.Set("number", number);
    Write([&](Transaction& tx) { return events().Append(tx, event); });
  }
  std::vector<model::Event> After(EventId place, int limit = 1000) {
    const auto session = Read();
    return Value(events().ListAfter(*session, place, limit));
  }
  EventId PlaceOf(const std::string& reader) {
    const auto session = Read();
    return Value(events().PlaceOf(*session, reader));
  }
  void MoveTo(const std::string& reader, EventId place) {
    Write([&](Transaction& tx) { return events().SetPlace(tx, reader, place); });
  }

  model::Record MakeRecord(OrgId org, const std::string& uid, const std::string& key = "") {
    model::Record record;
    record.org = org;
    record.collection = "workflows";
    record.uid = uid;
    record.key = key;
    record.data.Set("name", uid);
    record.created_at = record.updated_at = At(1, 0);
    return record;
  }
  model::Record PutRecord(const model::Record& record) {
    return Put<model::Record>([&](Transaction& tx) { return records().Insert(tx, record); });
  }
  std::string Uids(OrgId org, const RecordQuery& query = {}) {
    const auto session = Read();
    std::string uids;
    for (const auto& r : Value(records().List(*session, org, "workflows", query))) {
      EXPECT_EQ(r.org, org);
      uids += r.uid;
    }
    return uids;
  }
  int64_t CountOf(OrgId org, const RecordQuery& query = {}) {
    const auto session = Read();
    return Value(records().Count(*session, org, "workflows", query));
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, OutboxContract, testing::ValuesIn(AllStoreKinds()),
                         [](const auto& row) { return row.param.name; });

TEST_P(OutboxContract, EventsComeInOrderWithTheirOrganisation) {
  const OrgId other = PutOrg("other");
  Happen(kDefaultOrg, 1, At(3, 0));
  Happen(other, 2, At(2, 0));
  Happen(kDefaultOrg, 3, At(1, 0));
  const auto all = After(EventId());
  ASSERT_EQ(all.size(), 3U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(all[static_cast<size_t>(i)].data.IntOr("number", 0), i + 1);
    EXPECT_EQ(all[static_cast<size_t>(i)].kind, model::kMonitorTransition);
  }
  EXPECT_EQ(all[1].org, other);
  EXPECT_EQ(all[1].at, At(2, 0));
  EXPECT_EQ(After(EventId(), 2).size(), 2U);
  EXPECT_EQ(After(all[1].id).size(), 1U);
  EXPECT_TRUE(After(all[2].id).empty());
}

TEST_P(OutboxContract, WhatIsRolledBackHasNotHappened) {
  EXPECT_EQ(FailureOf([&](Transaction& tx) -> Status {
              model::Event event;
              event.org = kDefaultOrg;
              event.kind = "monitor.transition";
              PHAROS_RETURN_IF_ERROR(events().Append(tx, event));
              return Error(ErrorKind::kInvalid, "no");
            }),
            ErrorKind::kInvalid);
  EXPECT_TRUE(After(EventId()).empty());
}

// Readers at their own pace, a pruner and new events: each reader sees each event exactly once and
// in order, whatever the interleaving.
TEST_P(OutboxContract, EveryReaderSeesEveryEventOnce) {
  std::mt19937 random(20'260'304);
  const std::vector<std::string> readers = {"alerts", "workflows", "webhooks"};
  std::map<std::string, std::vector<int>> seen;
  for (const std::string& reader : readers) MoveTo(reader, EventId());
  int happened = 0;
  for (int step = 0; step < 300; ++step) {
    const std::string& reader = readers[random() % readers.size()];
    switch (random() % 4) {
      case 0:
      case 1:
        ++happened;
        Happen(kDefaultOrg, happened, At(1, 0) + Seconds(happened));
        break;
      case 2:
        Write([&](Transaction& tx) -> Status {
          PHAROS_ASSIGN_OR_RETURN(const EventId place, events().PlaceOf(tx, reader));
          PHAROS_ASSIGN_OR_RETURN(
              const auto news, events().ListAfter(tx, place, 1 + static_cast<int>(random() % 5)));
          if (news.empty()) return Ok();
          for (const model::Event& event : news) {
            seen[reader].push_back(static_cast<int>(event.data.IntOr("number", 0)));
          }
          return events().SetPlace(tx, reader, news.back().id);
        });
        break;
      default:
        Write([&](Transaction& tx) {
          return events().Prune(tx, At(1, 0) + Seconds(static_cast<int>(random() % 200)));
        });
    }
    if (step == 150 && factory_->IsDurable()) Open();
  }
  for (const std::string& reader : readers) {
    for (const model::Event& event : After(PlaceOf(reader))) {
      seen[reader].push_back(static_cast<int>(event.data.IntOr("number", 0)));
    }
    ASSERT_EQ(seen[reader].size(), static_cast<size_t>(happened)) << reader;
    for (int i = 0; i < happened; ++i) EXPECT_EQ(seen[reader][static_cast<size_t>(i)], i + 1);
  }
}

TEST_P(OutboxContract, PruningSparesWhatIsYoungOrUnread) {
  Happen(kDefaultOrg, 1, At(1, 0));
  Happen(kDefaultOrg, 2, At(2, 0));
  Happen(kDefaultOrg, 3, At(3, 0));
  const auto prune = [&](Timestamp before) {
    Write([&, before](Transaction& tx) { return events().Prune(tx, before); });
    return After(EventId()).size();
  };
  EXPECT_EQ(prune(At(9, 0)), 3U) << "nobody has read anything";
  const auto all = After(EventId());
  MoveTo("a", all[2].id);
  MoveTo("b", all[1].id);
  EXPECT_EQ(prune(At(2, 0)), 2U);
  EXPECT_EQ(prune(At(9, 0)), 1U);
  MoveTo("b", all[2].id);
  EXPECT_EQ(prune(At(9, 0)), 0U);
  // Numbers are not used again, or a reader would miss what comes next.
  Happen(kDefaultOrg, 4);
  EXPECT_EQ(After(PlaceOf("a")).size(), 1U);
}

TEST_P(OutboxContract, RecordRoundTripUpdateAndDelete) {
  const OrgId other = PutOrg("other");
  model::Record mine = MakeRecord(kDefaultOrg, "a", "key-a");
  mine.parent = "p";
  mine = PutRecord(mine);
  ASSERT_TRUE(mine.id.IsSet());
  const auto find = [&](OrgId org, const std::string& collection) {
    const auto session = Read();
    return Value(records().Find(*session, org, collection, "a"));
  };
  auto found = find(kDefaultOrg, "workflows");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, mine.id);
  EXPECT_EQ(found->key, "key-a");
  EXPECT_EQ(found->parent, "p");
  EXPECT_EQ(found->data, mine.data);
  EXPECT_EQ(found->created_at, At(1, 0));
  EXPECT_FALSE(find(other, "workflows"));
  EXPECT_FALSE(find(kDefaultOrg, "alerts"));

  model::Record change = mine;
  change.key = "key-b";
  change.parent = "q";
  change.data.Set("name", "new");
  change.created_at = At(9, 9);
  change.updated_at = At(2, 0);
  Write([&](Transaction& tx) { return records().Update(tx, change); });
  found = find(kDefaultOrg, "workflows");
  EXPECT_EQ(found->key, "key-b");
  EXPECT_EQ(found->parent, "q");
  EXPECT_EQ(found->data, change.data);
  EXPECT_EQ(found->created_at, At(1, 0));
  EXPECT_EQ(found->updated_at, At(2, 0));

  change.org = other;
  EXPECT_EQ(FailureOf([&](Transaction& tx) { return records().Update(tx, change); }),
            ErrorKind::kNotFound);
  EXPECT_EQ(
      FailureOf([&](Transaction& tx) { return records().Delete(tx, other, "workflows", "a"); }),
      ErrorKind::kNotFound);
  Write([&](Transaction& tx) { return records().Delete(tx, kDefaultOrg, "workflows", "a"); });
  EXPECT_FALSE(find(kDefaultOrg, "workflows"));
}

TEST_P(OutboxContract, RecordKeysAreUniqueInTheirCollection) {
  const OrgId other = PutOrg("other");
  const auto mine = PutRecord(MakeRecord(kDefaultOrg, "a", "k"));
  PutRecord(MakeRecord(other, "b", "k"));
  PutRecord(MakeRecord(other, "c", "only"));
  PutRecord(MakeRecord(kDefaultOrg, "x"));
  auto keyless = PutRecord(MakeRecord(kDefaultOrg, "y"));
  EXPECT_EQ(FailureOf([&](Transaction& tx) -> Status {
              PHAROS_RETURN_IF_ERROR(records().Insert(tx, MakeRecord(kDefaultOrg, "z", "k")));
              return Ok();
            }),
            ErrorKind::kConflict);
  keyless.key = "k";
  EXPECT_EQ(FailureOf([&](Transaction& tx) { return records().Update(tx, keyless); }),
            ErrorKind::kConflict);
  const auto session = Read();
  const auto by_key = [&](OrgId org, const char* key) {
    const auto found = Value(records().FindByKey(*session, org, "workflows", key));
    return found ? found->uid : "";
  };
  const auto anywhere = [&](const char* collection, const char* key) {
    const auto found = Value(records().FindByKeyAnywhere(*session, collection, key));
    return found ? found->uid : "";
  };
  EXPECT_EQ(by_key(kDefaultOrg, "k"), "a");
  EXPECT_EQ(by_key(other, "k"), "b");
  EXPECT_EQ(by_key(kDefaultOrg, "only"), "");
  EXPECT_EQ(by_key(kDefaultOrg, ""), "");
  EXPECT_EQ(anywhere("workflows", "only"), "c");
  EXPECT_EQ(anywhere("workflows", "k"), "a");
  EXPECT_EQ(anywhere("workflows", ""), "");
  EXPECT_EQ(anywhere("alerts", "only"), "");
}

TEST_P(OutboxContract, RecordsAreListedCountedAndTrimmed) {
  const OrgId other = PutOrg("other");
  for (int i = 0; i < 6; ++i) {
    model::Record record = MakeRecord(kDefaultOrg, std::string(1, static_cast<char>('a' + i)));
    record.parent = i % 2 == 0 ? "even" : "odd";
    record.created_at = At(i, 0);
    PutRecord(record);
  }
  model::Record theirs = MakeRecord(other, "t");
  theirs.parent = "even";
  theirs.created_at = At(20, 0);
  PutRecord(theirs);
  EXPECT_EQ(Uids(kDefaultOrg), "abcdef");
  EXPECT_EQ(Uids(kDefaultOrg, {.newest_first = true, .limit = 2, .offset = 1}), "ed");
  EXPECT_EQ(Uids(kDefaultOrg, {.parent = "odd"}), "bdf");
  EXPECT_EQ(Uids(kDefaultOrg, {.parent = "even", .newest_first = true, .limit = 1}), "e");
  EXPECT_EQ(Uids(kDefaultOrg, {.created_from = At(4, 0)}), "ef");
  EXPECT_EQ(CountOf(kDefaultOrg), 6);
  EXPECT_EQ(CountOf(kDefaultOrg, {.parent = "odd", .limit = 1}), 3);
  EXPECT_EQ(CountOf(kDefaultOrg, {.created_from = At(4, 0)}), 2);
  EXPECT_EQ(Uids(other), "t");

  Write([&](Transaction& tx) { return records().Trim(tx, "workflows", At(1, 0), 2); });
  EXPECT_EQ(Uids(kDefaultOrg), "cdef");
  EXPECT_EQ(Uids(other), "t");
  Write([&](Transaction& tx) {
    return records().DeleteChildren(tx, kDefaultOrg, "workflows", "even");
  });
  EXPECT_EQ(Uids(kDefaultOrg), "df");
  EXPECT_EQ(Uids(other), "t");
  Write([&](Transaction& tx) { return records().Trim(tx, "alerts", At(23, 0), 0); });
  EXPECT_EQ(Uids(kDefaultOrg), "df");
}

}  // namespace
}  // namespace pharos::store
