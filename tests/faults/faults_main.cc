// Plays every row of the fault lab and judges what the monitors say.
//   pharos_faults              all rows; exit code 1 when one is judged wrongly
//   pharos_faults --against P  the same, and page P has to list each row with its verdict (the
//   test) pharos_faults --page       one after the other, as that page (./dev gen) pharos_faults
//   --blackbox   the same, with prometheus-blackbox-exporter beside it pharos_faults --only TEXT
//   only rows whose name contains TEXT, with their evidence
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "blackbox.h"
#include "lab.h"

namespace pharos::faults {
namespace {

constexpr long kMaxGrowthKb = 2048;
constexpr double kMaxTookMs = 12'000;
constexpr size_t kLeastRows = 80;

bool IsMemoryTold() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;  // the sanitizer's own memory drowns ours
#else
  return true;
#endif
}

// Why a row is not as it should be; empty when it is.
std::string Complaint(const Fault& fault, const Seen& seen) {
  if (!seen.right) {
    return "is " + Verdict(seen.observation.status) + " \"" + seen.observation.message +
           "\", wanted " + Verdict(fault.wanted) + " \"" + fault.text + "\"";
  }
  if (seen.took_ms > kMaxTookMs) return "took " + std::to_string(seen.took_ms) + " ms";
  if (IsMemoryTold() && seen.growth_kb > kMaxGrowthKb + fault.kept_kb) {
    return "made us grow by " + std::to_string(seen.growth_kb) + " KB";
  }
  return {};
}

// Those that wait for their time-out wait together; the others come one by one, since only then it
// is known who made us grow.
std::vector<Seen> PlayAll(Lab& lab, const std::vector<Fault>& faults, bool one_by_one) {
  std::vector<Seen> all(faults.size());
  std::vector<std::thread> waiting;
  if (!one_by_one) {
    for (size_t i = 0; i < faults.size(); ++i) {
      if (!faults[i].waits) continue;
      waiting.emplace_back([&, i] { all[i] = lab.Run(faults[i], false); });
    }
    for (std::thread& thread : waiting) thread.join();
  }
  for (size_t i = 0; i < faults.size(); ++i) {
    if (one_by_one || !faults[i].waits) all[i] = lab.Run(faults[i], true);
  }
  return all;
}

std::string Cell(std::string text) {
  for (size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) {
    text.insert(at, "\\");
  }
  return text;
}

bool IsNumberByte(char c) { return (c >= '0' && c <= '9') || c == '.'; }

// Ports are the system's choice, times and dates vary: the page must not change from run to run.
std::string Steady(const std::string& text) {
  constexpr std::string_view kLocal = "127.0.0.";
  std::string out;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && IsNumberByte(text[end])) ++end;
    const std::string_view number = std::string_view(text).substr(i, end - i);
    const std::string_view rest = std::string_view(text).substr(end);
    if (number.starts_with(kLocal) && rest.starts_with(":")) {
      out += "127.0.0.1:PORT";
      i = end + 1;
      while (i < text.size() && IsNumberByte(text[i])) ++i;
    } else if (!number.empty() && rest.starts_with(" ms")) {
      out += "N";
      i = end;
    } else if (number.size() == 4 && rest.size() >= 6 && rest[0] == '-' && rest[3] == '-') {
      out += "DATE";
      i = end + 6;
    } else {
      out += number.empty() ? text.substr(i, 1) : std::string(number);
      i = std::max(end, i + 1);
    }
  }
  return out;
}

// What the page says of a row, but for the text, which may hold times.
std::string RowOf(const Fault& fault, model::Status status) {
  return "| " + Cell(fault.name) + " | " + std::string(LayerName(fault.layer)) + " | " +
         fault.kind + " | " + Verdict(status) + " | ";
}

void PrintPage(const std::vector<Fault>& faults, const std::vector<Seen>& seen) {
  size_t up = 0;
  for (const Fault& fault : faults) up += fault.wanted == model::Status::kUp ? 1 : 0;
  std::printf(
      "# The fault lab\n\n"
      "Targets that are broken or mean harm, played on the loopback interface by `tests/faults`, "
      "and what\na monitor makes of them: %zu behaviours, of which %zu must not raise an alarm. "
      "`./dev gen` writes this\npage; `./dev test faults` plays it all, compares verdict and text, "
      "and fails when a target makes the\nprocess grow by more than 2 MB. "
      "`pharos_faults --blackbox` plays the same for Debian's\n"
      "prometheus-blackbox-exporter.\n\n"
      "What a row needs (a keyword, a condition on JSON) is set in the row's monitor; nobody "
      "guesses "
      "that a\npage is the wrong one. Revocation of certificates is not looked up.\n\n",
      faults.size(), up);
  std::printf("| Behaviour | Layer | Kind | Verdict | What the user reads |\n|-|-|-|-|-|\n");
  for (size_t i = 0; i < faults.size(); ++i) {
    std::printf("%s%s |\n", RowOf(faults[i], seen[i].observation.status).c_str(),
                Cell(Steady(seen[i].observation.message)).c_str());
  }
}

std::string ReadPage(const char* path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void PrintBeside(const std::vector<Fault>& faults, const std::vector<Seen>& seen) {
  Blackbox blackbox(faults);
  size_t played = 0;
  size_t same = 0;
  size_t ours = 0;
  long most_kb = 0;
  std::printf("| Behaviour | Wanted | Pharos | ms | KB | blackbox | ms | KB |\n");
  std::printf("|-|-|-|-:|-:|-|-:|-:|\n");
  for (size_t i = 0; i < faults.size(); ++i) {
    const auto peer = blackbox.Run(faults[i], i);
    const bool wants_up =
        faults[i].wanted == model::Status::kUp || faults[i].wanted == model::Status::kDegraded;
    std::string theirs = "- | | ";
    if (peer) {
      ++played;
      same += peer->up == wants_up ? 1 : 0;
      ours += seen[i].right ? 1 : 0;
      most_kb = std::max(most_kb, peer->growth_kb);
      char text[80];
      std::snprintf(text, sizeof text, "%s%s | %.0f | %ld", peer->up ? "up" : "down",
                    peer->up == wants_up ? "" : " (wrong)", peer->took_ms, peer->growth_kb);
      theirs = text;
    }
    std::printf("| %s | %s | %s | %.0f | %ld | %s |\n", Cell(faults[i].name).c_str(),
                Verdict(faults[i].wanted).c_str(), Verdict(seen[i].observation.status).c_str(),
                seen[i].took_ms, seen[i].growth_kb, theirs.c_str());
    std::fflush(stdout);
  }
  std::printf(
      "\nplayed by both: %zu; judged right: Pharos %zu, blackbox %zu; blackbox grew by at "
      "most %ld KB\n",
      played, ours, same, most_kb);
}

void PrintEvidence(const std::vector<Fault>& faults, const std::vector<Seen>& seen) {
  for (size_t i = 0; i < faults.size(); ++i) {
    const probe::Observation& o = seen[i].observation;
    std::printf("%s: %s \"%s\"\n", faults[i].name.c_str(), Verdict(o.status).c_str(),
                o.message.c_str());
    if (o.seen != nullptr) std::printf("  %s\n", WriteJson(model::ToValue(*o.seen)).c_str());
  }
}

int Main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  const SystemClock clock;
  const MonotonicTime begin = clock.Monotonic();
  const bool has_network = EnterOwnNetwork();
  std::vector<Fault> faults = AllFaults();
  const size_t known = faults.size();
  std::erase_if(faults, [&](const Fault& fault) {
    const bool left_out =
        mode == "--only" && argc > 2 && fault.name.find(argv[2]) == std::string::npos;
    return left_out || (fault.needs_namespace && !has_network);
  });
  if (!has_network) std::printf("this system allows no network of our own:\n");
  if (faults.size() < known) std::printf("%zu rows are not played\n", known - faults.size());
  std::set<std::string> names;
  for (const Fault& fault : faults) {
    if (!names.insert(fault.name).second) std::printf("two rows: %s\n", fault.name.c_str());
  }
  Lab lab;
  lab.WarmUp();
  const bool one_by_one = mode == "--page" || mode == "--blackbox";
  const std::string page = mode == "--against" && argc > 2 ? ReadPage(argv[2]) : std::string();
  const std::vector<Seen> seen = PlayAll(lab, faults, one_by_one);
  if (mode == "--page") PrintPage(faults, seen);
  if (mode == "--blackbox") PrintBeside(faults, seen);
  if (mode == "--only") PrintEvidence(faults, seen);

  size_t wrong = faults.size() - names.size();
  long most_kb = 0;
  size_t most_evidence = 0;
  for (size_t i = 0; i < faults.size(); ++i) {
    most_kb = std::max(most_kb, seen[i].growth_kb);
    std::string complaint = Complaint(faults[i], seen[i]);
    const auto& kept = seen[i].observation.seen;
    if (kept != nullptr) {
      const size_t size = WriteJson(model::ToValue(*kept)).size();
      most_evidence = std::max(most_evidence, size);
      if (size > model::kMaxEvidenceBytes) complaint += " has too much evidence";
    } else if (seen[i].observation.status != model::Status::kUp) {
      complaint += " leaves no evidence";
    }
    if (mode == "--against" && page.find(RowOf(faults[i], faults[i].wanted)) == std::string::npos) {
      complaint += " is not on the page as it is; ./dev gen writes it";
    }
    if (complaint.empty()) continue;
    ++wrong;
    std::fprintf(stderr, "WRONG: %s: %s\n", faults[i].name.c_str(), complaint.c_str());
  }
  std::fprintf(stderr,
               "%zu behaviours played, %zu judged right, memory grew by at most %ld KB, evidence "
               "took at most %zu bytes, %.1f s\n",
               faults.size(), faults.size() - wrong, most_kb, most_evidence,
               ToMillis(clock.Monotonic() - begin) / 1000);
  if (mode != "--only" && faults.size() < kLeastRows) return 1;
  return wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace pharos::faults

int main(int argc, char** argv) { return pharos::faults::Main(argc, argv); }
