// A small AArch64 program that makes the system calls that programs usually start with, some with a file, and prints
// a line. V8's code cache (bundle.mjs) has what V8 has compiled for it.

const BASE = 0x400000;
/** Room behind code and data that the program may write to. */
const SCRATCH = BASE + 0x2000;
const HEADERS = 64 + 56;

const AT_FDCWD = -100n;
const EMPTY_PATH = 0x1000n;
/** PROT_READ and PROT_WRITE, MAP_PRIVATE, MAP_ANONYMOUS. */
const [READ, WRITE, PRIVATE, ANONYMOUS] = [1n, 2n, 2n, 0x20n];

/** What the call before gave. */
const RESULT = Symbol('result');

/** A NUL-terminated text, whose address is passed. */
const text = (value) => ({ text: value });

/** [number, ...arguments] of each call, of the table that AArch64 shares with most newer architectures. */
const CALLS = [
  [214, 0n], // brk
  [214, 0x500000n],
  [96, SCRATCH], // set_tid_address
  [99, SCRATCH, 24n], // set_robust_list
  [293, SCRATCH, 32n, 0n, 0x1234n], // rseq
  [261, 0n, 3n, 0n, SCRATCH], // prlimit64
  [78, AT_FDCWD, text('/proc/self/exe'), SCRATCH, 1024n], // readlinkat
  [278, SCRATCH, 8n, 1n], // getrandom
  [172], // getpid
  [174], // getuid
  [160, SCRATCH], // uname
  [113, 1n, SCRATCH], // clock_gettime
  [134, 17n, 0n, SCRATCH, 8n], // rt_sigaction
  [135, 0n, 0n, SCRATCH, 8n], // rt_sigprocmask
  [48, AT_FDCWD, text('/proc/self/exe'), 4n], // faccessat
  [48, AT_FDCWD, text('/nowhere/at/all'), 4n],
  [79, AT_FDCWD, text('/'), SCRATCH, 0n], // newfstatat
  [56, AT_FDCWD, text('/proc/self/exe'), 0n, 0n], // openat
  [79, RESULT, text(''), SCRATCH, EMPTY_PATH],
  [56, AT_FDCWD, text('/proc/self/exe'), 0n, 0n],
  [63, RESULT, SCRATCH, 64n], // read
  [56, AT_FDCWD, text('/proc/self/exe'), 0n, 0n],
  [62, RESULT, 0n, 0n], // lseek
  [56, AT_FDCWD, text('/proc/self/exe'), 0n, 0n],
  [222, 0n, 4096n, READ, PRIVATE, RESULT, 0n], // mmap
  [226, RESULT, 4096n, READ | WRITE], // mprotect
  [57, 3n], // close
  [222, 0n, 8192n, READ | WRITE, PRIVATE | ANONYMOUS, -1n, 0n],
  [215, RESULT, 8192n], // munmap
  [226, SCRATCH, 4096n, READ | WRITE],
  [56, AT_FDCWD, text('/'), 0o40000n, 0n],
  [61, RESULT, SCRATCH, 1024n], // getdents64
  [25, 1n, 3n, 0n], // fcntl
  [29, 1n, 0x5401n, SCRATCH], // ioctl
  [79, 1n, text(''), SCRATCH, EMPTY_PATH],
  [98, SCRATCH, 1n, 1n], // futex
  [64, 1n, text('ready\n'), 6n], // write
  [94, 0n], // exit_group
];

/** @returns the program as an ELF file */
export function trainingProgram() {
  const code = [];
  const texts = [];
  const strings = new Map();
  const size = HEADERS + 4 * CALLS.reduce((sum, call) => sum + call.length * 4 + 2, 0);
  let end = BASE + size;
  const addressOf = (value) => {
    if (!strings.has(value)) {
      strings.set(value, end);
      texts.push(Buffer.from(`${value}\0`));
      end += value.length + 1;
    }
    return strings.get(value);
  };
  /** MOVZ and three MOVK. */
  const set = (register, value) => {
    const bits = BigInt.asUintN(64, BigInt(value));
    for (let part = 0; part < 4; part++) {
      const imm16 = Number((bits >> BigInt(16 * part)) & 0xffffn);
      code.push((part === 0 ? 0xd280_0000 : 0xf280_0000) | (part << 21) | (imm16 << 5) | register);
    }
  };
  for (const [number, ...given] of CALLS) {
    // MOV X9, X0
    code.push(0xaa00_03e9);
    given.forEach((value, register) => {
      // MOV Xregister, X9
      if (value === RESULT) code.push(0xaa09_03e0 | register);
      else set(register, typeof value === 'object' ? addressOf(value.text) : value);
    });
    set(8, number);
    // SVC #0
    code.push(0xd400_0001);
  }
  const file = Buffer.alloc(end - BASE);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  // An executable of AArch64, version 1.
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(183, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(BASE + HEADERS), 24);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  // One segment, which may be read, written and executed, with the room behind the file.
  file.writeUInt32LE(1, 64);
  file.writeUInt32LE(7, 68);
  for (const [at, value] of [
    [80, BASE],
    [88, BASE],
    [96, end - BASE],
    [104, 0x4000],
    [112, 0x1000],
  ])
    file.writeBigUInt64LE(BigInt(value), at);
  code.forEach((word, i) => {
    file.writeUInt32LE(word >>> 0, HEADERS + 4 * i);
  });
  Buffer.concat(texts).copy(file, size);
  return file;
}
