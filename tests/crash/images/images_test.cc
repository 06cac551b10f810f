// Power cuts at every sync of a run and between them: whatever the disk has kept of what was not
// synced, the ledger opens, holds everything that was acknowledged, once, and goes on.
#include "images.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "support/environment.h"
#include "support/tally.h"

namespace rollcall::crash {
namespace {

constexpr int64_t kImagesPerSeed = 4000;  // at most; from there on another seed says more
constexpr int64_t kFewestSeeds = 3;
constexpr int64_t kTold = 5;  // failures in full

struct Settings {
  int64_t seed = 1;
  int64_t images = 1500;
  int64_t only = -1;  // this image of this seed
  std::filesystem::path keep;
};

Settings& TheSettings() {
  static Settings settings;
  return settings;
}

// A folder in memory where there is one: what is tried here is not this machine's disk.
class Folder {
 public:
  Folder() {
    std::string pattern = access("/dev/shm", W_OK) == 0 ? "/dev/shm/rollcall-images-XXXXXX" : "";
    if (!pattern.empty() && mkdtemp(pattern.data()) != nullptr) memory_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    if (!memory_.empty()) std::filesystem::remove_all(memory_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path path() const { return memory_.empty() ? disk_.path() : memory_; }

 private:
  std::filesystem::path memory_;
  support::TempDir disk_;
};

// `count` of `plans`, evenly, in the order of their positions.
std::vector<ImagePlan> Choose(const std::vector<ImagePlan>& plans, int64_t count) {
  const auto all = static_cast<int64_t>(plans.size());
  std::vector<ImagePlan> chosen;
  for (int64_t i = 0; i < std::min(count, all); ++i) {
    chosen.push_back(plans[static_cast<size_t>(count >= all ? i : i * all / count)]);
  }
  std::stable_sort(chosen.begin(), chosen.end(),
                   [](const ImagePlan& a, const ImagePlan& b) { return a.position < b.position; });
  return chosen;
}

struct Count {
  int64_t trials = 0;
  int64_t failures = 0;
};

void TrySeed(int64_t seed, int64_t count, Count& tally) {
  const Settings& settings = TheSettings();
  const Folder folder;
  std::filesystem::create_directories(folder.path() / "run");
  const RecordedRun run(static_cast<uint64_t>(seed), folder.path() / "run");
  ASSERT_EQ(run.fault(), "") << "seed " << seed;
  std::vector<ImagePlan> plans = PlanImages(run);
  if (settings.only >= 0) {
    ASSERT_LT(settings.only, static_cast<int64_t>(plans.size())) << "there is no such image";
    plans = {plans[static_cast<size_t>(settings.only)]};
  }
  const auto where = settings.keep.empty() ? folder.path() / "image" : settings.keep;
  ForEachImage(run, Choose(plans, count), [&](const ImagePlan& plan, support::DiskFiles files) {
    ++tally.trials;
    const auto fault = TryImage(run, plan, files, where);
    if (!fault || ++tally.failures > kTold) return;
    ADD_FAILURE() << "seed " << seed << ", image " << plan.number << " ("
                  << plan.Describe(run.operations().size()) << "): " << *fault
                  << "\nagain: crash_images_test --seed " << seed << " --image " << plan.number;
  });
}

TEST(CrashImagesTest, NothingAcknowledgedIsLostInAPowerCut) {
  const Settings& settings = TheSettings();
  ASSERT_GT(settings.images, 0);
  const int64_t seeds =
      settings.only >= 0
          ? 1
          : std::max(kFewestSeeds, (settings.images + kImagesPerSeed - 1) / kImagesPerSeed);
  Count tally;
  for (int64_t i = 0; i < seeds; ++i) {
    const int64_t count = settings.images * (i + 1) / seeds - settings.images * i / seeds;
    TrySeed(settings.seed + i, std::max<int64_t>(count, 1), tally);
    if (HasFatalFailure()) break;
  }
  const std::string which =
      "seeds " + std::to_string(settings.seed) + " to " + std::to_string(settings.seed + seeds - 1);
  std::printf("%s\n", support::Tally("images", which, tally.trials, tally.failures).c_str());
  EXPECT_EQ(tally.failures, 0);
}

TEST(CrashImagesTest, TheSameSeedIsTheSameRun) {
  const Folder folder;
  std::filesystem::create_directories(folder.path() / "a");
  std::filesystem::create_directories(folder.path() / "b");
  const RecordedRun a(7, folder.path() / "a");
  const RecordedRun b(7, folder.path() / "b");
  ASSERT_EQ(a.fault(), "");
  ASSERT_EQ(a.operations().size(), b.operations().size());
  for (size_t i = 0; i < a.operations().size(); ++i) {
    ASSERT_EQ(a.operations()[i].kind, b.operations()[i].kind) << i;
    ASSERT_EQ(a.operations()[i].file, b.operations()[i].file) << i;
    ASSERT_EQ(a.operations()[i].offset, b.operations()[i].offset) << i;
  }
  ASSERT_NE(a.LastBefore(a.operations().size()), nullptr);
  EXPECT_TRUE(
      SameReceipt(*a.LastBefore(a.operations().size()), *b.LastBefore(b.operations().size())));
}

int64_t Number(std::string_view text, int64_t otherwise) {
  const std::string copy(text);
  char* end = nullptr;
  const long long value = std::strtoll(copy.c_str(), &end, 10);
  return end != copy.c_str() && *end == '\0' && value >= 0 ? value : otherwise;
}

void FromEnvironment(const char* name, int64_t& value) {
  if (const char* given = std::getenv(name)) value = Number(given, value);
}

}  // namespace
}  // namespace rollcall::crash

int main(int argc, char** argv) {
  using rollcall::crash::Number;
  ::testing::InitGoogleTest(&argc, argv);
  auto& settings = rollcall::crash::TheSettings();
  rollcall::crash::FromEnvironment("ROLLCALL_CRASH_SEED", settings.seed);
  rollcall::crash::FromEnvironment("ROLLCALL_CRASH_IMAGES", settings.images);
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--seed") settings.seed = Number(argv[i + 1], -1);
    if (option == "--images") settings.images = Number(argv[i + 1], -1);
    if (option == "--image") settings.only = Number(argv[i + 1], -1);
    if (option == "--keep") settings.keep = argv[i + 1];
  }
  if (argc % 2 == 0 || settings.seed < 0 || settings.images < 1) {
    std::fprintf(stderr,
                 "Usage: crash_images_test [--seed N] [--images N | --image M] [--keep DIR]\n"
                 "--image M: only image M of this seed; --keep: leaves what is left of it in DIR.\n"
                 "Environment: ROLLCALL_CRASH_SEED, ROLLCALL_CRASH_IMAGES.\n");
    return 2;
  }
  return RUN_ALL_TESTS();
}
