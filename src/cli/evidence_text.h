#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/check_evidence.h"

namespace pharos::cli {

// Evidence as lines of a name and a text, in the order in which a check meets things.
std::vector<std::pair<std::string, std::string>> EvidenceLines(const model::CheckEvidence& seen);
// On standard output, names in a column; what follows the first line of a text is set in.
void PrintEvidence(const model::CheckEvidence& seen, int indent = 0);

}  // namespace pharos::cli
