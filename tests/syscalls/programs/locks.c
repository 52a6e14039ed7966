/* Locks of whole files and of parts of them, in one process.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  int f = open("d.tmp", O_RDWR|O_CREAT|O_TRUNC, 0644), p[2];
  pipe(p);
  T(flock(f, LOCK_SH));
  T(flock(f, 16));
  int h = open("d.tmp", O_RDWR);
  T(flock(h, LOCK_EX|LOCK_NB));
  T(flock(h, LOCK_SH|LOCK_NB));
  T(flock(f, LOCK_EX|LOCK_NB));
  T(flock(h, LOCK_UN));
  T(flock(f, LOCK_EX|LOCK_NB));
  T(flock(p[0], LOCK_EX));
  struct flock l = {F_WRLCK, SEEK_SET, 0, 10};
  T(fcntl(f, F_SETLK, &l));
  l.l_type = F_RDLCK;
  T(fcntl(h, F_GETLK, &l));
  T(l.l_type);
  struct flock m = {F_WRLCK, SEEK_SET, 0, 10};
  T(fcntl(h, F_OFD_GETLK, &m));
  printf("%d %d %d %d\n", m.l_type, (int)m.l_start, (int)m.l_len, m.l_pid == getpid());
  m.l_type=F_WRLCK;
  m.l_pid=0;
  m.l_start = 20;
  T(fcntl(h, F_OFD_SETLK, &m));
  l.l_type=F_WRLCK;
  l.l_start=0;
  l.l_len=0;
  T(fcntl(f, F_SETLK, &l));
  T(fcntl(f, F_GETLK, &l));
  printf("%d %d %d %d\n", l.l_type, (int)l.l_start, (int)l.l_len, l.l_pid);
  l.l_type = 7;
  T(fcntl(f, F_SETLK, &l));
  close(h);
  l.l_type=F_WRLCK;
  l.l_start=0;
  l.l_len=0;
  l.l_whence=0;
  T(fcntl(f, F_SETLK, &l));
  l.l_type=F_UNLCK;
  T(fcntl(f,F_GETLK,&l));
  unlink("d.tmp");
  return 0;
}
