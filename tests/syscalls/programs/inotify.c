/* inotify: what is told of changes that this process and a child make.
   build: -O1 -static */
#include "told.h"
#include <poll.h>
#include <sys/inotify.h>

static int in;

/* Prints the events that have come. */
static void events(const char *what) {
  char buffer[8192] __attribute__((aligned(8)));
  static int first;
  int count = read(in, buffer, sizeof buffer), left;
  printf("%s: %d\n", what, count < 0 ? -errno : count);
  for (char *at = buffer; at < buffer + count;) {
    struct inotify_event *event = (void *)at;
    if (event->cookie && !first) first = event->cookie;
    printf("  %d %x %d %d %s\n", event->wd, event->mask, event->cookie ? event->cookie - first : -1, event->len, event->len ? event->name : "");
    at += sizeof *event + event->len;
  }
  T(ioctl(in, FIONREAD, &left));
  T(left);
}

int main(int argc, char **argv) {
  makeTree();
  in = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  T(in >= 0);
  T(inotify_init1(1));
  T(inotify_add_watch(in, "none", IN_ALL_EVENTS));
  T(inotify_add_watch(in, "a", 0));
  T(inotify_add_watch(in, "a", 0x08000000));
  T(inotify_add_watch(in, "a/f", IN_ALL_EVENTS | IN_ONLYDIR));
  T(inotify_add_watch(in, "a", IN_ALL_EVENTS | IN_MASK_ADD | IN_MASK_CREATE));
  T(inotify_add_watch(0, "a", IN_ALL_EVENTS));
  T(inotify_add_watch(99, "a", IN_ALL_EVENTS));
  int early = open("a/f", O_RDONLY);
  T(inotify_add_watch(in, "a", IN_ALL_EVENTS));
  T(inotify_add_watch(in, "a/f", IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF));
  T(inotify_add_watch(in, "a/../a", IN_ALL_EVENTS | IN_MASK_CREATE));
  events("none yet");
  close(early);
  events("close");
  int fd = open("a/new", O_CREAT | O_RDWR, 0600);
  write(fd, "text", 4);
  write(fd, "text", 4);
  pread(fd, (char[4]){0}, 4, 0);
  ftruncate(fd, 1);
  fchmod(fd, 0640);
  int second = dup(fd);
  close(fd);
  events("made and written");
  close(second);
  events("closed");
  fd = open("a/f", O_WRONLY);
  write(fd, "x", 1);
  chmod("a/f", 0600);
  close(fd);
  events("file and directory");
  mkdir("a/folder", 0700);
  symlink("f", "a/link");
  link("a/f", "a/second");
  mknod("a/node", S_IFREG | 0600, 0);
  events("names made");
  rename("a/new", "a/newer");
  rename("a/newer", "outside");
  rename("outside", "a/a-name-of-more-than-sixteen-bytes");
  rename("a/folder", "a/renamed");
  events("renamed");
  rename("a/second", "a/node");
  events("replaced");
  rmdir("a/renamed");
  unlink("a/link");
  unlink("a/node");
  events("removed");
  if (fork() == 0) {
    close(open("a/child", O_CREAT | O_WRONLY, 0600));
    _exit(0);
  }
  wait(0);
  events("of a child");
  unlink("a/child");
  events("");
  fd = open("a/f", O_RDONLY);
  unlink("a/f");
  events("removed while open");
  close(fd);
  events("then closed");
  T(inotify_rm_watch(in, 2));
  T(inotify_rm_watch(in, 77));
  T(inotify_rm_watch(0, 1));
  T(inotify_add_watch(in, "a/b", IN_CREATE | IN_ONESHOT));
  mkdir("a/b/one", 0700);
  mkdir("a/b/two", 0700);
  events("once");
  T(inotify_add_watch(in, "a", IN_CREATE));
  T(inotify_add_watch(in, "a", IN_DELETE | IN_MASK_ADD));
  close(open("a/x", O_CREAT | O_WRONLY, 0600));
  unlink("a/x");
  events("some");
  close(open("a/x", O_CREAT | O_WRONLY, 0600));
  struct pollfd pollfd = {in, POLLIN};
  T(poll(&pollfd, 1, 1000));
  T(read(in, (char[10]){0}, 10));
  T(inotify_rm_watch(in, 1));
  events("unwatched");
  T(write(in, "x", 1));
  inotify_add_watch(in, "a/b/one", IN_ALL_EVENTS);
  rmdir("a/b/one");
  events("directory removed");
  chdir("..");
  return 0;
}
