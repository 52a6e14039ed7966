/* openat2: which paths may lead where. QEMU has no such call.
   build: -O1 -static */
#include <linux/openat2.h>
#include "told.h"

/* The failure of an openat2, or 0. */
static int opened(int folder, const char *path, unsigned long resolve) {
  struct open_how how = {O_RDONLY, 0, resolve};
  long fd = syscall(SYS_openat2, folder, path, &how, sizeof how);
  if (fd >= 0) close(fd);
  return fd < 0 ? errno : 0;
}

int main(void) {
  mkdir("a", 0755);
  mkdir("a/b", 0755);
  close(open("a/f", O_CREAT | O_WRONLY, 0640));
  symlink("f", "a/l");
  symlink("/etc", "a/absolute");
  symlink("/f", "a/rooted");
  symlink("..", "a/up");
  symlink("../../a/f", "a/b/escape");
  int folder = open("a", O_PATH);
  const struct {
    const char *path;
    unsigned long resolve;
    int failure;
  } cases[] = {
    {"f", 0, 0},
    {"f", 0x40, EINVAL},
    {"f", RESOLVE_BENEATH | RESOLVE_IN_ROOT, EINVAL},
    {"l", RESOLVE_NO_SYMLINKS, ELOOP},
    {"f", RESOLVE_NO_SYMLINKS, 0},
    {"../a/f", RESOLVE_BENEATH, EXDEV},
    {"b/../f", RESOLVE_BENEATH, 0},
    {"absolute", RESOLVE_BENEATH, EXDEV},
    {"/etc", RESOLVE_BENEATH, EXDEV},
    {"absolute", RESOLVE_IN_ROOT, ENOENT},
    {"rooted", RESOLVE_IN_ROOT, 0},
    {"/f", RESOLVE_IN_ROOT, 0},
    {"../../f", RESOLVE_IN_ROOT, 0},
    {"up/a/f", RESOLVE_BENEATH, EXDEV},
    {"up/f", RESOLVE_IN_ROOT, 0},
    {"b/escape", RESOLVE_BENEATH, EXDEV},
    {"none", RESOLVE_BENEATH, ENOENT},
    {"/proc/self/exe", RESOLVE_NO_MAGICLINKS, ELOOP},
    {"/proc/self/stat", RESOLVE_NO_MAGICLINKS, 0},
    {"/proc/version", RESOLVE_NO_XDEV, EXDEV},
  };
  int wrong = 0;
  for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
    int failure = opened(folder, cases[i].path, cases[i].resolve);
    if (failure == cases[i].failure) continue;
    printf("%s %#lx: %d instead of %d\n", cases[i].path, cases[i].resolve, failure, cases[i].failure);
    wrong = 1;
  }
  return wrong;
}
