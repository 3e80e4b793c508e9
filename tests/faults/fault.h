#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/status.h"
#include "net/testing/datagram_server.h"
#include "net/testing/scripted_server.h"

namespace pharos::faults {

enum class Layer : uint8_t { kReachability, kNames, kTransport, kHttp, kContent };
std::string_view LayerName(Layer layer);

// What stands while a row runs; goes with it.
struct Target {
  std::unique_ptr<net::ScriptedServer> server{};
  std::unique_ptr<net::ScriptedServer> second{};
  std::unique_ptr<net::DatagramServer> datagrams{};
  std::shared_ptr<void> held{};  // whatever else has to live
  // What "{url}", "{port}", ... stand for in the row's spec.
  std::map<std::string, std::string> words{};
};

// One behaviour: how it is played, the monitor that looks, and what a user wants to be told.
struct Fault {
  std::string name{};
  Layer layer = Layer::kHttp;
  std::string kind = "http";
  std::string
      spec{};  // JSON without braces; "{url}" and the other words of the target are filled in
  model::Status wanted = model::Status::kDown;
  std::string text{};  // regular expression for the whole message; empty = no message
  std::function<Target()> play{};
  bool waits = false;            // ends by its time-out, so that it runs beside others
  bool untrusted = false;        // under the policy for untrusted users
  bool needs_namespace = false;  // plays with routes of the lab's own network
  long kept_kb = 0;              // of the body, because a condition needs it
};

std::vector<Fault> ReachabilityFaults();
std::vector<Fault> NameFaults();
std::vector<Fault> TransportFaults();
std::vector<Fault> FramingFaults();
std::vector<Fault> HttpFaults();
std::vector<Fault> ContentFaults();
std::vector<Fault> AllFaults();

}  // namespace pharos::faults
