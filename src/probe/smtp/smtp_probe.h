#pragma once

#include <memory>

#include "probe/probe.h"

namespace pharos::probe {

// Kind "smtp": whether a mail server greets and offers what it should (docs/probes/smtp.md).
std::unique_ptr<Probe> MakeSmtpProbe();

}  // namespace pharos::probe
