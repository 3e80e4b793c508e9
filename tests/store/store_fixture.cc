#include "store_fixture.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "store/sqlite/sqlite_store.h"

namespace pharos::store {
namespace {

class SqliteFactory : public StoreFactory {
 public:
  explicit SqliteFactory(bool in_file) : in_file_(in_file) {
    std::string path = (std::filesystem::temp_directory_path() / "pharos-store-XXXXXX").string();
    EXPECT_NE(mkdtemp(path.data()), nullptr);
    directory_ = path;
  }
  ~SqliteFactory() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  bool IsDurable() const override { return in_file_; }
  std::unique_ptr<Store> Open(const StoreOptions& options) override {
    return OpenAt(in_file_ ? directory_ + "/pharos.db" : ":memory:", options);
  }
  std::unique_ptr<Store> OpenBackup(const std::string& path) override { return OpenAt(path, {}); }
  std::string BackupPath() override { return directory_ + "/backup.db"; }

 private:
  std::unique_ptr<Store> OpenAt(const std::string& path, const StoreOptions& options) {
    SqliteSettings settings;
    settings.path = path;
    settings.full_sync = false;  // tests of power cuts are elsewhere
    settings.max_queued_writes = options.max_queued_writes;
    settings.max_group = options.max_group;
    auto store = OpenSqliteStore(settings, clock_, metrics_);
    EXPECT_TRUE(store) << (store ? "" : store.error().detail);
    return store ? *std::move(store) : nullptr;
  }

  const bool in_file_;
  std::string directory_;
  FakeClock clock_;
  Metrics metrics_;
};

}  // namespace

std::vector<StoreKind> AllStoreKinds() {
  return {{"SqliteFile", [] { return std::make_unique<SqliteFactory>(true); }},
          {"SqliteMemory", [] { return std::make_unique<SqliteFactory>(false); }}};
}

model::OrgId StoreContract::PutOrg(const std::string& name) {
  model::Organisation org;
  org.name = name;
  return Put<model::Organisation>(
             [&](Transaction& tx) { return store_->organisations().Insert(tx, org); })
      .id;
}

model::Monitor StoreContract::PutMonitor(model::OrgId org, const std::string& tag) {
  model::Monitor monitor;
  monitor.org = org;
  monitor.tag = tag;
  monitor.name = "Monitor " + tag;
  monitor.kind = "manual";
  return Put<model::Monitor>(
      [&](Transaction& tx) { return store_->monitors().Insert(tx, monitor); });
}

model::Channel StoreContract::PutChannel(model::OrgId org) {
  model::Channel channel;
  channel.org = org;
  channel.kind = "webhook";
  channel.name = "Team";
  channel.config.Set("url", "http://127.0.0.1:1/hook");
  return Put<model::Channel>(
      [&](Transaction& tx) { return store_->deliveries().InsertChannel(tx, channel); });
}

void StoreContract::Append(const std::vector<model::MonitorSample>& samples) {
  Write([&](Transaction& tx) { return store_->history().Append(tx, samples); });
}

std::vector<model::Sample> StoreContract::ReadAll(model::MonitorId monitor) {
  const auto session = Read();
  return Value(store_->history().Read(*session, monitor, Timestamp::min(), Timestamp::max()));
}

Timestamp At(int hour, int minute, int second, int ms) {
  return FromUnixSeconds(1'772'582'400) + Hours(hour) + Minutes(minute) + Seconds(second) +
         Milliseconds(ms);
}

model::Sample MakeSample(Timestamp at, model::Status status, double latency_ms,
                         std::string message) {
  model::Sample sample;
  sample.at = at;
  sample.status = status;
  sample.observed = status;
  sample.latency_ms = latency_ms;
  sample.message = std::move(message);
  return sample;
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract, testing::ValuesIn(AllStoreKinds()),
                         [](const auto& row) { return row.param.name; });

}  // namespace pharos::store
