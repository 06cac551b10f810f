#include "support/damage.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>

namespace rollcall::support {
namespace {

using base::Bytes;

constexpr size_t kPngSignature = 8;
constexpr size_t kChunkFrame = 12;  // length, type, checksum

struct Segment {
  size_t begin;
  size_t end;
};

size_t Big32(const Bytes& bytes, size_t at) {
  return size_t{bytes[at]} << 24 | size_t{bytes[at + 1]} << 16 | size_t{bytes[at + 2]} << 8 |
         bytes[at + 3];
}

bool IsPng(const Bytes& bytes) { return bytes.size() > kPngSignature && bytes[0] == 0x89; }

std::vector<Segment> Chunks(const Bytes& png) {
  std::vector<Segment> chunks;
  size_t at = kPngSignature;
  while (at + kChunkFrame <= png.size()) {
    const size_t length = Big32(png, at);
    if (length > png.size() - at - kChunkFrame) break;
    chunks.push_back({at, at + kChunkFrame + length});
    at += kChunkFrame + length;
  }
  return chunks;
}

// A scan counts as a segment together with the data behind it.
std::vector<Segment> MarkerSegments(const Bytes& jpeg) {
  std::vector<Segment> segments;
  size_t at = 2;
  while (at + 4 <= jpeg.size() && jpeg[at] == 0xFF && jpeg[at + 1] != 0xD9) {
    size_t end = at + 2 + (size_t{jpeg[at + 2]} << 8 | jpeg[at + 3]);
    if (jpeg[at + 1] == 0xDA) {
      while (end + 1 < jpeg.size() && !(jpeg[end] == 0xFF && jpeg[end + 1] >= 0xC0 &&
                                        (jpeg[end + 1] < 0xD0 || jpeg[end + 1] > 0xD7))) {
        ++end;
      }
    }
    if (end > jpeg.size()) break;
    segments.push_back({at, end});
    at = end;
  }
  return segments;
}

std::vector<Segment> Segments(const Bytes& picture) {
  return IsPng(picture) ? Chunks(picture) : MarkerSegments(picture);
}

class Damager {
 public:
  Damager(const Bytes& picture, const Bytes& other, std::mt19937_64& random)
      : bytes_(picture), other_(other), random_(random) {}

  Bytes Run() {
    switch (Below(12)) {
      case 0:
        Cut();
        break;
      case 1:
        Cut();
        AppendEnd();
        break;
      case 2:
        Flip(bytes_.size());
        break;
      case 3:
        Flip(std::min<size_t>(bytes_.size(), 700));
        break;
      case 4:
        Overwrite();
        break;
      case 5:
        Drop();
        break;
      case 6:
        Repeat();
        break;
      case 7:
        SpliceMarker();
        break;
      case 8:
        Swap();
        break;
      case 9:
        CopyOrLeaveOut();
        break;
      case 10:
        EditFrame();
        break;
      default:
        ContinueWithOther();
        break;
    }
    if (IsPng(bytes_) && Below(2) == 0) MendChecksums(bytes_);
    return std::move(bytes_);
  }

 private:
  size_t Below(size_t limit) { return limit == 0 ? 0 : random_() % limit; }
  size_t Place() { return Below(bytes_.size()); }
  // Mostly short, sometimes up to the whole rest.
  size_t Length(size_t from) {
    const size_t rest = bytes_.size() - from;
    return 1 + Below(Below(4) == 0 ? rest : std::min<size_t>(rest, 16));
  }
  static std::ptrdiff_t At(size_t place) { return static_cast<std::ptrdiff_t>(place); }
  uint8_t AnyByte() {
    constexpr uint8_t kTelling[] = {0x00, 0xFF, 0x7F, 0x80, 0x01};
    return Below(2) == 0 ? kTelling[Below(std::size(kTelling))] : static_cast<uint8_t>(random_());
  }

  void Cut() { bytes_.resize(2 + Below(bytes_.size() - 2)); }
  void AppendEnd() {
    if (IsPng(bytes_)) {
      bytes_.insert(bytes_.end(), {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xAE, 0x42, 0x60, 0x82});
    } else {
      bytes_.insert(bytes_.end(), {0xFF, 0xD9});
    }
  }
  void Flip(size_t within) {
    for (size_t flips = 1 + Below(8); flips > 0; --flips) {
      bytes_[Below(within)] ^= static_cast<uint8_t>(1u << Below(8));
    }
  }
  void Overwrite() {
    const size_t from = Place();
    const size_t count = std::min(Length(from), bytes_.size() - from);
    const uint8_t value = AnyByte();
    const bool noise = Below(2) == 0;
    for (size_t i = from; i < from + count; ++i) bytes_[i] = noise ? AnyByte() : value;
  }
  void Drop() {
    const size_t from = 2 + Below(bytes_.size() - 2);
    const size_t count = std::min(Length(from), bytes_.size() - from);
    bytes_.erase(bytes_.begin() + At(from), bytes_.begin() + At(from + count));
  }
  void Repeat() {
    const size_t from = Place();
    const size_t count = std::min(Length(from), bytes_.size() - from);
    const Bytes copy(bytes_.begin() + At(from), bytes_.begin() + At(from + count));
    bytes_.insert(bytes_.begin() + At(Place()), copy.begin(), copy.end());
  }
  void SpliceMarker() {
    constexpr uint8_t kMarkers[] = {0xC0, 0xC2, 0xC4, 0xCC, 0xD0, 0xD3, 0xD7, 0xD8, 0xD9,
                                    0xDA, 0xDB, 0xDC, 0xDD, 0xE0, 0xE1, 0xEE, 0xFE, 0x01};
    const uint8_t marker[] = {0xFF, kMarkers[Below(std::size(kMarkers))]};
    const size_t at = Place();
    if (Below(2) == 0 && at + 2 <= bytes_.size()) {
      std::copy_n(marker, 2, bytes_.begin() + At(at));
    } else {
      bytes_.insert(bytes_.begin() + At(at), marker, marker + 2);
    }
  }
  void Swap() {
    const std::vector<Segment> segments = Segments(bytes_);
    if (segments.size() < 2) return Flip(bytes_.size());
    const size_t first = Below(segments.size() - 1);
    const Segment a = segments[first];
    const Segment b = segments[first + 1 + Below(segments.size() - first - 1)];
    Bytes swapped(bytes_.begin(), bytes_.begin() + At(a.begin));
    const auto add = [&](size_t from, size_t to) {
      swapped.insert(swapped.end(), bytes_.begin() + At(from), bytes_.begin() + At(to));
    };
    add(b.begin, b.end);
    add(a.end, b.begin);
    add(a.begin, a.end);
    add(b.end, bytes_.size());
    bytes_ = std::move(swapped);
  }
  void CopyOrLeaveOut() {
    const std::vector<Segment> segments = Segments(bytes_);
    if (segments.empty()) return Flip(bytes_.size());
    const Segment s = segments[Below(segments.size())];
    if (Below(2) == 0) {
      bytes_.erase(bytes_.begin() + At(s.begin), bytes_.begin() + At(s.end));
    } else {
      const Bytes copy(bytes_.begin() + At(s.begin), bytes_.begin() + At(s.end));
      bytes_.insert(bytes_.begin() + At(s.end), copy.begin(), copy.end());
    }
  }
  // Sides, depth, number and sampling of the components; or a scan's list of what it brings.
  void EditFrame() {
    for (const Segment& s : Segments(bytes_)) {
      const uint8_t marker = IsPng(bytes_) ? 0xC0 : bytes_[s.begin + 1];
      const bool frame = marker >= 0xC0 && marker <= 0xC2;
      if (!frame && !(marker == 0xDA && Below(2) == 0)) continue;
      const size_t head = std::min<size_t>(s.end - s.begin, 25);
      for (size_t edits = 1 + Below(3); edits > 0; --edits) {
        bytes_[s.begin + 2 + Below(head - 2)] = AnyByte();
      }
      return;
    }
  }
  void ContinueWithOther() {
    const size_t cut = 2 + Below(bytes_.size() - 2);
    const size_t from = std::min(cut + Below(64), other_.size());
    bytes_.resize(cut);
    bytes_.insert(bytes_.end(), other_.begin() + At(from), other_.end());
  }

  Bytes bytes_;
  const Bytes& other_;
  std::mt19937_64& random_;
};

}  // namespace

void MendChecksums(Bytes& png) {
  for (const Segment& chunk : Chunks(png)) {
    const auto covered = static_cast<uInt>(chunk.end - chunk.begin - 8);
    const uLong crc = crc32(0, png.data() + chunk.begin + 4, covered);
    for (size_t i = 0; i < 4; ++i) {
      png[chunk.end - 4 + i] = static_cast<uint8_t>(crc >> (24 - 8 * i));
    }
  }
}

Bytes Damaged(const Bytes& picture, const Bytes& other, std::mt19937_64& random) {
  return Damager(picture, other, random).Run();
}

}  // namespace rollcall::support
