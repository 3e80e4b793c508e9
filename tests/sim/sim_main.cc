// Plays simulated hours, one per seed (world.h).
//   pharos_sim [SEEDS [FIRST]]
// Prints the seeds with problems and what was wrong; exit status 1 when there was any.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "world.h"

namespace {

int Play(uint64_t first, uint64_t count) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("pharos-sim-" + std::to_string(getpid()) + ".db");
  pharos::sim::World::Tally all;
  size_t checked = 0;
  uint64_t bad = 0;
  const auto began = std::chrono::steady_clock::now();
  for (uint64_t seed = first; seed < first + count; ++seed) {
    pharos::sim::World world(seed, path);
    world.Run();
    checked += world.checked();
    const pharos::sim::World::Tally& tally = world.tally();
    all.results += tally.results;
    all.refused += tally.refused;
    all.crashes += tally.crashes;
    all.transitions += tally.transitions;
    all.clock_jumps += tally.clock_jumps;
    all.store_faults += tally.store_faults;
    if (world.problems().empty()) continue;
    ++bad;
    std::printf("seed %llu: %zu problems\n", static_cast<unsigned long long>(seed),
                world.problems().size());
    for (size_t i = 0; i < world.problems().size() && i < 5; ++i) {
      std::printf("  %s\n", world.problems()[i].c_str());
    }
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf(
      "%llu seeds in %.1f s, %llu with problems; %lld results (%lld refused), %lld transitions, "
      "%lld crashes, %lld store faults, %lld clock jumps; %zu comparisons\n",
      static_cast<unsigned long long>(count), seconds, static_cast<unsigned long long>(bad),
      static_cast<long long>(all.results), static_cast<long long>(all.refused),
      static_cast<long long>(all.transitions), static_cast<long long>(all.crashes),
      static_cast<long long>(all.store_faults), static_cast<long long>(all.clock_jumps), checked);
  return bad == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100;
  const uint64_t first = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  return Play(first, count);
}
