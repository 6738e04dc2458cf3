// Preloaded into `links` by campaign.py: counts the calls by which it changes files and lets one of them
// fail.
//
//   FAULT_UNDER  only calls on files below this folder count
//   FAULT_CALLS  which do: any of open (that makes a file), write, fsync, rename, mkdir, unlink
//   FAULT_AT     the number of the call, from 1, to which happens what
//   FAULT_DOES   says: kill-before, kill-half (of a write), kill-after, or full (no space for it and all
//   later ones) FAULT_LOG    a file that gets a line for every call: its kind and the file FAULT_CLOCK  how
//   many times as fast the clock goes that says when the next checkpoint within an epoch is due
#define _GNU_SOURCE  // NOLINT(bugprone-reserved-identifier): glibc's
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum Fault { kNone, kBefore, kHalf, kAfter, kFull };

static const char* Setting(const char* name) {
  const char* value = getenv(name);
  return value ? value : "";
}

static void Die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static int Listed(const char* call) {
  const char* found = strstr(Setting("FAULT_CALLS"), call);
  return found && (found[strlen(call)] == ',' || found[strlen(call)] == '\0');
}

// What happens to this call, which is on a file of that name.
static enum Fault Count(const char* call, const char* path) {
  static atomic_long calls = 0;
  const char* under = Setting("FAULT_UNDER");
  char absolute[PATH_MAX];
  if (path[0] != '/') {  // the campaign's files may be named from the working folder
    char folder[PATH_MAX];
    if (!getcwd(folder, sizeof folder)) return kNone;
    snprintf(absolute, sizeof absolute, "%.2000s/%.2000s", folder, path);
    path = absolute;
  }
  if (!*under || strncmp(path, under, strlen(under)) != 0 || !Listed(call)) return kNone;
  const long number = atomic_fetch_add(&calls, 1) + 1;
  const char* log = Setting("FAULT_LOG");
  if (*log) {
    char line[PATH_MAX + 64];
    const int length = snprintf(line, sizeof line, "%s %s\n", call, path);
    const long file = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    syscall(SYS_write, file, line, (size_t)length);
    syscall(SYS_close, file);
  }
  const long at = atol(Setting("FAULT_AT"));
  const char* does = Setting("FAULT_DOES");
  if (at == 0 || number < at) return kNone;
  if (strcmp(does, "full") == 0) return kFull;
  if (number != at) return kNone;
  if (strcmp(does, "kill-before") == 0) return kBefore;
  return strcmp(does, "kill-half") == 0 ? kHalf : kAfter;
}

static enum Fault CountDescriptor(const char* call, int file) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0 || path[0] != '/') return kNone;
  path[length] = '\0';
  return Count(call, path);
}

// Makes the call `real` under a fault.
#define UNDER(fault, real)                            \
  do {                                                \
    const enum Fault happens = (fault);               \
    if (happens == kFull) {                           \
      errno = ENOSPC;                                 \
      return -1;                                      \
    }                                                 \
    if (happens == kBefore) Die();                    \
    __typeof__(real) result = (real);                 \
    if (happens == kAfter || happens == kHalf) Die(); \
    return result;                                    \
  } while (0)

#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

ssize_t write(int file, const void* data, size_t size) {
  const enum Fault fault = CountDescriptor("write", file);
  UNDER(fault, REAL(write)(file, data, fault == kHalf ? size / 2 : size));
}

ssize_t pwrite64(int file, const void* data, size_t size, off64_t at) {
  const enum Fault fault = CountDescriptor("write", file);
  UNDER(fault, REAL(pwrite64)(file, data, fault == kHalf ? size / 2 : size, at));
}

ssize_t pwrite(int file, const void* data, size_t size, off_t at) {
  const enum Fault fault = CountDescriptor("write", file);
  UNDER(fault, REAL(pwrite)(file, data, fault == kHalf ? size / 2 : size, at));
}

ssize_t writev(int file, const struct iovec* parts, int count) {
  UNDER(CountDescriptor("write", file), REAL(writev)(file, parts, count));
}

// The standard library writes what was put into a stream without a call that could be taken the place of.
int fflush(FILE* stream) {
  const enum Fault fault =
      stream && __fpending(stream) > 0 ? CountDescriptor("write", fileno(stream)) : kNone;
  if (fault == kFull) {
    __fpurge(stream);
    errno = ENOSPC;
    return EOF;
  }
  UNDER(fault, REAL(fflush)(stream));
}

int fsync(int file) {
  UNDER(CountDescriptor("fsync", file), REAL(fsync)(file));
}

int rename(const char* from, const char* to) {
  UNDER(Count("rename", to), REAL(rename)(from, to));
}

int mkdir(const char* path, mode_t mode) {
  UNDER(Count("mkdir", path), REAL(mkdir)(path, mode));
}

int unlink(const char* path) {
  UNDER(Count("unlink", path), REAL(unlink)(path));
}

static enum Fault CountOpen(const char* path, int flags) {
  return flags & O_CREAT ? Count("open", path) : kNone;
}

static mode_t ModeOf(int flags, va_list more) {
  return flags & O_CREAT ? va_arg(more, mode_t) : 0;
}

#define OPEN(name)                                                \
  int name(const char* path, int flags, ...) {                    \
    va_list more;                                                 \
    va_start(more, flags);                                        \
    const mode_t mode = ModeOf(flags, more);                      \
    va_end(more);                                                 \
    UNDER(CountOpen(path, flags), REAL(name)(path, flags, mode)); \
  }

OPEN(open)
OPEN(open64)

int clock_gettime(clockid_t clock, struct timespec* time) {
  static _Atomic(int64_t) start = 0;
  const int result = (int)syscall(SYS_clock_gettime, clock, time);
  const int64_t speed = atol(Setting("FAULT_CLOCK"));
  if (result != 0 || clock != CLOCK_MONOTONIC || speed <= 1) return result;
  const int64_t now = (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
  int64_t none = 0;
  atomic_compare_exchange_strong(&start, &none, now);
  const int64_t shown = start + (now - start) * speed;
  time->tv_sec = shown / 1000000000;
  time->tv_nsec = shown % 1000000000;
  return 0;
}
