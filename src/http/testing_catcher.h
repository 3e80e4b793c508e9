#pragma once

#include <future>
#include <memory>
#include <utility>

#include "http/server.h"

namespace pharos::http {

// The receiving end of a request that a test handles in this process: its answer becomes a promise.
// Streams are refused.
class ResponseCatcher : public Responder::Sink {
 public:
  explicit ResponseCatcher(std::promise<Response> promise) : promise_(std::move(promise)) {}
  void Send(Response response) override { promise_.set_value(std::move(response)); }
  std::shared_ptr<Stream> StartStream(Response) override { return nullptr; }

 private:
  std::promise<Response> promise_;
};

}  // namespace pharos::http
