// The files that an operator writes: configuration (TOML), manifest and calibration (JSON). The
// first byte chooses.
#include "server/config.h"

#include "fuzz.h"
#include "recognition/manifest.h"

namespace {

void TryConfig(std::string_view text) {
  const auto config = rollcall::server::ParseConfig(text, "fuzz.toml");
  if (!config.ok()) {
    rollcall::fuzz::PromiseAPlainRefusal(config.status());
    rollcall::fuzz::Promise(
        rollcall::base::Message(config.status()).find("fuzz.toml:") != std::string::npos,
        "a fault without its line: " + config.status().ToString());
    return;
  }
  rollcall::fuzz::Promise(rollcall::server::ValidateListenAddress(config->listen).ok(),
                          "an address passed that is none");
  rollcall::fuzz::Promise(config->request_threads > 0 && config->worker_queue > 0,
                          "a number out of range passed");
}

void TryManifest(std::string_view text) {
  const auto manifest = rollcall::recognition::ParseManifest(text);
  if (!manifest.ok()) return rollcall::fuzz::PromiseAPlainRefusal(manifest.status());
  for (const auto& [name, file] : manifest->files) {
    rollcall::fuzz::Promise(!name.empty() && name.find('/') == std::string::npos && name[0] != '.',
                            "a model file outside of its folder: " + name);
    rollcall::fuzz::Promise(file.bytes > 0 && file.sha256.size() == 64, "a file without a hash");
  }
}

void TryCalibration(std::string_view text) {
  const auto file = rollcall::recognition::ParseCalibration(text, "embed-1");
  if (!file.ok()) rollcall::fuzz::PromiseAPlainRefusal(file.status());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text = rollcall::fuzz::Text(data + 1, size - 1);
  switch (data[0]) {
    case 'M':
      TryManifest(text);
      break;
    case 'C':
      TryCalibration(text);
      break;
    default:
      TryConfig(text);
      break;
  }
  return 0;
}
