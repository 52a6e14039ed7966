/* What /proc and statfs tell of the system in a sandbox, whose /data is read-only.
   build: -O1 -static */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static void show(const char *path) {
  char line[1024];
  FILE *file = fopen(path, "r");
  if (!file) printf("%s: none\n", path);
  while (file && fgets(line, sizeof line, file)) printf("%s: %s", path, line);
}

static void rights(const char *path) {
  struct statvfs s;
  if (statvfs(path, &s) == 0) printf("%s is %s\n", path, s.f_flag & ST_RDONLY ? "read-only" : "writable");
}

int main(int argc, char **argv) {
  show("/proc/mounts");
  show("/proc/self/mounts");
  show("/proc/self/mountinfo");
  show("/proc/filesystems");
  rights("/");
  rights("/data");
  rights("/data/file");
  rights("/tmp");
  int fd = open("/data/file", O_RDONLY);
  struct statvfs s;
  printf("%d\n", fstatvfs(fd, &s) == 0 && s.f_flag & ST_RDONLY);
  char text[4096] = "";
  int n = read(open("/proc/meminfo", O_RDONLY), text, sizeof text);
  printf("%.9s\n", n > 0 ? text : "none");
  struct dirent *entry;
  for (DIR *proc = opendir("/proc"); (entry = readdir(proc));) if (entry->d_name[0] > '9') printf("%s\n", entry->d_name);
  return 0;
}
