// 10,000 wrong ciphertexts: none opens.
#include "vault/seal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace rollcall::vault {
namespace {

struct Stored {
  EmbeddingPlace place;
  SecretKey key;
  Sealed sealed;
  Sealed wrapped;
};

class SealTest : public testing::Test {
 protected:
  static constexpr int kPeople = 6;
  static constexpr int kGenerations = 3;
  static constexpr int kModels = 2;
  static constexpr int kPhotos = 3;

  SealTest() {
    for (int p = 0; p < kPeople; ++p) {
      for (int g = 1; g <= kGenerations; ++g) {
        const SecretKey key = SecretKey::Random(random_);
        for (int m = 0; m < kModels; ++m) {
          for (int n = 0; n < kPhotos; ++n) Add(p, g, m, n, key);
        }
      }
    }
  }

  void Add(int person, int generation, int model, int number, const SecretKey& key) {
    Stored stored;
    stored.place.subject.bytes[15] = static_cast<uint8_t>(person + 1);
    stored.place.generation = generation;
    stored.place.model_id = "model-" + std::to_string(model);
    stored.place.model_sha256 = std::string(64, static_cast<char>('a' + model));
    stored.place.number = number;
    stored.place.count = kPhotos;
    stored.place.dimension = 8;
    stored.key = key.Copy();
    const std::vector<float> embedding(8, static_cast<float>(person + number));
    stored.sealed = SealEmbedding(embedding, stored.place, key, random_);
    stored.wrapped = SealKey(key, {stored.place.subject, generation}, wrapping_, random_);
    stored_.push_back(std::move(stored));
  }
  // 0 to below - 1.
  size_t Pick(size_t below) {
    std::array<uint8_t, 4> bytes{};
    random_.Fill(bytes);
    return (bytes[0] | bytes[1] << 8 | bytes[2] << 16) % below;
  }
  const Stored& Any() { return stored_[Pick(stored_.size())]; }

  // What the vault does with two rows: unwraps, then opens.
  bool Opens(const Sealed& wrapped, const Sealed& sealed, const EmbeddingPlace& place,
             const SecretKey& wrapping) {
    const auto key = OpenKey(wrapped, {place.subject, place.generation}, wrapping);
    return key && OpenEmbedding(sealed, place, *key).has_value();
  }

  base::SeededRandom random_{5};
  SecretKey wrapping_ = SecretKey::Random(random_);
  std::vector<Stored> stored_;
};

void Flip(base::Bytes& bytes, size_t bit) {
  bytes[bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
}

TEST_F(SealTest, TenThousandWrongCiphertextsAndNoneOpens) {
  const SecretKey other_wrapping = SecretKey::Random(random_);
  for (const Stored& s : stored_) {
    ASSERT_TRUE(Opens(s.wrapped, s.sealed, s.place, wrapping_)) << "the right one does";
  }
  int opened = 0;
  int tried = 0;
  std::array<int, 10> of_each{};
  while (tried < 10'000) {
    const size_t kind = static_cast<size_t>(tried) % of_each.size();
    const Stored& mine = Any();
    const Stored& other = Any();
    Sealed sealed = mine.sealed;
    Sealed wrapped = mine.wrapped;
    EmbeddingPlace place = mine.place;
    switch (kind) {
      case 0:  // another row of whatever person, photo, model or generation
        sealed = other.sealed;
        break;
      case 1:  // another row and its own key, put in this place
        sealed = other.sealed;
        wrapped = other.wrapped;
        break;
      case 2:  // the key of another person or generation
        if (other.place.subject == mine.place.subject &&
            other.place.generation == mine.place.generation) {
          continue;
        }
        wrapped = other.wrapped;
        break;
      case 3:
        Flip(sealed.ciphertext, Pick(sealed.ciphertext.size() * 8));
        break;
      case 4:
        Flip(sealed.nonce, Pick(sealed.nonce.size() * 8));
        break;
      case 5:
        Flip(wrapped.ciphertext, Pick(wrapped.ciphertext.size() * 8));
        break;
      case 6:
        Flip(wrapped.nonce, Pick(wrapped.nonce.size() * 8));
        break;
      case 7:  // cut off, of the message or the key
        (Pick(2) == 0 ? sealed : wrapped).ciphertext.resize(Pick(sealed.ciphertext.size()));
        break;
      case 8:  // all of the row, said to be of another place
        switch (Pick(6)) {
          case 0:
            place.number = (place.number + 1) % kPhotos;
            break;
          case 1:
            place.count += 1;
            break;
          case 2:
            place.model_id += "x";
            break;
          case 3:
            place.generation += 1;
            break;
          case 4:
            place.model_sha256[Pick(64)] ^= 1;
            break;
          default:
            place.subject.bytes[3] ^= 1;
            break;
        }
        break;
      default:
        ++tried;
        ++of_each[kind];
        opened += Opens(wrapped, sealed, place, other_wrapping);
        continue;
    }
    const bool same = sealed.nonce == mine.sealed.nonce && wrapped.nonce == mine.wrapped.nonce &&
                      (kind == 0 || kind == 1);
    if (same) continue;  // by chance nothing was changed
    ++tried;
    ++of_each[kind];
    if (Opens(wrapped, sealed, place, wrapping_)) {
      ++opened;
      ADD_FAILURE() << "kind " << kind;
    }
  }
  EXPECT_EQ(opened, 0);
  EXPECT_GE(*std::min_element(of_each.begin(), of_each.end()), 900);
}

TEST_F(SealTest, ARowRolledBackDoesNotOpenUnderTheKeyOfNow) {
  for (const Stored& old : stored_) {
    for (const Stored& now : stored_) {
      if (now.place.subject != old.place.subject || now.place.generation <= old.place.generation) {
        continue;
      }
      EXPECT_FALSE(OpenEmbedding(old.sealed, now.place, now.key));
      EXPECT_FALSE(OpenEmbedding(old.sealed, old.place, now.key));
      EXPECT_FALSE(OpenEmbedding(old.sealed, now.place, old.key)) << "bound to its generation";
    }
  }
}

// Also where the keys are the right ones: each part counts by itself.
TEST_F(SealTest, EveryPartOfThePlaceIsBound) {
  const Stored& s = stored_[0];
  std::vector<EmbeddingPlace> places(7, s.place);
  places[0].subject.bytes[0] ^= 1;
  places[1].generation += 1;
  places[2].model_id = "model-1";
  places[3].number += 1;
  places[4].count += 1;
  places[5].dimension += 1;
  places[6].model_sha256[63] ^= 1;
  ASSERT_TRUE(OpenEmbedding(s.sealed, s.place, s.key));
  for (size_t i = 0; i < places.size(); ++i) {
    EXPECT_FALSE(OpenEmbedding(s.sealed, places[i], s.key)) << i;
  }
  KeyPlace other{s.place.subject, s.place.generation};
  ASSERT_TRUE(OpenKey(s.wrapped, other, wrapping_));
  other.generation += 1;
  EXPECT_FALSE(OpenKey(s.wrapped, other, wrapping_));
  other = {places[0].subject, s.place.generation};
  EXPECT_FALSE(OpenKey(s.wrapped, other, wrapping_));
}

TEST_F(SealTest, TheIdOfTheKeyIsBound) {
  // The same bits of key under another wrapping key: the message itself says by which it is opened.
  const Stored& s = stored_[0];
  const SecretKey other = SecretKey::Random(random_);
  const Sealed rewrapped = SealKey(s.key, {s.place.subject, s.place.generation}, other, random_);
  EXPECT_TRUE(OpenKey(rewrapped, {s.place.subject, s.place.generation}, other));
  EXPECT_FALSE(OpenKey(rewrapped, {s.place.subject, s.place.generation}, wrapping_));
}

}  // namespace
}  // namespace rollcall::vault
