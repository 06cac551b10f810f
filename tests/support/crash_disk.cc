#include <algorithm>
#include <set>

#include "support/crash_vfs.h"

namespace rollcall::support {
namespace {

// A share of a half is too even to find what hides behind "nearly all" and "nearly none".
double Share(std::mt19937_64& random) {
  constexpr double kShares[] = {0.02, 0.25, 0.5, 0.75, 0.98};
  return kShares[random() % std::size(kShares)];
}

bool Chance(double share, std::mt19937_64& random) {
  return static_cast<double>(random() % 1000) < share * 1000;
}

}  // namespace

const char* NameOf(Loss loss) {
  switch (loss) {
    case Loss::kAll:
      return "all lost";
    case Loss::kNothing:
      return "nothing lost";
    case Loss::kSome:
      return "some lost";
    case Loss::kTorn:
      return "torn";
    case Loss::kReordered:
      return "reordered";
  }
  return "?";
}

CrashDisk::File& CrashDisk::Current(const std::string& name) {
  auto& file = names_[name];
  if (file == nullptr) file = std::make_shared<File>();
  return *file;
}

void CrashDisk::Put(const Piece& piece, std::string& content) {
  if (piece.truncate) return content.resize(piece.offset, '\0');
  const size_t end = piece.offset + piece.bytes.size();
  if (content.size() < end) content.resize(end, '\0');
  content.replace(piece.offset, piece.bytes.size(), piece.bytes);
}

void CrashDisk::Apply(const DiskOperation& operation) {
  const auto offset = static_cast<size_t>(operation.offset);
  switch (operation.kind) {
    case DiskOperation::Kind::kAdopt:
      names_[operation.file] = std::make_shared<File>(File{operation.bytes, {}});
      // An empty file is one that was just made, by a program that has not synced its folder.
      if (!operation.bytes.empty()) durable_names_[operation.file] = names_[operation.file];
      return;
    case DiskOperation::Kind::kCreate:
      names_[operation.file] = std::make_shared<File>();
      return;
    case DiskOperation::Kind::kWrite:
      for (size_t done = 0; done < operation.bytes.size();) {
        const size_t at = offset + done;
        const size_t size = std::min(kSector - at % kSector, operation.bytes.size() - done);
        Current(operation.file).unsynced.push_back({false, at, operation.bytes.substr(done, size)});
        done += size;
      }
      return;
    case DiskOperation::Kind::kTruncate:
      Current(operation.file).unsynced.push_back({true, offset, {}});
      return;
    case DiskOperation::Kind::kSync: {
      File& file = Current(operation.file);
      for (const Piece& piece : file.unsynced) Put(piece, file.durable);
      file.unsynced.clear();
      return;
    }
    case DiskOperation::Kind::kDelete:
      names_.erase(operation.file);
      return;
    case DiskOperation::Kind::kSyncFolder:
      durable_names_ = names_;
      return;
  }
}

std::string CrashDisk::CutFile(const File& file, Loss loss, std::mt19937_64& random) {
  std::string content = file.durable;
  if (loss == Loss::kAll || file.unsynced.empty()) return content;
  std::vector<Piece> kept = file.unsynced;
  if (loss == Loss::kTorn) {
    kept.resize(1 + random() % kept.size());
    std::string& last = kept.back().bytes;
    if (!last.empty()) last.resize(random() % last.size());
  }
  if (loss == Loss::kSome || loss == Loss::kReordered) {
    const double share = Share(random);
    std::erase_if(kept, [&](const Piece&) { return !Chance(share, random); });
  }
  if (loss == Loss::kReordered) std::shuffle(kept.begin(), kept.end(), random);
  for (const Piece& piece : kept) Put(piece, content);
  return content;
}

DiskFiles CrashDisk::Cut(Loss loss, std::mt19937_64& random) const {
  std::set<std::string> all;
  for (const auto& [name, file] : names_) all.insert(name);
  for (const auto& [name, file] : durable_names_) all.insert(name);
  DiskFiles files;
  for (const std::string& name : all) {
    const auto now = names_.find(name);
    const auto then = durable_names_.find(name);
    const File* newer = now == names_.end() ? nullptr : now->second.get();
    const File* older = then == durable_names_.end() ? nullptr : then->second.get();
    const bool take_older = loss == Loss::kAll || (loss != Loss::kNothing && Chance(0.5, random));
    const File* file = newer != older && take_older ? older : newer;
    if (file != nullptr) files[name] = CutFile(*file, loss, random);
  }
  return files;
}

}  // namespace rollcall::support
