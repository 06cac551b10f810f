#include "support/fault_vfs.h"

#include <sqlite3.h>

#include <utility>

namespace rollcall::support {
namespace {

// What SQLite allocates per open file: this, followed by the real file.
struct FaultFile {
  sqlite3_file base;
  FaultVfs* owner;
  int kind;          // a bit of FaultVfs::Mask, or 0 for neither
  const char* name;  // SQLite keeps it until the file is closed

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

FaultFile* Cast(sqlite3_file* file) { return reinterpret_cast<FaultFile*>(file); }
sqlite3_file* Real(sqlite3_file* file) { return Cast(file)->real(); }
sqlite3_vfs* RealVfs() { return sqlite3_vfs_find(nullptr); }

std::string FileName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

struct FaultVfs::Registration {
  sqlite3_vfs vfs;
};

struct FaultVfsHooks {
  static int Write(sqlite3_file* f, const void* data, int size, sqlite3_int64 at) {
    FaultVfs* owner = Cast(f)->owner;
    if (owner->write_error_ == FaultVfs::kFull) return SQLITE_FULL;
    if (owner->write_error_ == FaultVfs::kIoError) return SQLITE_IOERR_WRITE;
    return Real(f)->pMethods->xWrite(Real(f), data, size, at);
  }
  static int Sync(sqlite3_file* f, int flags) {
    FaultVfs* owner = Cast(f)->owner;
    ++owner->syncs_;
    if ((owner->failing_syncs_ & Cast(f)->kind) != 0) return SQLITE_IOERR_FSYNC;
    const int code = Real(f)->pMethods->xSync(Real(f), flags);
    if (code == SQLITE_OK && Cast(f)->name != nullptr) Keep(f);
    return code;
  }
  // Remembers the content of a file that has just been synced.
  static void Keep(sqlite3_file* f) {
    sqlite3_int64 size = 0;
    if (Real(f)->pMethods->xFileSize(Real(f), &size) != SQLITE_OK) return;
    std::string content(static_cast<size_t>(size), '\0');
    if (size > 0 && Real(f)->pMethods->xRead(Real(f), content.data(), static_cast<int>(size), 0) !=
                        SQLITE_OK) {
      return;
    }
    const std::lock_guard lock(Cast(f)->owner->mutex_);
    Cast(f)->owner->durable_[FileName(Cast(f)->name)] = std::move(content);
  }
  static void KeepUnlessKnown(sqlite3_file* f) {
    sqlite3_int64 size = 0;
    if (Real(f)->pMethods->xFileSize(Real(f), &size) != SQLITE_OK || size == 0) return;
    {
      const std::lock_guard lock(Cast(f)->owner->mutex_);
      if (Cast(f)->owner->durable_.contains(FileName(Cast(f)->name))) return;
    }
    Keep(f);
  }
  // A deleted file stays deleted only if its folder was synced.
  static int Delete(sqlite3_vfs* vfs, const char* path, int sync_folder) {
    const int code = RealVfs()->xDelete(RealVfs(), path, sync_folder);
    auto* owner = static_cast<FaultVfs*>(vfs->pAppData);
    if (code == SQLITE_OK && sync_folder != 0) {
      const std::lock_guard lock(owner->mutex_);
      owner->durable_.erase(FileName(path));
    }
    return code;
  }
  static int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out);
};

namespace {

const sqlite3_io_methods kMethods = {
    1,
    [](sqlite3_file* f) { return Real(f)->pMethods->xClose(Real(f)); },
    [](sqlite3_file* f, void* data, int size, sqlite3_int64 at) {
      return Real(f)->pMethods->xRead(Real(f), data, size, at);
    },
    FaultVfsHooks::Write,
    [](sqlite3_file* f, sqlite3_int64 size) {
      return Real(f)->pMethods->xTruncate(Real(f), size);
    },
    FaultVfsHooks::Sync,
    [](sqlite3_file* f, sqlite3_int64* size) {
      return Real(f)->pMethods->xFileSize(Real(f), size);
    },
    [](sqlite3_file* f, int level) { return Real(f)->pMethods->xLock(Real(f), level); },
    [](sqlite3_file* f, int level) { return Real(f)->pMethods->xUnlock(Real(f), level); },
    [](sqlite3_file* f, int* out) {
      return Real(f)->pMethods->xCheckReservedLock(Real(f), out);
    },
    [](sqlite3_file* f, int op, void* arg) {
      return Real(f)->pMethods->xFileControl(Real(f), op, arg);
    },
    [](sqlite3_file* f) { return Real(f)->pMethods->xSectorSize(Real(f)); },
    [](sqlite3_file* f) { return Real(f)->pMethods->xDeviceCharacteristics(Real(f)); },
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

}  // namespace

int FaultVfsHooks::Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags,
                        int* out) {
  FaultFile* fault = Cast(file);
  fault->owner = static_cast<FaultVfs*>(vfs->pAppData);
  fault->name = name;
  fault->kind = (flags & SQLITE_OPEN_MAIN_DB) != 0 ? 1 : (flags & SQLITE_OPEN_WAL) != 0 ? 2 : 0;
  const int code = RealVfs()->xOpen(RealVfs(), name, fault->real(), flags, out);
  fault->base.pMethods = fault->real()->pMethods == nullptr ? nullptr : &kMethods;
  // One that was there before was not made through here, and is taken to be safe.
  if (code == SQLITE_OK && name != nullptr) FaultVfsHooks::KeepUnlessKnown(file);
  return code;
}

FaultVfs::FaultVfs() : registration_(std::make_unique<Registration>()) {
  static std::atomic<int> count{0};
  name_ = "rollcall-fault-" + std::to_string(++count);
  sqlite3_vfs* real = RealVfs();
  registration_->vfs = *real;
  sqlite3_vfs& vfs = registration_->vfs;
  vfs.szOsFile = static_cast<int>(sizeof(FaultFile)) + real->szOsFile;
  vfs.pNext = nullptr;
  vfs.zName = name_.c_str();
  vfs.pAppData = this;
  vfs.xOpen = FaultVfsHooks::Open;
  // The others use pAppData of the VFS they are called with.
  vfs.xDelete = FaultVfsHooks::Delete;
  vfs.xAccess = [](sqlite3_vfs*, const char* path, int flags, int* out) {
    return RealVfs()->xAccess(RealVfs(), path, flags, out);
  };
  vfs.xFullPathname = [](sqlite3_vfs*, const char* path, int size, char* out) {
    return RealVfs()->xFullPathname(RealVfs(), path, size, out);
  };
  sqlite3_vfs_register(&vfs, 0);
}

std::map<std::string, std::string> FaultVfs::DurableFiles() const {
  const std::lock_guard lock(mutex_);
  return durable_;
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(&registration_->vfs); }

}  // namespace rollcall::support
