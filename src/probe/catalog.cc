#include "probe/catalog.h"

#include "probe/dns/dns_probe.h"
#include "probe/domain/domain_probe.h"
#include "probe/game/game_probe.h"
#include "probe/group/group_probe.h"
#include "probe/grpc/grpc_probe.h"
#include "probe/heartbeat/heartbeat_probe.h"
#include "probe/http/http_probe.h"
#include "probe/manual/manual_probe.h"
#include "probe/mqtt/mqtt_probe.h"
#include "probe/ping/ping_probe.h"
#include "probe/push/push_probe.h"
#include "probe/redis/redis_probe.h"
#include "probe/smtp/smtp_probe.h"
#include "probe/sql/sql_probe.h"
#include "probe/tcp/tcp_probe.h"
#include "probe/tls/tls_probe.h"
#include "probe/websocket/websocket_probe.h"

namespace pharos::probe {

Catalog::Catalog() {
  probes_.push_back(MakeHttpProbe());
  probes_.push_back(MakePingProbe());
  probes_.push_back(MakeTcpProbe());
  probes_.push_back(MakeDnsProbe());
  probes_.push_back(MakeTlsProbe());
  probes_.push_back(MakeDomainProbe());
  probes_.push_back(MakeSqlProbe());
  probes_.push_back(MakeGrpcProbe());
  probes_.push_back(MakeGameProbe());
  probes_.push_back(MakeSmtpProbe());
  probes_.push_back(MakeWebSocketProbe());
  probes_.push_back(MakeMqttProbe());
  probes_.push_back(MakeRedisProbe());
  probes_.push_back(MakeHeartbeatProbe());
  probes_.push_back(MakePushProbe());
  probes_.push_back(MakeGroupProbe());
  probes_.push_back(MakeManualProbe());
}

Catalog::~Catalog() = default;

const Probe* Catalog::Find(std::string_view kind) const {
  for (const auto& probe : probes_) {
    if (probe->descriptor().kind == kind) return probe.get();
  }
  return nullptr;
}

std::vector<const Probe*> Catalog::List() const {
  std::vector<const Probe*> all;
  for (const auto& probe : probes_) all.push_back(probe.get());
  return all;
}

Result<Value> Catalog::ValidateSpec(std::string_view kind, const Value& spec,
                                    std::string_view prefix) const {
  const Probe* probe = Find(kind);
  if (probe == nullptr) return Error::Field("kind", "is not a known kind of monitor");
  model::ValidatedSpec checked = model::ValidateSpec(probe->descriptor().fields, spec, prefix);
  std::vector<FieldError> more;
  probe->Validate(checked.spec, more);
  for (FieldError& problem : more) {
    problem.field.insert(0, prefix);
    checked.problems.push_back(std::move(problem));
  }
  if (checked.problems.empty()) return std::move(checked.spec);
  Error error(ErrorKind::kInvalid,
              checked.problems.front().field + " " + checked.problems.front().message);
  error.fields = std::move(checked.problems);
  return error;
}

}  // namespace pharos::probe
