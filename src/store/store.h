#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "store/session.h"

namespace pharos::store {

class AuditStore;
class DeliveryStore;
class EventStore;
class EvidenceStore;
class HistoryStore;
class IncidentStore;
class KeyStore;
class MaintenanceStore;
class MonitorStore;
class OrganisationStore;
class PageStore;
class RecordStore;
class SecretStore;
class SiteStore;
class StateStore;
class TransitionStore;

// Work to be done in one transaction. An error rolls back what this function did and nothing else.
// It may run again after a rollback of the group, so it must have no effects outside the store.
using WriteFunction = std::function<Status(Transaction&)>;
using WriteDone = std::function<void(Status)>;

// The store: one port per aggregate, one way to write. Thread-safe. All writes go through one
// writer with group commit: many functions, one durable commit (architecture D5); readers never
// block it.
class Store {
 public:
  virtual ~Store() = default;

  // Runs `write` on the writer and returns after its commit is durable. Errors: what `write`
  // returned; kUnavailable when the queue is full or the store is closing; kInternal from the
  // database. Must not be called from inside a write.
  virtual Status Write(WriteFunction write) = 0;
  // The same without waiting; `done` runs on the writer's thread after the commit and must be
  // short.
  virtual void WriteAsync(WriteFunction write, WriteDone done) = 0;
  // A view for reading, taken from a pool; give it back soon by destroying it.
  virtual Result<std::unique_ptr<Session>> Read() = 0;

  virtual OrganisationStore& organisations() = 0;
  virtual KeyStore& keys() = 0;
  virtual AuditStore& audit() = 0;
  virtual MonitorStore& monitors() = 0;
  virtual StateStore& states() = 0;
  virtual HistoryStore& history() = 0;
  virtual TransitionStore& transitions() = 0;
  virtual IncidentStore& incidents() = 0;
  virtual DeliveryStore& deliveries() = 0;
  virtual SiteStore& site() = 0;
  virtual MaintenanceStore& maintenances() = 0;
  virtual PageStore& pages() = 0;
  virtual EventStore& events() = 0;
  virtual EvidenceStore& evidence() = 0;
  virtual RecordStore& records() = 0;
  virtual SecretStore& secrets() = 0;

  // A number that changes with every commit of any process on this database, so that a running
  // server notices what the command line wrote beside it.
  virtual Result<int64_t> ChangeCounter() = 0;
  // Copies the live database into a new file; consistent, without stopping writers.
  virtual Status BackupTo(const std::string& path) = 0;
};

}  // namespace pharos::store
