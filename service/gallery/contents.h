#ifndef ROLLCALL_GALLERY_CONTENTS_H_
#define ROLLCALL_GALLERY_CONTENTS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "gallery/row_block.h"
#include "gallery/subject_index.h"

namespace rollcall::gallery {

struct Template;

// What a snapshot holds. Rows are in no particular order; a place is the number of a part times
// most_rows plus the number of the row in it.
struct Contents {
  // The first `count` rows of a block. A part without a block is empty, and waits for one.
  struct Part {
    std::shared_ptr<RowBlock> block;
    size_t count = 0;
    float rest = 0;  // at least RowNorms::rest of each row; does not shrink as rows go
  };

  Contents(std::string model, int32_t vector_size);

  std::string model_id;
  int32_t dimension;
  size_t row_bytes;
  size_t most_rows;  // RowBlock::MostRows
  int64_t revision = 0;
  size_t size = 0;
  std::vector<Part> parts;
  SubjectIndex index;

  const RowBlock& BlockOf(uint32_t place) const { return *parts[place / most_rows].block; }
  size_t RowOf(uint32_t place) const { return place % most_rows; }
  const base::Uuid& SubjectAt(uint32_t place) const { return BlockOf(place).subject(RowOf(place)); }
  int32_t PhotosAt(uint32_t place) const;
  size_t Bytes() const;
};

// The next contents, made from the old ones, which stay as they are; only blocks and nodes that
// differ are copied. One at a time, since new rows go into old blocks, behind what the old contents
// see.
class Change {
 public:
  explicit Change(const Contents& old);

  // Adds or replaces.
  void Put(const Template& item);
  // Whether it was there.
  bool Remove(const base::Uuid& subject);
  std::shared_ptr<const Contents> Finish();

 private:
  size_t CapacityFor(size_t rows) const;
  RowBlock& Own(size_t part);
  size_t PartWithRoom();
  RowBlock& BlockWithRoom(size_t part);
  // `rest`: at least that of the row.
  void Append(size_t part, const Row& row, float rest);
  void Join(size_t part);

  std::shared_ptr<Contents> next_;
  PrivateBytes codes_;          // of the template at hand
  size_t first_with_room_ = 0;  // no part before it has any
  std::vector<size_t> shrunk_;  // parts, each once or more
};

}  // namespace rollcall::gallery

#endif  // ROLLCALL_GALLERY_CONTENTS_H_
