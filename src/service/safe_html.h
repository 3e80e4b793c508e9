#pragma once

#include <string_view>

namespace pharos::service {

// Whether HTML that an operator brings for a public page is free of what could run code or embed
// strangers (kodo.md 14.2): script, frame, object and similar elements, event-handler attributes,
// javascript: and similar URLs, also when spelled with entities or blanks. Errs on the safe side.
bool IsSafeHtml(std::string_view html);

}  // namespace pharos::service
