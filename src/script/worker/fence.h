#pragma once

namespace pharos::script {

// Locks the calling process in for good: it may compute, read the clock, ask for random bytes and
// read and write its socket (file 0), within limits of memory and computing time; anything else
// ends it. False when the system refuses to lock us in: then no function may run.
bool LockIn();
// Whether this program is built with a sanitizer, which cannot live within the fence: LockIn then
// only gives up new privileges.
bool IsSanitized();

}  // namespace pharos::script
