#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "base/text.h"
#include "http/server.h"
#include "page/page_look.h"
#include "page/page_model.h"

namespace pharos::page::testing {

// What a responder's answer ended as. Thread-safe.
class FakeStream : public http::Stream {
 public:
  bool Write(http::SharedBytes bytes) override {
    std::lock_guard lock(mutex_);
    if (!open_) return false;
    if (text_.size() + bytes->size() > capacity_) {  // a reader that does not read
      open_ = false;
      return false;
    }
    text_ += *bytes;
    return true;
  }
  void Close() override {
    std::lock_guard lock(mutex_);
    open_ = false;
  }
  bool IsOpen() const override {
    std::lock_guard lock(mutex_);
    return open_;
  }
  std::string text() const {
    std::lock_guard lock(mutex_);
    return text_;
  }
  void set_capacity(size_t bytes) {
    std::lock_guard lock(mutex_);
    capacity_ = bytes;
  }

 private:
  mutable std::mutex mutex_;
  bool open_ = true;
  size_t capacity_ = 1 << 20;
  std::string text_;
};

struct Reply {
  bool sent = false;
  http::Response response;
  std::shared_ptr<FakeStream> stream;

  std::string Header(std::string_view name) const {
    for (const http::Header& header : response.headers) {
      if (header.name == name) return header.value;
    }
    return "";
  }
  std::string body() const { return response.shared_body ? *response.shared_body : response.body; }
};

inline http::Responder RespondTo(std::shared_ptr<Reply> reply) {
  class Sink : public http::Responder::Sink {
   public:
    explicit Sink(std::shared_ptr<Reply> to) : to_(std::move(to)) {}
    void Send(http::Response response) override {
      to_->sent = true;
      to_->response = std::move(response);
    }
    std::shared_ptr<http::Stream> StartStream(http::Response head) override {
      to_->response = std::move(head);
      to_->stream = std::make_shared<FakeStream>();
      return to_->stream;
    }

   private:
    std::shared_ptr<Reply> to_;
  };
  return http::Responder(std::make_unique<Sink>(std::move(reply)));
}

inline http::Request Get(std::string target, std::vector<http::Header> headers = {}) {
  http::Request request;
  request.method = "GET";
  request.target = target;
  const size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string::npos) request.query = target.substr(mark + 1);
  request.headers = std::move(headers);
  return request;
}

inline Timestamp Noon() { return FromUnixSeconds(1'772'625'600); }  // 2026-03-04 12:00 UTC

// A monitor with `days` days of good history that now shows `shown`.
inline service::MonitorOverview MakeMonitor(int64_t id, std::string name, model::Status shown,
                                            int days = 90) {
  auto monitor = std::make_shared<model::Monitor>();
  monitor->id = model::MonitorId(id);
  monitor->tag = "m" + std::to_string(id);
  monitor->name = std::move(name);
  service::MonitorOverview entry;
  entry.monitor = std::move(monitor);
  entry.state.shown = shown;
  entry.state.latency_ms = 84;
  entry.uptime_text = days > 0 ? "99.98" : "-";
  const CivilDate today = LocalDate("UTC", Noon());
  std::vector<service::DayBar> bars;
  for (int i = 89; i >= 0; --i) {
    service::DayBar day;
    day.date = AddDays(today, -i);
    if (i < days) {
      day.counts.Add(model::Status::kUp, 1440);
      day.status = model::Status::kUp;
      day.latency_avg_ms = 80;
    }
    bars.push_back(day);
  }
  entry.days = service::DayBars(bars);
  return entry;
}

// Changes the newest day; gives it back as it is then.
inline service::DayBar ChangeToday(service::MonitorOverview& entry,
                                   const std::function<void(service::DayBar&)>& change) {
  std::vector<service::DayBar> days = entry.days.Unpack();
  change(days.back());
  entry.days = service::DayBars(days);
  return days.back();
}

inline service::Overview MakeOverview(std::vector<service::MonitorOverview> monitors) {
  service::Overview overview;
  overview.at = Noon();
  overview.banner_status = monitors.empty() ? model::Status::kNoData : model::Status::kUp;
  overview.banner_text = monitors.empty() ? "No Status Available" : "All Systems Operational";
  overview.monitors = std::move(monitors);
  overview.past_days = 14;
  return overview;
}

// What the door gives to whoever knows the password.
inline std::string CookieFor(const model::Page& page, Timestamp until) {
  const std::string end = std::to_string(ToUnixSeconds(until));
  return "pharos_page_" + std::to_string(page.id.value()) + "=" + end + "." +
         HexLower(HmacSha256(page.password_hash, page.uid + "/" + end));
}

// The home page, showing everything.
inline model::Page MakeHome() {
  model::Page home;
  home.id = model::PageId(1);
  home.title = home.header = model::kDefaultPageTitle;
  home.is_default = home.all_monitors = true;
  return home;
}

inline service::IncidentOverview MakeIncident(int64_t id, std::string title, std::string text) {
  service::IncidentOverview incident;
  incident.incident.id = model::IncidentId(id);
  incident.incident.title = std::move(title);
  incident.incident.started_at = Noon() - Minutes(60);
  incident.incident.impacts = {{model::MonitorId(1), model::Status::kDown}};
  model::IncidentUpdate update;
  update.text = std::move(text);
  update.at = Noon() - Minutes(30);
  incident.updates.push_back(std::move(update));
  incident.monitor_names = {"Website"};
  return incident;
}

}  // namespace pharos::page::testing
