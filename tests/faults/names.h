#pragma once

#include "net/testing/datagram_server.h"

namespace pharos::faults {

// The name server of the lab's clients: the first label of a name says how it behaves, for example
// "servfail.test".
net::DatagramServer::Script LabNames();

}  // namespace pharos::faults
