#include "page/live.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace pharos::page {
namespace {

// Readers written to before other threads get their turn (architecture D18).
constexpr size_t kSlice = 256;

std::string PageEvent(std::string_view version) {
  return "event: page\ndata: " + std::string(version) + "\n\n";
}

http::Response StreamHead() {
  http::Response head(200);
  head.Add("content-type", "text/event-stream; charset=utf-8").Add("cache-control", "no-store");
  // Proxies of the nginx family would otherwise hold events back.
  head.Add("x-accel-buffering", "no").Add("x-content-type-options", "nosniff");
  return head;
}

}  // namespace

LiveHub::LiveHub(size_t max_streams, Metrics& metrics)
    : max_streams_(max_streams),
      open_(metrics.GetGauge("pharos_page_streams", "Open live connections of page readers")) {}

bool LiveHub::Reserve() {
  std::lock_guard lock(mutex_);
  if (closed_) return false;
  if (readers_.size() + reserved_ >= max_streams_) {
    std::erase_if(readers_, [](const Reader& reader) { return !reader.stream->IsOpen(); });
  }
  if (readers_.size() + reserved_ >= max_streams_) return false;
  ++reserved_;
  return true;
}

void LiveHub::Open(http::Responder responder, std::string_view page, std::string_view version) {
  if (!Reserve()) {
    http::Response busy = http::Response::Text(503, "too many live readers\n");
    busy.Add("retry-after", "60").Add("cache-control", "no-store");
    return responder.Send(std::move(busy));
  }
  StreamPtr stream = responder.StartStream(StreamHead());
  if (stream != nullptr) {
    // Reconnecting within five seconds, unless the server says otherwise.
    stream->Write(std::make_shared<const std::string>("retry: 5000\n\n" + PageEvent(version)));
  }
  bool refused = false;
  {
    std::lock_guard lock(mutex_);
    --reserved_;
    refused = closed_;
    if (stream != nullptr && !refused) readers_.push_back({stream, std::string(page)});
    open_.Set(static_cast<double>(readers_.size()));
  }
  if (refused && stream != nullptr) stream->Close();
}

void LiveHub::Broadcast(std::string_view page, std::string_view version) {
  Write(&page, PageEvent(version));
}

void LiveHub::Heartbeat() { Write(nullptr, ": still here\n\n"); }

void LiveHub::Write(const std::string_view* page, std::string text) {
  std::vector<StreamPtr> readers;
  {
    std::lock_guard lock(mutex_);
    for (const Reader& reader : readers_) {
      if (page == nullptr || reader.page == *page) readers.push_back(reader.stream);
    }
  }
  const auto bytes = std::make_shared<const std::string>(std::move(text));
  std::vector<StreamPtr> gone;
  for (size_t i = 0; i < readers.size(); ++i) {
    if (!readers[i]->Write(bytes)) gone.push_back(readers[i]);
    if (i % kSlice == kSlice - 1) std::this_thread::yield();
  }
  std::sort(gone.begin(), gone.end());
  std::lock_guard lock(mutex_);
  if (!gone.empty()) {
    std::erase_if(readers_, [&](const Reader& reader) {
      return std::binary_search(gone.begin(), gone.end(), reader.stream);
    });
  }
  open_.Set(static_cast<double>(readers_.size()));
}

void LiveHub::Close() {
  std::vector<Reader> readers;
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    readers.swap(readers_);
    open_.Set(0);
  }
  for (const Reader& reader : readers) reader.stream->Close();
}

size_t LiveHub::size() const {
  std::lock_guard lock(mutex_);
  return readers_.size();
}

}  // namespace pharos::page
