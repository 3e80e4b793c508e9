#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {

Result<SessionCore*> CoreOf(Session& session) {
  auto* core = dynamic_cast<SessionCore*>(&session);
  if (core == nullptr) return Error::Internal("a session of another store");
  return core;
}

Result<Statement> Prepare(Session& session, const char* sql) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(session));
  return core->connection().Prepare(sql);
}

}  // namespace pharos::store::sqlite
