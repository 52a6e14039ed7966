/* Tells what happens to a directory and a file, which others change, until the file is removed.
   build: -O1 -static */
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

int main(int argc, char **argv) {
  char buffer[4096] __attribute__((aligned(8)));
  setvbuf(stdout, 0, _IOLBF, 0);
  int in = inotify_init1(0);
  inotify_add_watch(in, argv[1], IN_CREATE | IN_DELETE | IN_ISDIR);
  inotify_add_watch(in, argv[2], IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF);
  puts("ready");
  for (;;) {
    int count = read(in, buffer, sizeof buffer);
    for (char *at = buffer; at < buffer + count;) {
      struct inotify_event *event = (void *)at;
      printf("%d %x %s\n", event->wd, event->mask, event->len ? event->name : "");
      if (event->mask & IN_IGNORED) return 0;
      at += sizeof *event + event->len;
    }
  }
}
