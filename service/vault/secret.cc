#include "vault/secret.h"

#include <sodium.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"

namespace rollcall::vault {
namespace {

constexpr size_t kKeyIdSize = 16;
constexpr size_t kSlotsPerChunk = 128;

// Memory for secrets of the size of a key. sodium_malloc costs five system calls, a millisecond on
// some virtual machines, and a start unwraps every person's key: chunks of it are cut into slots that
// are used again.
class KeySlots {
 public:
  // Never destroyed: keys in static objects may go after it. Its free slots hold zeros.
  static KeySlots& Instance() {
    static KeySlots* const slots = new KeySlots;
    return *slots;
  }

  uint8_t* Take() {
    const base::MutexLock lock(mutex_);
    if (free_.empty()) {
      auto* chunk = static_cast<uint8_t*>(sodium_malloc(kSlotsPerChunk * kKeySize));
      ROLLCALL_CHECK(chunk != nullptr);
      sodium_memzero(chunk, kSlotsPerChunk * kKeySize);
      chunks_.push_back(chunk);
      for (size_t i = 0; i < kSlotsPerChunk; ++i) free_.push_back(chunk + i * kKeySize);
    }
    uint8_t* slot = free_.back();
    free_.pop_back();
    return slot;
  }

  // Overwrites and takes back; false: not one of these.
  bool Give(uint8_t* slot) {
    const base::MutexLock lock(mutex_);
    const bool mine = std::any_of(chunks_.begin(), chunks_.end(), [slot](const uint8_t* chunk) {
      return slot >= chunk && slot < chunk + kSlotsPerChunk * kKeySize;
    });
    if (!mine) return false;
    sodium_memzero(slot, kKeySize);
    free_.push_back(slot);
    return true;
  }

 private:
  base::Mutex mutex_;
  std::vector<uint8_t*> chunks_ ABSL_GUARDED_BY(mutex_);
  std::vector<uint8_t*> free_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

SecretBytes::SecretBytes(size_t size) : size_(size) {
  if (size == 0) return;
  ROLLCALL_CHECK(sodium_init() >= 0);
  if (size == kKeySize) {
    data_ = KeySlots::Instance().Take();
    return;
  }
  data_ = static_cast<uint8_t*>(sodium_malloc(size));
  ROLLCALL_CHECK(data_ != nullptr);
  sodium_memzero(data_, size);
}

SecretBytes::~SecretBytes() {
  if (data_ != nullptr && !KeySlots::Instance().Give(data_)) sodium_free(data_);  // overwrites
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

SecretBytes SecretBytes::Copy() const {
  SecretBytes copy(size_);
  std::copy(bytes().begin(), bytes().end(), copy.bytes().begin());
  return copy;
}

void SecretBytes::Shorten(size_t size) {
  ROLLCALL_CHECK(size <= size_);
  if (size < size_) sodium_memzero(data_ + size, size_ - size);
  size_ = size;
}

SecretKey SecretKey::Random(base::RandomSource& random) {
  SecretKey key;
  random.Fill(key.bytes());
  return key;
}

SecretKey SecretKey::Copy() const {
  SecretKey copy;
  copy.bytes_ = bytes_.Copy();
  return copy;
}

base::Bytes KeyId(const SecretKey& key) {
  static constexpr std::string_view kContext = "rollcall key id";
  base::Bytes id(kKeyIdSize);
  crypto_generichash(id.data(), id.size(), reinterpret_cast<const uint8_t*>(kContext.data()),
                     kContext.size(), key.bytes().data(), kKeySize);
  return id;
}

}  // namespace rollcall::vault
