#include "support/crash_vfs.h"

#include <sqlite3.h>

#include <utility>

namespace rollcall::support {
namespace {

using Kind = DiskOperation::Kind;

// What SQLite allocates per open file: this, followed by the real file.
struct CrashFile {
  sqlite3_file base;
  CrashVfs* owner;
  const char* name;   // without folder; SQLite keeps it until the file is closed
  bool names_synced;  // false: the next sync makes the file's name durable too

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

CrashFile* Cast(sqlite3_file* file) { return reinterpret_cast<CrashFile*>(file); }
sqlite3_file* Real(sqlite3_file* file) { return Cast(file)->real(); }
sqlite3_vfs* RealVfs() { return sqlite3_vfs_find(nullptr); }

const char* FileName(const char* path) {
  const char* name = path;
  for (const char* c = path; *c != '\0'; ++c) name = *c == '/' ? c + 1 : name;
  return name;
}

}  // namespace

struct CrashVfs::Registration {
  sqlite3_vfs vfs;
};

// Nothing is written down that failed: the real file then is as it was.
struct CrashVfsHooks {
  static void Add(sqlite3_file* f, Kind kind, int64_t offset = 0, std::string bytes = {}) {
    if (Cast(f)->name == nullptr) return;  // a temporary file
    Cast(f)->owner->Add({kind, Cast(f)->name, offset, std::move(bytes)});
  }
  static int Write(sqlite3_file* f, const void* data, int size, sqlite3_int64 at) {
    const int code = Real(f)->pMethods->xWrite(Real(f), data, size, at);
    if (code == SQLITE_OK) {
      Add(f, Kind::kWrite, at,
          std::string(static_cast<const char*>(data), static_cast<size_t>(size)));
    }
    return code;
  }
  static int Truncate(sqlite3_file* f, sqlite3_int64 size) {
    const int code = Real(f)->pMethods->xTruncate(Real(f), size);
    if (code == SQLITE_OK) Add(f, Kind::kTruncate, size);
    return code;
  }
  static int Sync(sqlite3_file* f, int flags) {
    const int code = Real(f)->pMethods->xSync(Real(f), flags);
    if (code != SQLITE_OK) return code;
    Add(f, Kind::kSync);
    if (!std::exchange(Cast(f)->names_synced, true)) {
      Cast(f)->owner->Add({Kind::kSyncFolder, {}, 0, {}});
    }
    return code;
  }
  static int Delete(sqlite3_vfs* vfs, const char* path, int sync_folder) {
    const int code = RealVfs()->xDelete(RealVfs(), path, sync_folder);
    if (code != SQLITE_OK) return code;
    auto* owner = static_cast<CrashVfs*>(vfs->pAppData);
    owner->Add({Kind::kDelete, FileName(path), 0, {}});
    if (sync_folder != 0) owner->Add({Kind::kSyncFolder, {}, 0, {}});
    return code;
  }
  static int Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out);
  // The first time that this file system sees a file that is there.
  static void Adopt(sqlite3_file* f) {
    for (const DiskOperation& operation : Cast(f)->owner->operations_) {
      if (operation.file == Cast(f)->name) return;
    }
    sqlite3_int64 size = 0;
    if (Real(f)->pMethods->xFileSize(Real(f), &size) != SQLITE_OK) return;
    std::string content(static_cast<size_t>(size), '\0');
    if (size > 0) {
      Real(f)->pMethods->xRead(Real(f), content.data(), static_cast<int>(size), 0);
    }
    Add(f, Kind::kAdopt, 0, std::move(content));
  }
};

namespace {

const sqlite3_io_methods kMethods = {
    1,
    [](sqlite3_file* f) { return Real(f)->pMethods->xClose(Real(f)); },
    [](sqlite3_file* f, void* data, int size, sqlite3_int64 at) {
      return Real(f)->pMethods->xRead(Real(f), data, size, at);
    },
    CrashVfsHooks::Write,
    CrashVfsHooks::Truncate,
    CrashVfsHooks::Sync,
    [](sqlite3_file* f, sqlite3_int64* size) {
      return Real(f)->pMethods->xFileSize(Real(f), size);
    },
    [](sqlite3_file* f, int level) { return Real(f)->pMethods->xLock(Real(f), level); },
    [](sqlite3_file* f, int level) { return Real(f)->pMethods->xUnlock(Real(f), level); },
    [](sqlite3_file* f, int* out) { return Real(f)->pMethods->xCheckReservedLock(Real(f), out); },
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

int CrashVfsHooks::Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags,
                        int* out) {
  CrashFile* crash = Cast(file);
  crash->owner = static_cast<CrashVfs*>(vfs->pAppData);
  crash->name = path == nullptr ? nullptr : FileName(path);
  crash->names_synced = true;
  int there = 0;
  if (path != nullptr) RealVfs()->xAccess(RealVfs(), path, SQLITE_ACCESS_EXISTS, &there);
  const int code = RealVfs()->xOpen(RealVfs(), path, crash->real(), flags, out);
  crash->base.pMethods = crash->real()->pMethods == nullptr ? nullptr : &kMethods;
  if (code != SQLITE_OK || path == nullptr) return code;
  if (there == 0) {
    Add(file, Kind::kCreate);
    crash->names_synced = (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) == 0;
  } else {
    Adopt(file);
  }
  return code;
}

CrashVfs::CrashVfs() : registration_(std::make_unique<Registration>()) {
  static std::atomic<int> count{0};
  name_ = "rollcall-crash-" + std::to_string(++count);
  sqlite3_vfs* real = RealVfs();
  registration_->vfs = *real;
  sqlite3_vfs& vfs = registration_->vfs;
  vfs.szOsFile = static_cast<int>(sizeof(CrashFile)) + real->szOsFile;
  vfs.pNext = nullptr;
  vfs.zName = name_.c_str();
  vfs.pAppData = this;
  vfs.xOpen = CrashVfsHooks::Open;
  // The others use pAppData of the VFS they are called with.
  vfs.xDelete = CrashVfsHooks::Delete;
  vfs.xAccess = [](sqlite3_vfs*, const char* path, int flags, int* out) {
    return RealVfs()->xAccess(RealVfs(), path, flags, out);
  };
  vfs.xFullPathname = [](sqlite3_vfs*, const char* path, int size, char* out) {
    return RealVfs()->xFullPathname(RealVfs(), path, size, out);
  };
  sqlite3_vfs_register(&vfs, 0);
}

CrashVfs::~CrashVfs() { sqlite3_vfs_unregister(&registration_->vfs); }

void CrashVfs::Add(DiskOperation operation) {
  const std::lock_guard lock(mutex_);
  operations_.push_back(std::move(operation));
  position_ = operations_.size();
}

}  // namespace rollcall::support
