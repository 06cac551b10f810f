#ifndef ROLLCALL_BASE_METRICS_H_
#define ROLLCALL_BASE_METRICS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace rollcall::base {

using MetricLabels = std::map<std::string, std::string>;

// Counts and times of one process, for an operator's monitoring.
//
// Labels hold constants of the program (a decision, a stage), never an id, a name or anything else
// that a client sent: that would be personal data, and a new time series for every person.
// Thread-safe. The references returned live as long as the object.
class Metrics {
 public:
  class Counter {
   public:
    virtual ~Counter() = default;
    virtual void Add(double by = 1) = 0;  // never negative
  };
  class Gauge {
   public:
    virtual ~Gauge() = default;
    virtual void Set(double value) = 0;
  };
  class Histogram {
   public:
    virtual ~Histogram() = default;
    virtual void Observe(double value) = 0;
  };

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Each returns the one series of that name and these labels, made at the first call. `name`
  // follows Prometheus ("rollcall_frames_total"); `help` of the first call counts. One name belongs
  // to one kind and, for a histogram, to one set of `bounds` (rising upper limits).
  Counter& GetCounter(const std::string& name, const std::string& help,
                      const MetricLabels& labels = {});
  Gauge& GetGauge(const std::string& name, const std::string& help,
                  const MetricLabels& labels = {});
  Histogram& GetHistogram(const std::string& name, const std::string& help,
                          const std::vector<double>& bounds, const MetricLabels& labels = {});

  // Everything in the Prometheus text format 0.0.4.
  std::string Text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Upper limits for the duration of a step in seconds: 1 ms to 10 s.
const std::vector<double>& SecondsBounds();

}  // namespace rollcall::base

#endif  // ROLLCALL_BASE_METRICS_H_
