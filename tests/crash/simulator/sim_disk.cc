#include "simulator/sim_disk.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

namespace rollcall::simulator {
namespace {

constexpr size_t kSector = 512;

// What has been done to a file since its last sync.
struct Change {
  size_t at = 0;     // of the bytes; of a truncation, the new size
  std::string data;  // empty: a truncation
};

void Apply(const Change& change, std::string& content) {
  if (change.data.empty()) {
    if (change.at < content.size()) content.resize(change.at);
    return;
  }
  if (content.size() < change.at + change.data.size()) {
    content.resize(change.at + change.data.size());
  }
  content.replace(change.at, change.data.size(), change.data);
}

std::string FileName(const char* path) {
  const std::string text(path);
  return text.substr(text.rfind('/') + 1);
}

}  // namespace

struct SimDisk::File {
  std::string live;             // what the program reads
  std::string synced;           // what is certain to survive
  std::vector<Change> pending;  // from synced to live
  bool named = false;           // its name in the folder is certain to survive
};

struct SimDisk::Registration {
  sqlite3_vfs vfs;
};

namespace {

// What SQLite allocates per open file.
struct OpenFile {
  sqlite3_file base;
  SimDisk* disk;
  SimDisk::File* file;
  std::shared_ptr<SimDisk::File>* keep;
  bool temporary;
};

OpenFile* Cast(sqlite3_file* file) { return reinterpret_cast<OpenFile*>(file); }

}  // namespace

struct SimDiskHooks {
  static SimDisk* DiskOf(sqlite3_vfs* vfs) { return static_cast<SimDisk*>(vfs->pAppData); }

  static int Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* out, int flags, int* out_flags);

  static int Close(sqlite3_file* f) {
    delete Cast(f)->keep;
    return SQLITE_OK;
  }

  static int Read(sqlite3_file* f, void* data, int size, sqlite3_int64 at) {
    SimDisk* disk = Cast(f)->disk;
    const std::lock_guard lock(disk->mutex_);
    if (disk->dead_) return SQLITE_IOERR_READ;
    const std::string& live = Cast(f)->file->live;
    const auto from = std::min(live.size(), static_cast<size_t>(at));
    const auto got = std::min(live.size() - from, static_cast<size_t>(size));
    std::memcpy(data, live.data() + from, got);
    std::memset(static_cast<char*>(data) + got, 0, static_cast<size_t>(size) - got);
    return got == static_cast<size_t>(size) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }

  static int Write(sqlite3_file* f, const void* data, int size, sqlite3_int64 at) {
    SimDisk* disk = Cast(f)->disk;
    const std::lock_guard lock(disk->mutex_);
    if (Cast(f)->temporary) {
      Apply({static_cast<size_t>(at), {static_cast<const char*>(data), static_cast<size_t>(size)}},
            Cast(f)->file->live);
      return SQLITE_OK;
    }
    if (!disk->Operation()) return SQLITE_IOERR_WRITE;
    SimDisk::File& file = *Cast(f)->file;
    if (disk->full_ && static_cast<size_t>(at + size) > file.live.size()) {
      ++disk->refused_writes_;
      return SQLITE_FULL;
    }
    const bool fails = disk->fail_write_ > 0 && --disk->fail_write_ == 0;
    const auto written = static_cast<size_t>(fails ? size / 2 : size);
    if (written > 0) {
      Change change{static_cast<size_t>(at), {static_cast<const char*>(data), written}};
      Apply(change, file.live);
      file.pending.push_back(std::move(change));
    }
    if (!fails) return SQLITE_OK;
    ++disk->faults_;
    return SQLITE_IOERR_WRITE;
  }

  static int Truncate(sqlite3_file* f, sqlite3_int64 size) {
    SimDisk* disk = Cast(f)->disk;
    const std::lock_guard lock(disk->mutex_);
    if (!disk->Operation()) return SQLITE_IOERR_TRUNCATE;
    SimDisk::File& file = *Cast(f)->file;
    file.pending.push_back({static_cast<size_t>(size), {}});
    Apply(file.pending.back(), file.live);
    return SQLITE_OK;
  }

  static int Sync(sqlite3_file* f, int) {
    SimDisk* disk = Cast(f)->disk;
    const std::lock_guard lock(disk->mutex_);
    if (!disk->Operation()) return SQLITE_IOERR_FSYNC;
    if (disk->fail_sync_ > 0 && --disk->fail_sync_ == 0) {
      ++disk->faults_;
      ++disk->failed_syncs_;
      disk->Settle(*Cast(f)->file, false, false);
      return SQLITE_IOERR_FSYNC;
    }
    SimDisk::File& file = *Cast(f)->file;
    for (const Change& change : file.pending) Apply(change, file.synced);
    file.pending.clear();
    file.named = true;
    return SQLITE_OK;
  }

  static int FileSize(sqlite3_file* f, sqlite3_int64* size) {
    const std::lock_guard lock(Cast(f)->disk->mutex_);
    *size = static_cast<sqlite3_int64>(Cast(f)->file->live.size());
    return SQLITE_OK;
  }

  static int Delete(sqlite3_vfs* vfs, const char* path, int sync_folder) {
    SimDisk* disk = DiskOf(vfs);
    const std::lock_guard lock(disk->mutex_);
    if (!disk->Operation()) return SQLITE_IOERR_DELETE;
    const auto found = disk->files_.find(FileName(path));
    if (found == disk->files_.end()) return SQLITE_IOERR_DELETE_NOENT;
    if (found->second->named) disk->ghosts_[found->first] = found->second;
    disk->files_.erase(found);
    if (sync_folder != 0) disk->ghosts_.clear();
    return SQLITE_OK;
  }

  static int Access(sqlite3_vfs* vfs, const char* path, int, int* out) {
    SimDisk* disk = DiskOf(vfs);
    const std::lock_guard lock(disk->mutex_);
    *out = disk->files_.contains(FileName(path)) ? 1 : 0;
    return SQLITE_OK;
  }
};

namespace {

const sqlite3_io_methods kMethods = {
    1,
    SimDiskHooks::Close,
    SimDiskHooks::Read,
    SimDiskHooks::Write,
    SimDiskHooks::Truncate,
    SimDiskHooks::Sync,
    SimDiskHooks::FileSize,
    [](sqlite3_file*, int) { return SQLITE_OK; },
    [](sqlite3_file*, int) { return SQLITE_OK; },
    [](sqlite3_file*, int* out) {
      *out = 0;
      return SQLITE_OK;
    },
    [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; },
    [](sqlite3_file*) { return static_cast<int>(kSector); },
    [](sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; },  // as the unix file system says
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

}  // namespace

int SimDiskHooks::Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* out, int flags,
                       int* out_flags) {
  OpenFile* open = Cast(out);
  open->base.pMethods = nullptr;
  SimDisk* disk = DiskOf(vfs);
  const std::lock_guard lock(disk->mutex_);
  std::shared_ptr<SimDisk::File> file;
  if (path == nullptr || (flags & SQLITE_OPEN_DELETEONCLOSE) != 0) {
    file = std::make_shared<SimDisk::File>();
    open->temporary = true;
  } else {
    if (disk->dead_) return SQLITE_CANTOPEN;
    auto& slot = disk->files_[FileName(path)];
    if (slot == nullptr) {
      // The database itself has been made by storage before SQLite sees it.
      if ((flags & (SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB)) == 0) {
        disk->files_.erase(FileName(path));
        return SQLITE_CANTOPEN;
      }
      slot = std::make_shared<SimDisk::File>();
    }
    file = slot;
    open->temporary = false;
  }
  open->disk = disk;
  open->file = file.get();
  open->keep = new std::shared_ptr<SimDisk::File>(std::move(file));
  open->base.pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

SimDisk::SimDisk(uint64_t seed) : dice_(seed), registration_(std::make_unique<Registration>()) {
  static std::atomic<int> count{0};
  name_ = "rollcall-sim-" + std::to_string(++count);
  sqlite3_vfs* real = sqlite3_vfs_find(nullptr);
  registration_->vfs = *real;
  sqlite3_vfs& vfs = registration_->vfs;
  vfs.szOsFile = static_cast<int>(sizeof(OpenFile));
  vfs.pNext = nullptr;
  vfs.zName = name_.c_str();
  vfs.pAppData = this;
  vfs.xOpen = SimDiskHooks::Open;
  vfs.xDelete = SimDiskHooks::Delete;
  vfs.xAccess = SimDiskHooks::Access;
  vfs.xFullPathname = [](sqlite3_vfs*, const char* path, int size, char* out) {
    if (std::strlen(path) + 1 > static_cast<size_t>(size)) return SQLITE_CANTOPEN;
    std::strcpy(out, path);
    return SQLITE_OK;
  };
  // No real time passes and none is read.
  vfs.xSleep = [](sqlite3_vfs*, int) { return 0; };
  vfs.xCurrentTime = [](sqlite3_vfs*, double* out) {
    *out = 2460000.5;
    return SQLITE_OK;
  };
  vfs.xCurrentTimeInt64 = [](sqlite3_vfs*, sqlite3_int64* out) {
    *out = 212544043200000;
    return SQLITE_OK;
  };
  sqlite3_vfs_register(&vfs, 0);
}

SimDisk::~SimDisk() { sqlite3_vfs_unregister(&registration_->vfs); }

bool SimDisk::Operation() {
  if (die_after_ > 0 && --die_after_ == 0) dead_ = true;
  return !dead_;
}

void SimDisk::DieAfter(int64_t operations) {
  const std::lock_guard lock(mutex_);
  die_after_ = operations;
}
bool SimDisk::dead() const {
  const std::lock_guard lock(mutex_);
  return dead_;
}
void SimDisk::FailSync(int64_t syncs) {
  const std::lock_guard lock(mutex_);
  fail_sync_ = syncs;
}
void SimDisk::FailWrite(int64_t writes) {
  const std::lock_guard lock(mutex_);
  fail_write_ = writes;
}
void SimDisk::SetFull(bool full) {
  const std::lock_guard lock(mutex_);
  full_ = full;
}
int64_t SimDisk::faults() const {
  const std::lock_guard lock(mutex_);
  return faults_;
}
int64_t SimDisk::failed_syncs() const {
  const std::lock_guard lock(mutex_);
  return failed_syncs_;
}
int64_t SimDisk::refused_writes() const {
  const std::lock_guard lock(mutex_);
  return refused_writes_;
}

// Of each write since the last sync, in their order, the sectors that reach the platter do so now.
void SimDisk::Settle(File& file, bool all, bool none) {
  for (const Change& change : file.pending) {
    if (change.data.empty()) {
      if (all || (!none && dice_.PerMille(500))) Apply(change, file.synced);
      continue;
    }
    for (size_t at = 0; at < change.data.size();) {
      // Sectors are counted from the start of the file, not of the write.
      const size_t end = std::min(change.data.size(), at + kSector - (change.at + at) % kSector);
      size_t length = end - at;
      if (!all && (none || dice_.PerMille(500))) length = 0;
      if (length > 0 && !all && dice_.PerMille(20)) {
        length = static_cast<size_t>(dice_.Below(static_cast<int64_t>(length)));
      }
      if (length > 0) Apply({change.at + at, change.data.substr(at, length)}, file.synced);
      at = end;
    }
  }
  file.pending.clear();
}

void SimDisk::Restart(Crash crash) {
  const std::lock_guard lock(mutex_);
  dead_ = false;
  die_after_ = fail_sync_ = fail_write_ = 0;
  if (crash == Crash::kProcess) return;
  const int64_t kind = dice_.Below(4);  // a quarter each: nothing, everything; half: some
  for (const auto& [name, file] : ghosts_) {
    if (!files_.contains(name) && dice_.PerMille(500)) files_[name] = file;
  }
  ghosts_.clear();
  for (auto it = files_.begin(); it != files_.end();) {
    Settle(*it->second, kind == 1, kind == 0);
    it->second->live = it->second->synced;
    const bool stays = it->second->named || kind == 1 || (kind > 1 && dice_.PerMille(500));
    it = stays ? std::next(it) : files_.erase(it);
  }
}

}  // namespace rollcall::simulator
