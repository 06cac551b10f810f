#include "gallery/subject_index.h"

#include <gtest/gtest.h>

#include <map>

#include "vectors.h"

namespace rollcall::gallery {
namespace {

using Plain = std::map<base::Uuid, uint32_t>;

void ExpectSame(const SubjectIndex& index, const Plain& plain, uint32_t subjects) {
  for (uint32_t n = 0; n < subjects; ++n) {
    const auto expected = plain.find(Subject(n));
    const auto found = index.Find(Subject(n));
    ASSERT_EQ(found.has_value(), expected != plain.end()) << n;
    ASSERT_EQ(found.value_or(0), expected == plain.end() ? 0 : expected->second) << n;
  }
}

TEST(SubjectIndexTest, IsAMapWhoseCopiesDoNotSeeEachOthersChanges) {
  constexpr uint32_t kSubjects = 3'000;
  std::mt19937 random(1);
  std::vector<std::pair<SubjectIndex, Plain>> versions(1);
  for (int64_t change = 1; change <= 20; ++change) {
    auto [index, plain] = versions[random() % versions.size()];
    for (int i = 0; i < 500; ++i) {
      const base::Uuid subject = Subject(static_cast<uint32_t>(random() % kSubjects));
      if (random() % 4 == 0) {
        index.Erase(subject, change);
        plain.erase(subject);
      } else {
        const auto place = static_cast<uint32_t>(random());
        index.Set(subject, place, change);
        plain[subject] = place;
      }
    }
    versions.emplace_back(std::move(index), std::move(plain));
  }
  for (const auto& [index, plain] : versions) ExpectSame(index, plain, kSubjects);
}

TEST(SubjectIndexTest, ErasingEverybodyAndWhoIsNotThere) {
  SubjectIndex index;
  index.Erase(Subject(1), 1);
  for (uint32_t n = 0; n < 200; ++n) index.Set(Subject(n), n, 1);
  for (uint32_t n = 0; n < 300; ++n) index.Erase(Subject(n), 2);
  ExpectSame(index, {}, 300);
}

TEST(SubjectIndexTest, TakesLittleMemory) {
  SubjectIndex index;
  constexpr uint32_t kSubjects = 100'000;
  for (uint32_t n = 0; n < kSubjects; ++n) index.Set(Subject(n), n, 1);
  EXPECT_LT(index.Bytes(), kSubjects * 100);
}

}  // namespace
}  // namespace rollcall::gallery
