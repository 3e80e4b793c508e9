#include "cli/opened.h"

#include <string>
#include <utility>

#include "app/wiring.h"
#include "store/organisation_store.h"

namespace pharos::cli {

Status Open(const app::Settings& settings, const CommandLine& line, Opened& opened) {
  PHAROS_ASSIGN_OR_RETURN(opened.store, app::OpenStoreFor(settings, opened.clock, opened.metrics));
  PHAROS_ASSIGN_OR_RETURN(auto session, opened.store->Read());
  const std::string name = line.organisation.empty() ? "default" : line.organisation;
  auto org = opened.store->organisations().LoadByName(*session, name);
  if (!org && org.error().kind == ErrorKind::kNotFound) {
    return Error::Field("organisation", "there is no organisation '" + name + "'");
  }
  if (!org) return std::move(org).error();
  opened.org = org->id;
  return Ok();
}

Status OpenExisting(const app::Settings& settings, const CommandLine& line, Opened& opened) {
  PHAROS_RETURN_IF_ERROR(app::CheckDatabaseExists(settings));
  return Open(settings, line, opened);
}

model::Principal CommandLineUser(model::OrgId org) {
  model::Principal who;
  who.org = org;
  who.name = "cli";
  return who;
}

}  // namespace pharos::cli
