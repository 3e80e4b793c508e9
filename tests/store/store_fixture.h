#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/fake_clock.h"
#include "base/metrics.h"
#include "model/monitor.h"
#include "store/audit_store.h"
#include "store/delivery_store.h"
#include "store/event_store.h"
#include "store/history_store.h"
#include "store/incident_store.h"
#include "store/key_store.h"
#include "store/maintenance_store.h"
#include "store/monitor_store.h"
#include "store/organisation_store.h"
#include "store/page_store.h"
#include "store/record_store.h"
#include "store/site_store.h"
#include "store/state_store.h"
#include "store/store.h"
#include "store/transition_store.h"

namespace pharos::store {

struct StoreOptions {
  size_t max_queued_writes = 10'000;
  size_t max_group = 512;
};

// One kind of store. A place is where its data lives; stores that forget have none.
class StoreFactory {
 public:
  virtual ~StoreFactory() = default;
  virtual bool IsDurable() const = 0;
  // Opens the store at the same place each time.
  virtual std::unique_ptr<Store> Open(const StoreOptions& options) = 0;
  // Opens the copy that a backup made of it.
  virtual std::unique_ptr<Store> OpenBackup(const std::string& path) = 0;
  // A fresh path for a backup.
  virtual std::string BackupPath() = 0;
};

struct StoreKind {
  std::string name;
  std::function<std::unique_ptr<StoreFactory>()> make;
};
std::vector<StoreKind> AllStoreKinds();

// Runs each test over each kind of store.
class StoreContract : public testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override {
    factory_ = GetParam().make();
    Open();
  }
  void Open(const StoreOptions& options = {}) {
    store_.reset();
    store_ = factory_->Open(options);
    ASSERT_NE(store_, nullptr);
  }

  // Writes and expects success.
  void Write(const WriteFunction& write) {
    const Status status = store_->Write(write);
    ASSERT_TRUE(status) << status.error().message << " " << status.error().detail;
  }
  // What a write of one noun gives back; records a failure and gives a default on errors.
  template <class T>
  T Put(const std::function<Result<T>(Transaction&)>& write) {
    T stored{};
    Write([&](Transaction& tx) -> Status {
      PHAROS_ASSIGN_OR_RETURN(stored, write(tx));
      return Ok();
    });
    return stored;
  }
  ErrorKind FailureOf(const WriteFunction& write) {
    const Status status = store_->Write(write);
    if (!status) return status.error().kind;
    ADD_FAILURE() << "the write succeeded";
    return ErrorKind::kInternal;
  }
  std::unique_ptr<Session> Read() {
    auto session = store_->Read();
    if (session) return *std::move(session);
    ADD_FAILURE() << session.error().message;
    return nullptr;
  }
  // The value of a result that must be one.
  template <class T>
  static T Value(Result<T> result) {
    if (result) return *std::move(result);
    ADD_FAILURE() << result.error().message << " " << result.error().detail;
    return T{};
  }

  model::OrgId PutOrg(const std::string& name);
  model::Monitor PutMonitor(model::OrgId org, const std::string& tag);
  model::Channel PutChannel(model::OrgId org);
  void Append(const std::vector<model::MonitorSample>& samples);
  std::vector<model::Sample> ReadAll(model::MonitorId monitor);

  static constexpr model::OrgId kDefaultOrg{1};

  std::unique_ptr<StoreFactory> factory_;
  std::unique_ptr<Store> store_;
};

// A time on 2026-03-04 (UTC), a Wednesday.
Timestamp At(int hour, int minute, int second = 0, int ms = 0);
model::Sample MakeSample(Timestamp at, model::Status status, double latency_ms = 0,
                         std::string message = {});

}  // namespace pharos::store
