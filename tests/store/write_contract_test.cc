#include <atomic>
#include <future>
#include <thread>

#include "store_fixture.h"

namespace pharos::store {
namespace {

class WriteContract : public StoreContract {
 protected:
  Status InsertOrg(Transaction& tx, const std::string& name) {
    model::Organisation org;
    org.name = name;
    PHAROS_RETURN_IF_ERROR(store_->organisations().Insert(tx, org));
    return Ok();
  }
  size_t CountOrgs(Session& session) { return Value(store_->organisations().List(session)).size(); }
  size_t CountOrgs() {
    const auto session = Read();
    return CountOrgs(*session);
  }
  // Holds the writer inside a function until the returned promise is set.
  std::future<void> HoldWriter(std::shared_future<void> release) {
    auto entered = std::make_shared<std::promise<void>>();
    std::future<void> inside = entered->get_future();
    store_->WriteAsync(
        [entered, release](Transaction&) {
          entered->set_value();
          release.wait();
          return Ok();
        },
        [](const Status&) {});
    return inside;
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, WriteContract, testing::ValuesIn(AllStoreKinds()),
                         [](const auto& row) { return row.param.name; });

TEST_P(WriteContract, ErrorRollsBackAndComesBack) {
  EXPECT_EQ(FailureOf([&](Transaction& tx) -> Status {
              PHAROS_RETURN_IF_ERROR(InsertOrg(tx, "lost"));
              return Error(ErrorKind::kForbidden, "no");
            }),
            ErrorKind::kForbidden);
  EXPECT_EQ(CountOrgs(), 1U);
}

TEST_P(WriteContract, ReadsInsideAWriteSeeTheWritesBefore) {
  Write([&](Transaction& tx) -> Status {
    PHAROS_RETURN_IF_ERROR(InsertOrg(tx, "a"));
    EXPECT_EQ(CountOrgs(tx), 2U);
    return Ok();
  });
}

TEST_P(WriteContract, OneFailureInAGroupLeavesTheOthersAlone) {
  std::promise<void> release;
  HoldWriter(release.get_future().share()).wait();
  // These queue up behind the held writer and are committed as one group.
  std::vector<std::future<Status>> outcomes;
  const auto enqueue = [&](WriteFunction write) {
    auto done = std::make_shared<std::promise<Status>>();
    outcomes.push_back(done->get_future());
    store_->WriteAsync(std::move(write), [done](Status s) { done->set_value(std::move(s)); });
  };
  const auto sample = [](int minute) {
    return model::MonitorSample{model::MonitorId(7),
                                MakeSample(At(1, minute), model::Status::kUp, 1)};
  };
  for (int i = 0; i < 6; ++i) {
    enqueue([this, i, sample](Transaction& tx) -> Status {
      PHAROS_RETURN_IF_ERROR(InsertOrg(tx, "org" + std::to_string(i)));
      const model::MonitorSample s = sample(i);
      PHAROS_RETURN_IF_ERROR(store_->history().Append(tx, std::span(&s, 1)));
      if (i == 3) return Error(ErrorKind::kConflict, "changed my mind");
      return Ok();
    });
  }
  // A unique name taken by a function before it in the same group.
  enqueue([this](Transaction& tx) { return InsertOrg(tx, "org0"); });
  release.set_value();
  for (size_t i = 0; i < outcomes.size(); ++i) {
    const Status outcome = outcomes[i].get();
    EXPECT_EQ(outcome.has_value(), i != 3 && i != 6) << i;
  }
  EXPECT_EQ(CountOrgs(), 6U);
  const auto samples = ReadAll(model::MonitorId(7));
  ASSERT_EQ(samples.size(), 5U);
  EXPECT_EQ(samples[3].at, At(1, 4));
}

TEST_P(WriteContract, SessionKeepsItsViewWhileOthersWrite) {
  const auto session = Read();
  EXPECT_EQ(CountOrgs(*session), 1U);
  PutOrg("later");
  Append({{model::MonitorId(1), MakeSample(At(1, 0), model::Status::kUp)}});
  EXPECT_EQ(CountOrgs(*session), 1U);
  EXPECT_TRUE(
      Value(store_->history().Read(*session, model::MonitorId(1), At(0, 0), At(9, 0))).empty());
  EXPECT_EQ(CountOrgs(), 2U);
  EXPECT_EQ(ReadAll(model::MonitorId(1)).size(), 1U);
}

TEST_P(WriteContract, SessionFromBeforeAFoldSeesTheSameHistory) {
  const model::MonitorId monitor(1);
  Append({{monitor, MakeSample(At(1, 0), model::Status::kUp, 5)},
          {monitor, MakeSample(At(1, 1), model::Status::kDown)}});
  const auto session = Read();
  EXPECT_EQ(Value(store_->history().Fold(At(2, 0))), 2U);
  EXPECT_EQ(Value(store_->history().Fold(At(2, 0))), 0U);
  EXPECT_EQ(Value(store_->history().Read(*session, monitor, At(0, 0), At(9, 0))).size(), 2U);
  Append({{monitor, MakeSample(At(1, 0), model::Status::kDegraded, 6)}});
  EXPECT_EQ(Value(store_->history().Fold(At(2, 0))), 1U);
  const auto old = Value(store_->history().Read(*session, monitor, At(0, 0), At(9, 0)));
  ASSERT_EQ(old.size(), 2U);
  EXPECT_EQ(old[0].status, model::Status::kUp);
  EXPECT_EQ(ReadAll(monitor).at(0).status, model::Status::kDegraded);
}

TEST_P(WriteContract, FullQueueRefuses) {
  StoreOptions options;
  options.max_queued_writes = 3;
  Open(options);
  std::promise<void> release;
  HoldWriter(release.get_future().share()).wait();
  std::atomic<int> done = 0;
  std::atomic<int> refused = 0;
  for (int i = 0; i < 8; ++i) {
    store_->WriteAsync([](Transaction&) { return Ok(); },
                       [&](const Status& s) {
                         ++done;
                         if (!s && s.error().kind == ErrorKind::kUnavailable) ++refused;
                       });
  }
  EXPECT_EQ(refused, 5);
  release.set_value();
  store_.reset();
  EXPECT_EQ(done, 8);
  EXPECT_EQ(refused, 5);
}

TEST_P(WriteContract, ClosingRunsWhatIsQueued) {
  std::promise<void> release;
  HoldWriter(release.get_future().share()).wait();
  std::atomic<int> succeeded = 0;
  OrganisationStore& organisations = store_->organisations();
  for (int i = 0; i < 20; ++i) {
    store_->WriteAsync(
        [&organisations, i](Transaction& tx) -> Status {
          model::Organisation org;
          org.name = std::to_string(i);
          PHAROS_RETURN_IF_ERROR(organisations.Insert(tx, org));
          return Ok();
        },
        [&](const Status& s) { succeeded += s ? 1 : 0; });
  }
  release.set_value();
  if (!factory_->IsDurable()) {
    store_.reset();
    EXPECT_EQ(succeeded, 20);
    return;
  }
  Open();
  EXPECT_EQ(succeeded, 20);
  EXPECT_EQ(CountOrgs(), 21U);
}

TEST_P(WriteContract, ChangeCounterMovesWithEveryCommit) {
  const auto counter = [&] { return Value(store_->ChangeCounter()); };
  const int64_t first = counter();
  EXPECT_EQ(counter(), first);
  PutOrg("a");
  const int64_t second = counter();
  EXPECT_NE(second, first);
  PutOrg("b");
  EXPECT_NE(counter(), second);
}

TEST_P(WriteContract, ReadersNeverSeeHalfAWrite) {
  const model::MonitorId monitor(1);
  std::atomic<bool> stop = false;
  std::atomic<int> looked = 0;
  std::vector<std::thread> readers;
  for (int r = 0; r < 3; ++r) {
    readers.emplace_back([&] {
      while (!stop) {
        const auto session = Read();
        // Each write adds one organisation and two samples.
        const size_t orgs = CountOrgs(*session);
        const auto samples = Value(store_->history().Read(*session, monitor, At(0, 0), At(23, 0)));
        EXPECT_EQ(samples.size(), 2 * (orgs - 1));
        ++looked;
      }
    });
  }
  for (int i = 0; i < 60; ++i) {
    Write([&](Transaction& tx) -> Status {
      PHAROS_RETURN_IF_ERROR(InsertOrg(tx, "org" + std::to_string(i)));
      const std::vector<model::MonitorSample> samples = {
          {monitor, MakeSample(At(1, 0, 2 * i), model::Status::kUp, i + 1)},
          {monitor, MakeSample(At(1, 0, 2 * i + 1), model::Status::kUp, i + 1)}};
      return store_->history().Append(tx, samples);
    });
    if (i % 7 == 0) {
      EXPECT_TRUE(store_->history().Fold(At(1, 0, i)));
    }
  }
  while (looked < 10) std::this_thread::yield();
  stop = true;
  for (std::thread& reader : readers) reader.join();
}

TEST_P(WriteContract, ManyWritersAllCommit) {
  std::vector<std::thread> writers;
  std::atomic<int> failures = 0;
  for (int w = 0; w < 4; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < 50; ++i) {
        const Status s = store_->Write([&](Transaction& tx) {
          return InsertOrg(tx, std::to_string(w) + "-" + std::to_string(i));
        });
        if (!s) ++failures;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(CountOrgs(), 201U);
}

TEST_P(WriteContract, BackupHoldsEverythingAndIsIndependent) {
  PutOrg("a");
  Append({{model::MonitorId(1), MakeSample(At(1, 0), model::Status::kUp, 5)}});
  Value(store_->history().Fold(At(2, 0)));
  Append({{model::MonitorId(1), MakeSample(At(3, 0), model::Status::kDown)}});
  const std::string path = factory_->BackupPath();
  const Status copied = store_->BackupTo(path);
  ASSERT_TRUE(copied) << copied.error().detail;
  PutOrg("b");
  const Status again = store_->BackupTo(path);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::kConflict);
  const auto copy = factory_->OpenBackup(path);
  ASSERT_NE(copy, nullptr);
  auto session = copy->Read();
  ASSERT_TRUE(session);
  EXPECT_EQ(Value(copy->organisations().List(**session)).size(), 2U);
  EXPECT_EQ(Value(copy->history().Read(**session, model::MonitorId(1), At(0, 0), At(9, 0))).size(),
            2U);
}

TEST_P(WriteContract, CommittedWritesSurviveReopening) {
  if (!factory_->IsDurable()) GTEST_SKIP() << "this store forgets";
  PutOrg("a");
  Append({{model::MonitorId(1), MakeSample(At(1, 0), model::Status::kUp, 5, "hello")}});
  Open();
  EXPECT_EQ(CountOrgs(), 2U);
  const auto samples = ReadAll(model::MonitorId(1));
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_EQ(samples[0].message, "hello");
}

// Two stores on the same place stand for two processes: a server and the command line.
TEST_P(WriteContract, AnotherProcessIsNoticed) {
  if (!factory_->IsDurable()) GTEST_SKIP() << "this store has one owner";
  const model::MonitorId monitor(1);
  Append({{monitor, MakeSample(At(1, 0), model::Status::kUp, 5)}});
  const int64_t before = Value(store_->ChangeCounter());
  {
    const auto other = factory_->Open({});
    ASSERT_TRUE(other->Write([&](Transaction& tx) -> Status {
      PHAROS_RETURN_IF_ERROR(InsertOrg(tx, "theirs"));
      const model::MonitorSample s{monitor, MakeSample(At(1, 1), model::Status::kDown)};
      return other->history().Append(tx, std::span(&s, 1));
    }));
  }
  EXPECT_NE(Value(store_->ChangeCounter()), before);
  EXPECT_EQ(CountOrgs(), 2U);
  EXPECT_EQ(ReadAll(monitor).size(), 2U);
  EXPECT_EQ(Value(store_->history().Fold(At(2, 0))), 1U);
  EXPECT_EQ(Value(store_->history().Fold(At(2, 0))), 1U);
  EXPECT_EQ(ReadAll(monitor).size(), 2U);
}

TEST_P(WriteContract, FoldByAnotherProcessLosesNothing) {
  if (!factory_->IsDurable()) GTEST_SKIP() << "this store has one owner";
  const model::MonitorId monitor(1);
  Append({{monitor, MakeSample(At(1, 0), model::Status::kUp, 5)}});
  {
    const auto other = factory_->Open({});
    ASSERT_TRUE(other->Write([&](Transaction& tx) {
      const std::vector<model::MonitorSample> newer = {
          {monitor, MakeSample(At(1, 0), model::Status::kDown)},
          {monitor, MakeSample(At(1, 1), model::Status::kDown)}};
      return other->history().Append(tx, newer);
    }));
    EXPECT_TRUE(other->history().Fold(At(2, 0)));
  }
  Append({{monitor, MakeSample(At(1, 2), model::Status::kUp, 7)}});
  Value(store_->history().Fold(At(2, 0)));
  const auto samples = ReadAll(monitor);
  ASSERT_EQ(samples.size(), 3U);
  EXPECT_EQ(samples[0].status, model::Status::kDown);
}

}  // namespace
}  // namespace pharos::store
