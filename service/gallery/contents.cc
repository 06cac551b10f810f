#include "gallery/contents.h"

#include <algorithm>
#include <utility>

#include "gallery/gallery.h"

namespace rollcall::gallery {
namespace {

constexpr size_t kFewestRows = 64;  // of a block; then twice as many, and so on

}  // namespace

Contents::Contents(std::string model, int32_t vector_size)
    : model_id(std::move(model)),
      dimension(vector_size),
      row_bytes(RowBytes(vector_size)),
      most_rows(RowBlock::MostRows(row_bytes)) {}

int32_t Contents::PhotosAt(uint32_t place) const {
  const Photos* photos = BlockOf(place).photos(RowOf(place));
  return photos == nullptr ? 1 : photos->count();
}

size_t Contents::Bytes() const {
  size_t bytes = sizeof(Contents) + parts.capacity() * sizeof(Part) + index.Bytes();
  for (const Part& part : parts) {
    if (part.block == nullptr) continue;
    bytes += part.block->Bytes();
    for (size_t i = 0; i < part.count; ++i) {
      if (const Photos* photos = part.block->photos(i)) bytes += photos->Bytes();
    }
  }
  return bytes;
}

Change::Change(const Contents& old)
    : next_(std::make_shared<Contents>(old)), codes_(old.row_bytes) {
  ++next_->revision;
}

std::shared_ptr<const Contents> Change::Finish() {
  std::sort(shrunk_.begin(), shrunk_.end());
  shrunk_.erase(std::unique(shrunk_.begin(), shrunk_.end()), shrunk_.end());
  for (const size_t part : shrunk_) Join(part);
  return std::move(next_);
}

size_t Change::CapacityFor(size_t rows) const {
  size_t capacity = kFewestRows;
  while (capacity < rows) capacity *= 2;
  return std::min(capacity, next_->most_rows);
}

// Afterwards the rows of the part's block may be changed: no snapshot sees it.
RowBlock& Change::Own(size_t part) {
  Contents::Part& own = next_->parts[part];
  if (own.block->change() != next_->revision) {
    own.block =
        std::make_shared<RowBlock>(*own.block, own.count, CapacityFor(own.count), next_->revision);
  }
  return *own.block;
}

size_t Change::PartWithRoom() {
  std::vector<Contents::Part>& parts = next_->parts;
  while (first_with_room_ < parts.size() && parts[first_with_room_].count >= next_->most_rows) {
    ++first_with_room_;
  }
  if (first_with_room_ == parts.size()) parts.emplace_back();
  return first_with_room_;
}

// Afterwards a row may be written behind the part's last one: nobody has done so before, and it
// fits.
RowBlock& Change::BlockWithRoom(size_t part) {
  Contents::Part& own = next_->parts[part];
  if (own.block == nullptr) {
    own.block = std::make_shared<RowBlock>(CapacityFor(1), next_->row_bytes, next_->revision);
  } else if (own.block->used() != own.count || own.count == own.block->capacity()) {
    own.block = std::make_shared<RowBlock>(*own.block, own.count, CapacityFor(own.count + 1),
                                           next_->revision);
  }
  return *own.block;
}

void Change::Append(size_t part, const Row& row, float rest) {
  BlockWithRoom(part).Append(row);
  next_->parts[part].rest = std::max(next_->parts[part].rest, rest);
  const size_t place = part * next_->most_rows + next_->parts[part].count++;
  next_->index.Set(row.subject, static_cast<uint32_t>(place), next_->revision);
}

void Change::Put(const Template& item) {
  uint8_t* lower = codes_.data() + next_->row_bytes / 2;
  const RowNorms norms = EncodeRow(item.mean, codes_.data(), lower);
  Row row{item.subject, {codes_.data(), lower}, norms.inverse, nullptr};
  if (item.photos.size() > 1 || item.photos.front() != item.mean) {
    row.photos = std::make_shared<const Photos>(item.photos);
  }
  if (const auto place = next_->index.Find(item.subject)) {
    const size_t part = *place / next_->most_rows;
    Own(part).Write(next_->RowOf(*place), row);
    next_->parts[part].rest = std::max(next_->parts[part].rest, norms.rest);
    return;
  }
  Append(PartWithRoom(), row, norms.rest);
  ++next_->size;
}

bool Change::Remove(const base::Uuid& subject) {
  const auto place = next_->index.Find(subject);
  if (!place) return false;
  const size_t part = *place / next_->most_rows;
  RowBlock& block = Own(part);
  const size_t row = next_->RowOf(*place);
  block.RemoveByLast(row);
  next_->index.Erase(subject, next_->revision);
  if (row < block.used()) next_->index.Set(block.subject(row), *place, next_->revision);
  next_->parts[part].count = block.used();
  --next_->size;
  first_with_room_ = std::min(first_with_room_, part);
  shrunk_.push_back(part);
  return true;
}

// So that memory shrinks with the people: at most one part is less than half full.
void Change::Join(size_t part) {
  std::vector<Contents::Part>& parts = next_->parts;
  const auto sparse = [this](const Contents::Part& p) {
    return p.block != nullptr && p.count <= next_->most_rows / 2;
  };
  if (!sparse(parts[part])) return;
  const Contents::Part moved = std::exchange(parts[part], {});
  const auto other = std::find_if(parts.begin(), parts.end(), sparse);
  if (other == parts.end() && moved.count > 0) {
    parts[part] = moved;
    return;
  }
  const auto to = static_cast<size_t>(other - parts.begin());
  for (size_t i = 0; i < moved.count; ++i) Append(to, moved.block->At(i), moved.rest);
}

}  // namespace rollcall::gallery
