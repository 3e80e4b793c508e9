// Plays all conversations below a folder, in this process or, with --binary, against the program.
#include <cstdio>
#include <cstring>
#include <string>

#include "peers.h"
#include "talk_runner.h"

int main(int argc, char** argv) {
  std::string folder;
  std::string binary;
  std::string pattern;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--binary") == 0 && i + 1 < argc) {
      binary = argv[++i];
    } else if (std::strcmp(argv[i], "-k") == 0 && i + 1 < argc) {
      pattern = argv[++i];
    } else {
      folder = argv[i];
    }
  }
  const auto sessions = pharos::talk::LoadTalks(folder);
  if (!sessions) {
    std::fprintf(stderr, "%s\n", sessions.error().message.c_str());
    return 2;
  }
  const pharos::talk::PeerFactory open =
      binary.empty() ? pharos::talk::InProcessPeers() : pharos::talk::BinaryPeers(binary);
  pharos::talk::Report total;
  for (const pharos::talk::Session& session : *sessions) {
    if (session.file.find(pattern) == std::string::npos) continue;
    if (session.in_process_only && !binary.empty()) {
      ++total.skipped;
      continue;
    }
    total.Merge(pharos::talk::Play(session, open));
  }
  for (const std::string& failure : total.failures) std::printf("%s\n", failure.c_str());
  std::printf("%d sessions, %d conversations, %d requests, %zu failed, %d sessions skipped\n",
              total.sessions, total.talks, total.exchanges, total.failures.size(), total.skipped);
  return total.failures.empty() && total.talks > 0 ? 0 : 1;
}
