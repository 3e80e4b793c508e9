// The worker alone, for tests and benchmarks; the product runs the same code as a hidden command.
#include <unistd.h>

#include "script/worker/worker.h"

int main() { _exit(pharos::script::RunScriptWorker()); }
