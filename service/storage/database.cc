#include "storage/database.h"

#include <algorithm>

namespace rollcall::storage {

base::Uuid Rows::Uuid(int column) const {
  base::Uuid uuid;
  const auto bytes = BlobView(column);
  if (bytes.size() == uuid.bytes.size()) std::copy(bytes.begin(), bytes.end(), uuid.bytes.begin());
  return uuid;
}

}  // namespace rollcall::storage
