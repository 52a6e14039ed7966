/* What /proc tells of a process: what is the same under every emulator.
   build: -O1 -static
   args: first second */
#include "told.h"

static char text[65536];

static const char *contents(const char *path) {
  int f = open(path, O_RDONLY);
  ssize_t n = f < 0 ? -1 : read(f, text, sizeof text - 1);
  close(f);
  text[n < 0 ? 0 : n] = 0;
  for (ssize_t i = 0; i < n; i++) if (text[i] == 0) text[i] = '|';
  return text;
}

int main(int argc, char **argv) {
  char path[64], link[256];
  struct stat s, t;
  const char *arguments = strstr(contents("/proc/self/cmdline"), "|first");
  puts(arguments ? arguments : "none");
  T(lstat("/proc/self/fd/0", &s));
  T(S_ISLNK(s.st_mode));
  T(stat("/proc/self/fd/1", &s) | fstat(1, &t));
  T(s.st_ino == t.st_ino && s.st_dev == t.st_dev);
  T(readlink("/proc/self/exe", link, sizeof link) > 0);
  T(access("/proc/self/exe", X_OK));
  T(readlink("/proc/self/cwd", link, sizeof link) > 0);
  T(open("/proc/self/none", O_RDONLY));
  T(stat("/proc/self/fd/99", &s));
  T(readlink("/proc/self/stat", link, sizeof link));
  sprintf(path, "/proc/%d", getpid());
  T(stat(path, &s));
  printf("%o\n", s.st_mode);
  int folder = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);
  T(folder >= 0);
  int given = openat(folder, "1", O_WRONLY);
  T(given >= 0);
  int shared = open(".", O_RDONLY);
  sprintf(path, "/proc/self/fd/%d/new", shared);
  T(mkdir(path, 0700));
  T(rmdir("new"));
  T(chdir("/proc/self"));
  T(access("stat", R_OK));
  T(open("/dev/fd/1", O_WRONLY) >= 0);
  T(open("/dev/stdin", O_RDONLY) >= 0);
  T(write(open("/dev/full", O_WRONLY), "x", 1));
  T(write(open("/dev/null", O_WRONLY), "x", 1));
  T(read(open("/dev/zero", O_RDONLY), text, 10));
  T(read(open("/dev/urandom", O_RDONLY), text, 10));
  T(*contents("/proc/uptime") != 0);
  T(strncmp(contents("/proc/version"), "Linux version", 13));
  return 0;
}
