#include "bench/speed/peers/ort.h"

#include <dlfcn.h>

#include <cstdlib>
#include <utility>
#include <vector>

#include "bench/speed/peers/tiny_numbers.h"

namespace rollcall::bench {
namespace {

constexpr char kVersion[] = "1.30.0";
constexpr char kLibrary[] = "/onnxruntime-node-1.30.0/libonnxruntime.so.1";

// Places in the table of version 1 of the interface, which later ones only append to.
enum Slot : size_t {
  kGetErrorMessage = 2,
  kCreateEnv = 3,
  kCreateSessionFromArray = 8,
  kRun = 9,
  kCreateSessionOptions = 10,
  kSetSessionExecutionMode = 13,
  kSetSessionGraphOptimizationLevel = 23,
  kSetIntraOpNumThreads = 24,
  kSetInterOpNumThreads = 25,
  kCreateTensorWithDataAsOrtValue = 49,
  kGetTensorMutableData = 51,
  kCreateCpuMemoryInfo = 69,
  kReleaseEnv = 92,
  kReleaseStatus = 93,
  kReleaseMemoryInfo = 94,
  kReleaseSession = 95,
  kReleaseValue = 96,
  kReleaseSessionOptions = 100,
};
constexpr int kLogErrors = 3;
constexpr int kSequential = 0;
constexpr int kAllOptimisations = 99;
constexpr int kDeviceAllocator = 0;
constexpr int kDefaultMemory = 0;
constexpr int kFloat = 1;

// What the library's one exported function returns.
struct EntryPoint {
  const void* const* (*table_of)(uint32_t interface_version);
  const char* (*version)();
};

absl::Status Absent(const std::string& why) {
  return base::MakeError(absl::StatusCode::kNotFound, "PEER_ABSENT",
                         "ONNX Runtime " + std::string(kVersion) + " is absent (" + why +
                             "); tools/fetch-peers gets it");
}

}  // namespace

std::string PeerCacheDir() {
  if (const char* own = std::getenv("ROLLCALL_PEERS"); own != nullptr && *own != '\0') return own;
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0') {
    return std::string(cache) + "/rollcall/peers";
  }
  const char* home = std::getenv("HOME");
  return std::string(home == nullptr ? "" : home) + "/.cache/rollcall/peers";
}

struct OrtLibrary::Table {
  const void* const* functions = nullptr;
  void* environment = nullptr;
  std::string version;

  // Calls the function in a place that returns nothing.
  template <typename... Arguments>
  void Release(Slot slot, Arguments... arguments) const {
    reinterpret_cast<void (*)(Arguments...)>(const_cast<void*>(functions[slot]))(arguments...);
  }
  // Calls one that returns null or an error.
  template <typename... Arguments>
  absl::Status Call(Slot slot, Arguments... arguments) const {
    void* error =
        reinterpret_cast<void* (*)(Arguments...)>(const_cast<void*>(functions[slot]))(arguments...);
    if (error == nullptr) return absl::OkStatus();
    const std::string message = reinterpret_cast<const char* (*)(const void*)>(
        const_cast<void*>(functions[kGetErrorMessage]))(error);
    Release(kReleaseStatus, error);
    return base::MakeError(absl::StatusCode::kInternal, "PEER_FAILED", "ONNX Runtime: " + message);
  }
};

namespace {

// A net of the library. The arguments of a run are put together once.
template <typename Table>
class OrtNet final : public PeerNet {
 public:
  OrtNet(const Table& table, const inference::ModelSpec& spec) : table_(table), spec_(spec) {
    int64_t size = 1;
    for (const int64_t side : spec_.input_shape) size *= side;
    input_.resize(static_cast<size_t>(size));
    for (const std::string& name : spec_.output_names) names_.push_back(name.c_str());
    outputs_.resize(names_.size());
  }
  ~OrtNet() override {
    ReleaseOutputs();
    if (value_ != nullptr) table_.Release(kReleaseValue, value_);
    if (memory_ != nullptr) table_.Release(kReleaseMemoryInfo, memory_);
    if (session_ != nullptr) table_.Release(kReleaseSession, session_);
  }

  absl::Status Load(std::span<const uint8_t> onnx) {
    void* options = nullptr;
    RETURN_IF_ERROR(table_.Call(kCreateSessionOptions, &options));
    const absl::Status loaded = [&]() -> absl::Status {
      RETURN_IF_ERROR(table_.Call(kSetSessionExecutionMode, options, kSequential));
      RETURN_IF_ERROR(table_.Call(kSetSessionGraphOptimizationLevel, options, kAllOptimisations));
      RETURN_IF_ERROR(table_.Call(kSetIntraOpNumThreads, options, 1));
      RETURN_IF_ERROR(table_.Call(kSetInterOpNumThreads, options, 1));
      return table_.Call(kCreateSessionFromArray, table_.environment,
                         static_cast<const void*>(onnx.data()), onnx.size(), options, &session_);
    }();
    table_.Release(kReleaseSessionOptions, options);
    RETURN_IF_ERROR(loaded);
    RETURN_IF_ERROR(table_.Call(kCreateCpuMemoryInfo, kDeviceAllocator, kDefaultMemory, &memory_));
    return table_.Call(kCreateTensorWithDataAsOrtValue, memory_, static_cast<void*>(input_.data()),
                       input_.size() * sizeof(float), spec_.input_shape.data(),
                       spec_.input_shape.size(), kFloat, &value_);
  }

  absl::Status Run(std::span<const float> input) override {
    // The session sets this register when it is made, so it has to be set here.
    const TinyNumbersAreZero tiny;
    std::copy(input.begin(), input.end(), input_.begin());
    ReleaseOutputs();
    static constexpr const char* kInput = "input";
    return table_.Call(kRun, session_, static_cast<const void*>(nullptr), &kInput,
                       static_cast<void* const*>(&value_), size_t{1}, names_.data(), names_.size(),
                       outputs_.data());
  }

  std::span<const float> output(size_t i) const override {
    void* data = nullptr;
    if (!table_.Call(kGetTensorMutableData, outputs_[i], &data).ok()) return {};
    return {static_cast<const float*>(data), static_cast<size_t>(spec_.output_sizes[i])};
  }

 private:
  void ReleaseOutputs() {
    for (void*& output : outputs_) {
      if (output != nullptr) table_.Release(kReleaseValue, std::exchange(output, nullptr));
    }
  }

  const Table& table_;
  const inference::ModelSpec spec_;
  std::vector<float> input_;
  std::vector<const char*> names_;
  std::vector<void*> outputs_;
  void* session_ = nullptr;
  void* memory_ = nullptr;
  void* value_ = nullptr;
};

}  // namespace

absl::StatusOr<std::unique_ptr<OrtLibrary>> OrtLibrary::Load(const std::string& peer_cache_dir) {
  const std::string path = peer_cache_dir + kLibrary;
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return Absent("no " + path);
  const auto entry = reinterpret_cast<const EntryPoint* (*)()>(dlsym(library, "OrtGetApiBase"));
  if (entry == nullptr || entry() == nullptr) return Absent(path + " is something else");
  auto table = std::make_unique<Table>();
  table->version = entry()->version();
  if (table->version != kVersion) return Absent(path + " is " + table->version);
  table->functions = entry()->table_of(1);
  if (table->functions == nullptr) return Absent(path + " has no interface of version 1");
  RETURN_IF_ERROR(table->Call(kCreateEnv, kLogErrors, "rollcall-bench", &table->environment));
  return std::unique_ptr<OrtLibrary>(new OrtLibrary(std::move(table)));
}

OrtLibrary::OrtLibrary(std::unique_ptr<Table> table) : table_(std::move(table)) {}

// The library itself stays loaded: it has threads and exit handlers of its own.
OrtLibrary::~OrtLibrary() { table_->Release(kReleaseEnv, table_->environment); }

std::string OrtLibrary::version() const { return table_->version; }

absl::StatusOr<std::unique_ptr<PeerNet>> OrtLibrary::MakeNet(std::span<const uint8_t> onnx,
                                                             const inference::ModelSpec& spec) {
  auto net = std::make_unique<OrtNet<Table>>(*table_, spec);
  RETURN_IF_ERROR(net->Load(onnx));
  return std::unique_ptr<PeerNet>(std::move(net));
}

}  // namespace rollcall::bench
