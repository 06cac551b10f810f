// Preloaded into a program: the n-th of one kind of call fails, once or from then on.
//
//   ROLLCALL_FAULT_FOLDER  only calls on files below this folder, and the folder itself, count
//   ROLLCALL_FAULT_CALL    open, pread, pwrite, sync, syncfolder, truncate, rename, unlink or
//   malloc ROLLCALL_FAULT_AT      which one, from 1; 0: none, all are counted ROLLCALL_FAULT_ERROR
//   the errno; 0: only half is read or written ROLLCALL_FAULT_STICKY  1: from then on all fail
//   ROLLCALL_FAULT_REPORT  file descriptor for lines: "fault CALL" when the first fails, "names
//   safe" when
//                          the folder has been synced after that, "count CALL N" at the end
//
// A sync of the folder that fails counts as a fault only while a name in it is new.
// malloc counts from the first call on a file on. No library but the C library may be used here.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>

extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
}

namespace {

enum Call {
  kOpen,
  kPread,
  kPwrite,
  kSync,
  kSyncFolder,
  kTruncate,
  kRename,
  kUnlink,
  kMalloc,
  kCalls
};
const char* const kNames[kCalls] = {"open",     "pread",  "pwrite", "sync",  "syncfolder",
                                    "truncate", "rename", "unlink", "malloc"};

struct Plan {
  char folder[512] = "";
  size_t folder_size = 0;
  int call = -1;
  long at = 0;
  int error = 0;
  bool sticky = false;
  int report = -1;
};
Plan plan;
std::atomic<long> counts[kCalls];
std::atomic<bool> armed{false};
std::atomic<bool> fired{false};
std::atomic<bool> new_names{false};  // since the folder was last synced

long Number(const char* name) {
  const char* text = getenv(name);
  return text == nullptr ? 0 : strtol(text, nullptr, 10);
}

__attribute__((constructor)) void ReadPlan() {
  const char* folder = getenv("ROLLCALL_FAULT_FOLDER");
  const char* call = getenv("ROLLCALL_FAULT_CALL");
  if (folder == nullptr || call == nullptr || strlen(folder) >= sizeof(plan.folder)) return;
  plan.at = Number("ROLLCALL_FAULT_AT");
  plan.error = static_cast<int>(Number("ROLLCALL_FAULT_ERROR"));
  plan.sticky = Number("ROLLCALL_FAULT_STICKY") != 0;
  plan.report = static_cast<int>(Number("ROLLCALL_FAULT_REPORT"));
  for (int i = 0; i < kCalls; ++i) {
    if (strcmp(call, kNames[i]) == 0) plan.call = i;
  }
  plan.folder_size = strlen(folder);
  memcpy(plan.folder, folder, plan.folder_size + 1);
}

void Report(const char* text) {
  const size_t size = strlen(text);
  if (plan.report > 0 && write(plan.report, text, size) != static_cast<ssize_t>(size)) _exit(9);
}

__attribute__((destructor)) void ReportCounts() {
  if (plan.folder_size == 0) return;
  for (int i = 0; i < kCalls; ++i) {
    char line[64];
    snprintf(line, sizeof(line), "count %s %ld\n", kNames[i], counts[i].load());
    Report(line);
  }
}

// Whether this call has to fail.
bool Fails(Call call) {
  const long number = ++counts[call];
  if (call != plan.call || plan.at == 0) return false;
  if (number != plan.at && !(plan.sticky && number > plan.at)) return false;
  if (!fired.exchange(true)) {
    char line[64];
    snprintf(line, sizeof(line), "fault %s\n", kNames[call]);
    Report(line);
  }
  errno = plan.error;
  return true;
}

bool Ours(const char* path) {
  if (plan.folder_size == 0 || path == nullptr) return false;
  if (strncmp(path, plan.folder, plan.folder_size) != 0) return false;
  const char next = path[plan.folder_size];
  if (next != '\0' && next != '/') return false;
  armed = true;
  return true;
}

bool Ours(int file) {
  if (plan.folder_size == 0) return false;
  char link[64];
  char path[1024];
  snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
  const ssize_t size = readlink(link, path, sizeof(path) - 1);
  if (size < 0) return false;
  path[size] = '\0';
  return Ours(path);
}

template <typename Function>
Function Real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

bool MallocFails() { return armed && plan.call == kMalloc && Fails(kMalloc); }

mode_t ModeOf(int flags, va_list rest) {
  return (flags & O_CREAT) != 0 ? static_cast<mode_t>(va_arg(rest, int)) : 0;
}

using OpenFunction = int (*)(const char*, int, ...);
using PreadFunction = ssize_t (*)(int, void*, size_t, off_t);
using PwriteFunction = ssize_t (*)(int, const void*, size_t, off_t);
using SyncFunction = int (*)(int);
using TruncateFunction = int (*)(int, off_t);
using UnlinkFunction = int (*)(const char*);
using RenameFunction = int (*)(const char*, const char*);
using RenameAt2Function = int (*)(int, const char*, int, const char*, unsigned int);

int Open(const char* name, const char* path, int flags, mode_t mode) {
  if (Ours(path)) {
    if (Fails(kOpen)) return -1;
    if ((flags & O_CREAT) != 0 && access(path, F_OK) != 0) new_names = true;
  }
  return Real<OpenFunction>(name)(path, flags, mode);
}

ssize_t Pread(const char* name, int file, void* data, size_t size, off_t at) {
  if (Ours(file) && Fails(kPread)) {
    if (plan.error != 0) return -1;
    size /= 2;
  }
  return Real<PreadFunction>(name)(file, data, size, at);
}

ssize_t Pwrite(const char* name, int file, const void* data, size_t size, off_t at) {
  if (Ours(file) && Fails(kPwrite)) {
    if (plan.error != 0) return -1;
    size = (size + 1) / 2;  // at least one byte, as the kernel does
  }
  return Real<PwriteFunction>(name)(file, data, size, at);
}

int Sync(const char* name, int file) {
  struct stat info {};
  const bool folder = fstat(file, &info) == 0 && S_ISDIR(info.st_mode);
  if (!folder || !Ours(file)) {
    return Ours(file) && Fails(kSync) ? -1 : Real<SyncFunction>(name)(file);
  }
  if (new_names && Fails(kSyncFolder)) return -1;
  if (new_names.exchange(false) && fired) Report("names safe\n");
  return Real<SyncFunction>(name)(file);
}

int Truncate(const char* name, int file, off_t size) {
  if (Ours(file) && Fails(kTruncate)) return -1;
  return Real<TruncateFunction>(name)(file, size);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = ModeOf(flags, rest);
  va_end(rest);
  return Open("open", path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = ModeOf(flags, rest);
  va_end(rest);
  return Open("open64", path, flags, mode);
}
ssize_t pread(int file, void* data, size_t size, off_t at) {
  return Pread("pread", file, data, size, at);
}
ssize_t pread64(int file, void* data, size_t size, off64_t at) {
  return Pread("pread64", file, data, size, at);
}
ssize_t pwrite(int file, const void* data, size_t size, off_t at) {
  return Pwrite("pwrite", file, data, size, at);
}
ssize_t pwrite64(int file, const void* data, size_t size, off64_t at) {
  return Pwrite("pwrite64", file, data, size, at);
}
int fsync(int file) { return Sync("fsync", file); }
int fdatasync(int file) { return Sync("fdatasync", file); }
int ftruncate(int file, off_t size) noexcept { return Truncate("ftruncate", file, size); }
int ftruncate64(int file, off64_t size) noexcept { return Truncate("ftruncate64", file, size); }
int unlink(const char* path) noexcept {
  if (Ours(path) && Fails(kUnlink)) return -1;
  return Real<UnlinkFunction>("unlink")(path);
}
int rename(const char* from, const char* to) noexcept {
  if (Ours(from)) {
    if (Fails(kRename)) return -1;
    new_names = true;
  }
  return Real<RenameFunction>("rename")(from, to);
}
int renameat2(int from_at, const char* from, int to_at, const char* to,
              unsigned int flags) noexcept {
  if (Ours(from)) {
    if (Fails(kRename)) return -1;
    new_names = true;
  }
  return Real<RenameAt2Function>("renameat2")(from_at, from, to_at, to, flags);
}
void* malloc(size_t size) noexcept { return MallocFails() ? nullptr : __libc_malloc(size); }
void* calloc(size_t count, size_t size) noexcept {
  return MallocFails() ? nullptr : __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) noexcept {
  return MallocFails() ? nullptr : __libc_realloc(old, size);
}

}  // extern "C"
