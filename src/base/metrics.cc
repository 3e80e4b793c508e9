#include "base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <exception>
#include <map>
#include <mutex>
#include <sstream>

#include "base/log.h"

namespace pharos {
namespace {

using LabelMap = std::map<std::string, std::string>;
using SeriesKey = std::pair<std::string, LabelMap>;

LabelMap ToMap(Metrics::Labels labels) { return LabelMap(labels.begin(), labels.end()); }

class RegistryCounter : public Counter {
 public:
  explicit RegistryCounter(prometheus::Counter* inner) : inner_(inner) {}
  void Add(double n) override {
    if (inner_ != nullptr) inner_->Increment(n);
  }

 private:
  prometheus::Counter* const inner_;  // null for a rejected series
};

class RegistryGauge : public Gauge {
 public:
  explicit RegistryGauge(prometheus::Gauge* inner) : inner_(inner) {}
  void Set(double value) override {
    if (inner_ != nullptr) inner_->Set(value);
  }

 private:
  prometheus::Gauge* const inner_;
};

class RegistryHistogram : public Histogram {
 public:
  explicit RegistryHistogram(prometheus::Histogram* inner) : inner_(inner) {}
  void Observe(double value) override {
    if (inner_ != nullptr) inner_->Observe(value);
  }

 private:
  prometheus::Histogram* const inner_;
};

// The library throws for bad names and for one name in two types. Both are our own mistakes; a
// metric must not take the service down, so the series is reported once and counts nowhere.
template <class Make>
auto OrNull(const std::string& name, Make make) -> decltype(make()) {
  try {
    return make();
  } catch (const std::exception& e) {
    Log(LogLevel::kError, "metric rejected", {{"name", name}, {"reason", e.what()}});
    return nullptr;
  }
}

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  std::mutex mutex;
  std::map<SeriesKey, std::unique_ptr<Counter>> counters;
  std::map<SeriesKey, std::unique_ptr<Gauge>> gauges;
  std::map<SeriesKey, std::unique_ptr<Histogram>> histograms;
  std::map<std::string, std::vector<double>> bounds;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::GetCounter(const std::string& name, const std::string& help, Labels labels) {
  std::lock_guard lock(impl_->mutex);
  SeriesKey key(name, ToMap(labels));
  std::unique_ptr<Counter>& slot = impl_->counters[key];
  if (slot == nullptr) {
    slot = std::make_unique<RegistryCounter>(OrNull(name, [&] {
      auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(impl_->registry);
      return &family.Add({key.second.begin(), key.second.end()});
    }));
  }
  return *slot;
}

Gauge& Metrics::GetGauge(const std::string& name, const std::string& help, Labels labels) {
  std::lock_guard lock(impl_->mutex);
  SeriesKey key(name, ToMap(labels));
  std::unique_ptr<Gauge>& slot = impl_->gauges[key];
  if (slot == nullptr) {
    slot = std::make_unique<RegistryGauge>(OrNull(name, [&] {
      auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(impl_->registry);
      return &family.Add({key.second.begin(), key.second.end()});
    }));
  }
  return *slot;
}

Histogram& Metrics::GetHistogram(const std::string& name, const std::string& help,
                                 const std::vector<double>& bounds, Labels labels) {
  std::lock_guard lock(impl_->mutex);
  SeriesKey key(name, ToMap(labels));
  std::unique_ptr<Histogram>& slot = impl_->histograms[key];
  if (slot == nullptr) {
    const std::vector<double>& used = impl_->bounds.try_emplace(name, bounds).first->second;
    slot = std::make_unique<RegistryHistogram>(OrNull(name, [&] {
      auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(impl_->registry);
      return &family.Add({key.second.begin(), key.second.end()}, used);
    }));
  }
  return *slot;
}

std::string Metrics::Render() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, impl_->registry.Collect());
  return std::move(out).str();
}

}  // namespace pharos
