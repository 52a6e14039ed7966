// What processes do to each other's files and memory: a descriptor in a message, process_vm_writev, shared memory, vfork.
// build: -O1 -g -static
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

long inherited, from_outside, by_vfork;
long *shared;

__attribute__((noipa)) void pass(int socket, int file) {
  char byte = 'x', control[CMSG_SPACE(sizeof file)] = {0};
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  *head = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof file), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  memcpy(CMSG_DATA(head), &file, sizeof file);
  if (sendmsg(socket, &message, 0) != 1) perror("sendmsg");
}

__attribute__((noipa)) int take(int socket) {
  char byte, control[64];
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  if (recvmsg(socket, &message, 0) != 1) perror("recvmsg");
  int file;
  memcpy(&file, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof file);
  return file;
}

// Takes some instructions, so that nobody else runs in some stretches of the run.
__attribute__((noipa)) void spin(void) {
  for (volatile int i = 0; i < 50; i++);
}

__attribute__((noipa)) long in_child(void) { return inherited + from_outside; }
__attribute__((noipa)) long in_parent(void) { return *shared + by_vfork; }

int main(int argc, char **argv) {
  int ends[2], ready[2], listener = socket(AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un name = {AF_UNIX, "\0shares"};
  socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
  if (pipe(ready) != 0 || bind(listener, (struct sockaddr *)&name, 9) != 0 || listen(listener, 1) != 0) return 1;
  shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  inherited = 1;
  pid_t child = fork();
  if (child == 0) {
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    char byte;
    take(ends[1]);
    connect(client, (struct sockaddr *)&name, 9);
    take(client);
    if (read(ready[0], &byte, 1) != 1) return 1;
    long sum = in_child();
    spin();
    *shared = sum;
    spin();
    _exit(0);
  }
  inherited = 2;
  pass(ends[0], open(argv[0], O_RDONLY | O_CLOEXEC));
  pass(accept(listener, 0, 0), open("/dev/null", O_RDONLY));
  long value = 40;
  struct iovec here = {&value, sizeof value}, there = {&from_outside, sizeof from_outside};
  if (process_vm_writev(child, &here, 1, &there, 1, 0) != sizeof value) perror("process_vm_writev");
  if (write(ready[1], "x", 1) != 1) return 1;
  wait(0);
  if (vfork() == 0) {
    spin();
    by_vfork = 1;
    spin();
    _exit(0);
  }
  printf("%ld\n", in_parent());
}
