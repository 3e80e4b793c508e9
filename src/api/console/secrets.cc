#include "service/secrets.h"

#include <utility>

#include "api/console/envelope.h"
#include "api/console/tables.h"
#include "base/text.h"

namespace pharos::api::console {
namespace {

using T = FieldType;

const Shape& SecretReply() {
  static const Shape shape{"Secret",
                           {{.name = "name", .required = true},
                            {.name = "created_at", .type = T::kTime, .required = true},
                            {.name = "updated_at", .type = T::kTime, .required = true}},
                           false};
  return shape;
}

const Shape& SecretsReply() {
  static const Shape shape{
      "Secrets",
      {{.name = "items", .type = T::kList, .required = true, .shape = &SecretReply()}},
      false};
  return shape;
}

const Shape& SecretBody() {
  static const Shape shape{"SecretValue",
                           {{.name = "value",
                             .required = true,
                             .min = service::kMinSecretBytes,
                             .max = service::kMaxSecretBytes,
                             .help = "4 to 16384 bytes; never shown again."}},
                           false};
  return shape;
}

void PrintSecret(JsonWriter& json, const service::SecretInfo& secret) {
  json.BeginObject();
  PutText(json, "name", secret.name);
  PutMillisecond(json, "created_at", secret.created_at);
  PutMillisecond(json, "updated_at", secret.updated_at);
  json.EndObject();
}

Result<std::string> ListSecrets(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto secrets, call.services.secrets.List(*call.who));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("items").BeginList();
  for (const service::SecretInfo& secret : secrets) PrintSecret(json, secret);
  json.EndList().EndObject();
  return out;
}

Result<std::string> SetSecret(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckBody(SecretBody(), call.body, false));
  const Secret value(*TextOf(call.body, "value"));
  PHAROS_ASSIGN_OR_RETURN(const service::SecretInfo secret,
                          call.services.secrets.Set(*call.who, call.params.Find("name"), value));
  std::string out;
  JsonWriter json(out);
  PrintSecret(json, secret);
  return out;
}

Result<std::string> DeleteSecret(Call& call) {
  PHAROS_RETURN_IF_ERROR(call.services.secrets.Delete(*call.who, call.params.Find("name")));
  return PrintDeleted();
}

}  // namespace

std::vector<Endpoint> SecretEndpoints() {
  return {
      {.method = "GET",
       .pattern = "/secrets",
       .operation = "secret.list",
       .scope = "secrets:read",
       .summary = "Names of the secrets, never their values",
       .response = &SecretsReply(),
       .act = ListSecrets},
      {.method = "PUT",
       .pattern = "/secrets/{name}",
       .operation = "secret.set",
       .scope = "secrets:write",
       .reads_body = true,
       .summary = "Set the value of a secret",
       .request = &SecretBody(),
       .response = &SecretReply(),
       .act = SetSecret},
      {.method = "DELETE",
       .pattern = "/secrets/{name}",
       .operation = "secret.delete",
       .scope = "secrets:write",
       .summary = "Delete a secret",
       .response = &DeletedReply(),
       .act = DeleteSecret},
  };
}

}  // namespace pharos::api::console
