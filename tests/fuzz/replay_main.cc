// Runs one fuzz target without libFuzzer: over every seed of its corpus, then over mutations of the
// seeds. The generator starts from a constant, so a failure comes back with the same command; the
// input at hand is written to standard error when the target ends the process.

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
// There when a sanitizer is linked in; it ends the process without a signal. The name is its own.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace {

constexpr uint64_t kSeed = 20260101;
constexpr size_t kMutations = 20'000;
constexpr size_t kLongestInput = 8192;
// Bytes that mean something to the texts and numbers that the targets read.
constexpr char kTelling[] = "{}[]\",:\\/*-+.eE0123456789 \t\r\n\0\x7f\x80\xff";

std::vector<std::string> ReadSeeds(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> seeds = {""};
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return seeds;
}

class Mutator {
 public:
  explicit Mutator(std::vector<std::string> seeds) : seeds_(std::move(seeds)), random_(kSeed) {}

  std::string Next() {
    std::string input = seeds_[Below(seeds_.size())];
    const size_t steps = 1 + Below(6);
    for (size_t i = 0; i < steps; ++i) Step(input);
    if (input.size() > kLongestInput) input.resize(kLongestInput);
    return input;
  }

 private:
  size_t Below(size_t bound) { return bound == 0 ? 0 : random_() % bound; }

  char Telling() { return kTelling[Below(sizeof(kTelling) - 1)]; }

  void Step(std::string& input) {
    const size_t at = Below(input.size() + 1);
    const size_t length = std::min(Below(32), input.size() - at);
    switch (Below(7)) {
      case 0:
        input.insert(at, 1, Telling());
        break;
      case 1:
        input.erase(at, length);
        break;
      case 2:
        input.insert(at, input.substr(at, length));
        break;
      case 3:
        if (at < input.size()) input[at] = Telling();
        break;
      case 4:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << Below(8)));
        break;
      case 5:
        input.resize(at);
        break;
      case 6: {
        const std::string& other = seeds_[Below(seeds_.size())];
        input = input.substr(0, at) + other.substr(Below(other.size() + 1));
        break;
      }
    }
  }

  std::vector<std::string> seeds_;
  std::mt19937_64 random_;
};

// tidy: process-wide, a signal handler reaches nothing else
const std::string* g_input = nullptr;

void ShowInput() {
  if (g_input == nullptr) return;
  std::fputs("input, hexadecimal: ", stderr);
  for (const char c : *g_input) std::fprintf(stderr, "%02x", static_cast<unsigned char>(c));
  std::fputc('\n', stderr);
}

// The process is lost already; that printing is not async-signal-safe can only lose the print.
void OnSignal(int number) {
  ShowInput();
  std::signal(number, SIG_DFL);
  std::raise(number);
}

void Run(const std::string& input) {
  g_input = &input;
  // A copy of the exact size, so that the address sanitizer sees a read past the end.
  const std::vector<uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  g_input = nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
    return EXIT_FAILURE;
  }
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(ShowInput);
  for (const int number : {SIGABRT, SIGSEGV, SIGFPE, SIGILL, SIGBUS}) {
    const auto before = std::signal(number, OnSignal);
    if (before != SIG_DFL) std::signal(number, before);  // the sanitizer's own report says more
  }
  const std::vector<std::string> seeds = ReadSeeds(argv[1]);
  for (const std::string& seed : seeds) Run(seed);
  Mutator mutator(seeds);
  for (size_t i = 0; i < kMutations; ++i) Run(mutator.Next());
  std::printf("Ran %zu inputs, %zu of them seeds\n", seeds.size() + kMutations, seeds.size());
  return EXIT_SUCCESS;
}
