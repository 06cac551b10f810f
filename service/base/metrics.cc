#include "base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <utility>

#include "base/mutex.h"

namespace rollcall::base {
namespace {

class CounterOf final : public Metrics::Counter {
 public:
  explicit CounterOf(prometheus::Counter& counter) : counter_(counter) {}
  void Add(double by) override { counter_.Increment(by); }

 private:
  prometheus::Counter& counter_;
};

class GaugeOf final : public Metrics::Gauge {
 public:
  explicit GaugeOf(prometheus::Gauge& gauge) : gauge_(gauge) {}
  void Set(double value) override { gauge_.Set(value); }

 private:
  prometheus::Gauge& gauge_;
};

class HistogramOf final : public Metrics::Histogram {
 public:
  explicit HistogramOf(prometheus::Histogram& histogram) : histogram_(histogram) {}
  void Observe(double value) override { histogram_.Observe(value); }

 private:
  prometheus::Histogram& histogram_;
};

using Series = std::pair<std::string, MetricLabels>;

// The library escapes the values of labels, but not the help text.
std::string EscapedHelp(const std::string& help) {
  std::string escaped;
  for (const char c : help) {
    if (c == '\\') {
      escaped += "\\\\";
    } else if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  Mutex mutex;
  std::map<Series, std::unique_ptr<CounterOf>> counters ABSL_GUARDED_BY(mutex);
  std::map<Series, std::unique_ptr<GaugeOf>> gauges ABSL_GUARDED_BY(mutex);
  std::map<Series, std::unique_ptr<HistogramOf>> histograms ABSL_GUARDED_BY(mutex);
  // The library refuses a second family of one name with another help text, hence the memory.
  std::map<std::string, prometheus::Family<prometheus::Counter>*> counter_families
      ABSL_GUARDED_BY(mutex);
  std::map<std::string, prometheus::Family<prometheus::Gauge>*> gauge_families
      ABSL_GUARDED_BY(mutex);
  std::map<std::string, prometheus::Family<prometheus::Histogram>*> histogram_families
      ABSL_GUARDED_BY(mutex);
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

Metrics::Counter& Metrics::GetCounter(const std::string& name, const std::string& help,
                                      const MetricLabels& labels) {
  const MutexLock lock(impl_->mutex);
  auto& counter = impl_->counters[{name, labels}];
  if (!counter) {
    auto*& family = impl_->counter_families[name];
    if (family == nullptr) {
      family =
          &prometheus::BuildCounter().Name(name).Help(EscapedHelp(help)).Register(impl_->registry);
    }
    counter = std::make_unique<CounterOf>(family->Add(labels));
  }
  return *counter;
}

Metrics::Gauge& Metrics::GetGauge(const std::string& name, const std::string& help,
                                  const MetricLabels& labels) {
  const MutexLock lock(impl_->mutex);
  auto& gauge = impl_->gauges[{name, labels}];
  if (!gauge) {
    auto*& family = impl_->gauge_families[name];
    if (family == nullptr) {
      family =
          &prometheus::BuildGauge().Name(name).Help(EscapedHelp(help)).Register(impl_->registry);
    }
    gauge = std::make_unique<GaugeOf>(family->Add(labels));
  }
  return *gauge;
}

Metrics::Histogram& Metrics::GetHistogram(const std::string& name, const std::string& help,
                                          const std::vector<double>& bounds,
                                          const MetricLabels& labels) {
  const MutexLock lock(impl_->mutex);
  auto& histogram = impl_->histograms[{name, labels}];
  if (!histogram) {
    auto*& family = impl_->histogram_families[name];
    if (family == nullptr) {
      family = &prometheus::BuildHistogram()
                    .Name(name)
                    .Help(EscapedHelp(help))
                    .Register(impl_->registry);
    }
    histogram = std::make_unique<HistogramOf>(
        family->Add(labels, prometheus::Histogram::BucketBoundaries(bounds)));
  }
  return *histogram;
}

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

const std::vector<double>& SecondsBounds() {
  static const std::vector<double> bounds = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1,
                                             0.2,   0.5,   1,     2,    5,    10};
  return bounds;
}

}  // namespace rollcall::base
