/* Tries to reach a file outside a sandbox in every way that a path can take. Says what came out.
   build: -O1 -static */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int escapes;

/* The file outside holds "secret". */
static void look(const char *how, int fd) {
  char text[8] = "";
  if (fd < 0) return;
  if (read(fd, text, 6) == 6 && memcmp(text, "secret", 6) == 0) {
    printf("out: %s\n", how);
    escapes++;
  }
  close(fd);
}

static void try(int at, const char *path) {
  look(path, openat(at, path, O_RDONLY));
  int fd = openat(at, path, O_PATH);
  if (fd >= 0) {
    char again[64];
    sprintf(again, "/proc/self/fd/%d", fd);
    look(path, open(again, O_RDONLY));
    close(fd);
  }
  struct { unsigned long flags, mode, resolve; } how = {O_RDONLY, 0, 0};
  for (how.resolve = 0; how.resolve <= 0x10; how.resolve = how.resolve ? how.resolve * 2 : 1) {
    long found = syscall(437, at, path, &how, sizeof how);
    if (found >= 0) look("openat2", found);
  }
}

int main(int argc, char **argv) {
  const char *secret = argv[1];
  char path[4096];
  try(AT_FDCWD, secret);
  const char *ways[] = {"/box/%s/secret", "/box/absolute", "/box/relative", "/box/up/secret", "/box/root%s", "/box/proc/1/root%s", "/proc/1/root%s",
                        "/proc/self/root%s", "/proc/self/root/../../../..%s", "/proc/self/cwd/../../../../../..%s", "/box/../../../../../..%s",
                        "/proc/self/fd/../../../../..%s", "/proc/thread-self/root%s", "/dev/fd/../../../..%s", "/tmp/../../../..%s"};
  for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
    sprintf(path, ways[i], secret);
    try(AT_FDCWD, path);
  }
  int box = open("/box", O_DIRECTORY), inner = open("/box/folder", O_DIRECTORY);
  const char *below[] = {"../secret", "../../secret", "up/secret", "../../../../../../../..%s", "absolute", "relative"};
  for (unsigned i = 0; i < sizeof below / sizeof *below; i++) {
    sprintf(path, below[i], secret);
    try(box, path);
    try(inner, path);
    for (int fd = 0; fd < 40; fd++) {
      char by[8192];
      sprintf(by, "/proc/self/fd/%d/%s", fd, path);
      try(AT_FDCWD, by);
      sprintf(by, "/proc/%d/fd/%d/%s", getppid(), fd, path);
      try(AT_FDCWD, by);
    }
  }
  /* A directory that is moved while it is open, and worked in. */
  mkdir("/box/a", 0700);
  mkdir("/box/a/b", 0700);
  int moved = open("/box/a/b", O_DIRECTORY);
  chdir("/box/a/b");
  rename("/box/a/b", "/box/b");
  try(moved, "../../secret");
  try(moved, "../secret");
  try(AT_FDCWD, "../../secret");
  try(AT_FDCWD, "../secret");
  chdir("/");
  if (chroot("/box") == 0) {
    try(box, "../secret");
    try(AT_FDCWD, "/../secret");
  }
  /* Links made by the guest. */
  symlink(secret, "/box/own");
  try(AT_FDCWD, "/box/own");
  look("hard link", link(secret, "/box/hard") == 0 ? open("/box/hard", O_RDONLY) : -1);
  linkat(AT_FDCWD, "/box/own", AT_FDCWD, "/box/hard2", AT_SYMLINK_FOLLOW);
  try(AT_FDCWD, "/box/hard2");
  if (rename(secret, "/box/taken") == 0) printf("out: rename\n");
  /* Meanwhile another process puts a link to the outside in the place of /box/swapped, and a directory back. */
  for (int i = 0; i < 1500; i++) {
    look("race", open("/box/swapped/secret", O_RDONLY));
    look("race below a descriptor", openat(box, "swapped/secret", O_RDONLY));
    int fd = open("/box/swapped/new", O_CREAT | O_WRONLY, 0600);
    if (fd >= 0) close(fd);
    unlink("/box/swapped/secret");
    fd = open("/box/swapped", O_DIRECTORY);
    if (fd < 0) continue;
    look("race in an open directory", openat(fd, "../secret", O_RDONLY));
    close(fd);
  }
  /* What is no file. */
  struct sockaddr_un name = {AF_UNIX};
  strncpy(name.sun_path, argv[2], sizeof name.sun_path - 1);
  int s = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(s, (void *)&name, sizeof name) == 0) printf("out: socket of the file system\n");
  struct sockaddr_in address = {AF_INET, htons(atoi(argv[3])), {htonl(INADDR_LOOPBACK)}};
  s = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(s, (void *)&address, sizeof address) == 0) printf("out: network\n");
  if (kill(atoi(argv[4]), 0) == 0) printf("out: kill\n");
  /* What may only be read. */
  if (open("/ro/kept", O_WRONLY) >= 0 || errno != EROFS) printf("open: %s\n", strerror(errno));
  if (open("/ro/kept", O_RDONLY | O_TRUNC) >= 0 || errno != EROFS) printf("truncating open: %s\n", strerror(errno));
  if (open("/ro/new", O_WRONLY | O_CREAT, 0600) >= 0 || errno != EROFS) printf("create: %s\n", strerror(errno));
  if (truncate("/ro/kept", 0) == 0 || errno != EROFS) printf("truncate: %s\n", strerror(errno));
  if (chmod("/ro/kept", 0600) == 0 || errno != EROFS) printf("chmod: %s\n", strerror(errno));
  if (unlink("/ro/kept") == 0 || errno != EROFS) printf("unlink: %s\n", strerror(errno));
  if (mkdir("/ro/d", 0700) == 0 || errno != EROFS) printf("mkdir: %s\n", strerror(errno));
  if (rename("/ro/kept", "/ro/other") == 0 || errno != EROFS) printf("rename: %s\n", strerror(errno));
  if (link("/ro/kept", "/ro/other") == 0 || errno != EROFS) printf("link: %s\n", strerror(errno));
  if (link("/ro/kept", "/box/other") == 0 || errno != EXDEV) printf("link across: %s\n", strerror(errno));
  if (rename("/box/hard2", "/ro/x") == 0 || (errno != EXDEV && errno != EROFS && errno != ENOENT)) printf("rename across: %s\n", strerror(errno));
  if (rmdir("/box") == 0 || (errno != EBUSY && errno != EROFS)) printf("rmdir: %s\n", strerror(errno));
  int kept = open("/ro/kept", O_RDONLY);
  if (fchmod(kept, 0600) == 0 || errno != EROFS) printf("fchmod: %s\n", strerror(errno));
  if (futimens(kept, 0) == 0 || errno != EROFS) printf("futimens: %s\n", strerror(errno));
  char text[8] = "";
  if (read(kept, text, 4) != 4 || memcmp(text, "kept", 4) != 0) printf("read: %s\n", text);
  printf("done, %d escapes\n", escapes);
  return 0;
}
