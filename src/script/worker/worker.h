#pragma once

namespace pharos::script {

// What a worker process does from start to end: serves calls that come over file 0, one after the
// other, locked in. Returns when the other end is gone; the value is the exit code.
int RunScriptWorker();

}  // namespace pharos::script
