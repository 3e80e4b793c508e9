#pragma once

#include "base/result.h"
#include "base/value.h"
#include "net/http_client.h"
#include "probe/http/assertions.h"
#include "probe/secrets.h"

namespace pharos::probe {

// The request of one check: rows of an http spec with secrets put in. `secrets` keeps what must be
// taken out of messages again. Error: kInvalid when a secret breaks a header.
Result<net::HttpRequest> BuildRequest(const Value& spec, net::Purpose purpose,
                                      const Assertions& assertions, SecretExpander& secrets);

// What the rows of the request side cannot say alone: URL form, header names, PEM texts.
void ValidateRequest(const Value& spec, std::vector<FieldError>& problems);

}  // namespace pharos::probe
