#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/principal.h"
#include "model/record.h"
#include "service/audit.h"
#include "service/context.h"
#include "store/record_store.h"

namespace pharos::service {

// The steps that all services over records (model/record.h) share.

model::Record NewRecord(model::OrgId org, std::string_view collection, Value data, Timestamp now);

// Error: kNotFound with `missing` ("Workflow not found") when there is none.
Result<model::Record> RequireRecord(store::Store& store, store::Session& session, model::OrgId org,
                                    std::string_view collection, std::string_view uid,
                                    std::string_view missing);

// Runs `work` and writes the audit entry that it returns, in one transaction.
Status WriteAudited(const Context& context,
                    const std::function<Result<model::AuditEntry>(store::Transaction&)>& work);

// Appends an event to the outbox; the caller tells with AnnounceEvent after the commit.
Status AppendEvent(store::Store& store, store::Transaction& tx, model::OrgId org,
                   std::string_view kind, Value data, Timestamp now);
void AnnounceEvent(const Context& context, model::OrgId org);

// An optional time as stored in a record: microseconds, or null.
Value TimeValue(std::optional<Timestamp> at);
std::optional<Timestamp> TimeMember(const Value& data, std::string_view name);

// The text of a key that is stored as its hash only: prefix and 40 random characters of base 62.
std::string RandomKeyText(std::string_view prefix);
std::string HashKeyText(std::string_view text);

}  // namespace pharos::service
