#ifndef ROLLCALL_GALLERY_MEMORY_H_
#define ROLLCALL_GALLERY_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace rollcall::gallery {

inline constexpr size_t kCacheLine = 64;
inline constexpr size_t kHugePage = size_t{2} << 20;

constexpr size_t RoundUp(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }

// Numbers from the beginning of a cache line on, all 0 at first. Moved, not copied; empty
// afterwards.
template <typename T>
class AlignedArray {
 public:
  static_assert(std::is_trivial_v<T>);

  AlignedArray() = default;
  explicit AlignedArray(size_t size)
      : data_(size == 0 ? nullptr : new (std::align_val_t{kCacheLine}) T[size]()), size_(size) {}
  AlignedArray(AlignedArray&& other) noexcept { *this = std::move(other); }
  AlignedArray& operator=(AlignedArray&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  size_t size() const { return size_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }

 private:
  struct Delete {
    void operator()(T* data) const { operator delete[](data, std::align_val_t{kCacheLine}); }
  };
  std::unique_ptr<T[], Delete> data_;
  size_t size_ = 0;
};

// Bytes of people: what is freed is overwritten first, or goes straight back to the operating
// system, which hands out empty pages only. From kHugePage on they lie in huge pages where the
// system has them. All 0 at first. Neither copied nor moved. Throws std::bad_alloc.
class PrivateBytes {
 public:
  explicit PrivateBytes(size_t size);
  ~PrivateBytes();
  PrivateBytes(const PrivateBytes&) = delete;
  PrivateBytes& operator=(const PrivateBytes&) = delete;

  uint8_t* data() { return data_; }
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  size_t size_;
  uint8_t* data_;
};

}  // namespace rollcall::gallery

#endif  // ROLLCALL_GALLERY_MEMORY_H_
