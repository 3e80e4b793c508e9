#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "store/store.h"

namespace pharos::sim {

// What a store does wrong at the moment. Thread-safe.
struct StoreFaults {
  // Nothing works any more: the process is dead for the store. What was committed stays.
  std::atomic<bool> dead{false};
  // Writes are refused before they begin, as with a full disk.
  std::atomic<bool> refuse_writes{false};
  // Writes run and are then rolled back, as when the commit fails.
  std::atomic<bool> fail_commits{false};
  std::atomic<bool> refuse_reads{false};
  // Every so many writes are run twice: once in a group that is rolled back, and then alone
  // (store.h, WriteFunction). 0 = never.
  std::atomic<int> repeat_every{0};
};

// A store that fails when told to; otherwise the one inside. Thread-safe.
class FailingStore : public store::Store {
 public:
  FailingStore(std::unique_ptr<store::Store> inner, StoreFaults& faults)
      : inner_(std::move(inner)), faults_(faults) {}

  Status Write(store::WriteFunction write) override {
    if (Status refused = Refused(); !refused) return refused;
    if (RepeatsThis()) {
      (void)inner_->Write([&](store::Transaction& tx) -> Status {
        (void)write(tx);
        return Failure("rolled back with its group");
      });
    }
    return inner_->Write(Wrap(std::move(write)));
  }
  void WriteAsync(store::WriteFunction write, store::WriteDone done) override {
    if (Status refused = Refused(); !refused) return done(std::move(refused));
    inner_->WriteAsync(Wrap(std::move(write)), std::move(done));
  }
  Result<std::unique_ptr<store::Session>> Read() override {
    if (faults_.dead || faults_.refuse_reads) return Failure("cannot be read");
    return inner_->Read();
  }

  store::OrganisationStore& organisations() override { return inner_->organisations(); }
  store::KeyStore& keys() override { return inner_->keys(); }
  store::AuditStore& audit() override { return inner_->audit(); }
  store::MonitorStore& monitors() override { return inner_->monitors(); }
  store::StateStore& states() override { return inner_->states(); }
  store::HistoryStore& history() override { return inner_->history(); }
  store::TransitionStore& transitions() override { return inner_->transitions(); }
  store::IncidentStore& incidents() override { return inner_->incidents(); }
  store::DeliveryStore& deliveries() override { return inner_->deliveries(); }
  store::SiteStore& site() override { return inner_->site(); }
  store::MaintenanceStore& maintenances() override { return inner_->maintenances(); }
  store::PageStore& pages() override { return inner_->pages(); }
  store::EventStore& events() override { return inner_->events(); }
  store::RecordStore& records() override { return inner_->records(); }
  store::SecretStore& secrets() override { return inner_->secrets(); }
  store::EvidenceStore& evidence() override { return inner_->evidence(); }
  Result<int64_t> ChangeCounter() override { return inner_->ChangeCounter(); }
  Status BackupTo(const std::string& path) override { return inner_->BackupTo(path); }

  // For after a crash: the committed rest, to be opened anew or used by the next life.
  std::unique_ptr<store::Store> TakeInner() { return std::move(inner_); }

 private:
  static Error Failure(const char* what) {
    return Error(ErrorKind::kInternal, std::string("the simulated store ") + what);
  }
  Status Refused() const {
    if (faults_.dead) return Failure("is gone");
    if (faults_.refuse_writes) return Failure("is full");
    return Ok();
  }
  store::WriteFunction Wrap(store::WriteFunction write) {
    if (!faults_.fail_commits) return write;
    return [write = std::move(write)](store::Transaction& tx) -> Status {
      PHAROS_RETURN_IF_ERROR(write(tx));
      return Failure("could not commit");
    };
  }
  bool RepeatsThis() {
    const int every = faults_.repeat_every;
    return every > 0 && !faults_.fail_commits && ++writes_ % every == 0;
  }

  std::unique_ptr<store::Store> inner_;
  StoreFaults& faults_;
  std::atomic<int> writes_{0};
};

}  // namespace pharos::sim
