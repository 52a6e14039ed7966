/** Families of addresses (include/linux/socket.h). */
export const AF = { unspecified: 0, unix: 1, inet: 2, inet6: 10, netlink: 16, packet: 17 } as const;

/** Types of sockets, and the flags beside them. */
export const Sock = { stream: 1, datagram: 2, raw: 3, packets: 5, nonBlock: 0o4000, closeOnExec: 0o2000000, typeMask: 0xf } as const;

/** Flags of a send or receive. */
export const Msg = {
  outOfBand: 1,
  peek: 2,
  controlTruncated: 8,
  truncated: 0x20,
  doNotWait: 0x40,
  endOfRecord: 0x80,
  waitAll: 0x100,
  noSignal: 0x4000,
  waitForOne: 0x1_0000,
  closeOnExec: 0x4000_0000,
} as const;

export const Shut = { read: 0, write: 1, both: 2 } as const;

export const IPPROTO = { ip: 0, icmp: 1, tcp: 6, udp: 17, ipv6: 41 } as const;

export const SOL_SOCKET = 1;

/** Options of every socket (include/uapi/asm-generic/socket.h). */
export const SO = {
  debug: 1,
  reuseAddress: 2,
  type: 3,
  error: 4,
  doNotRoute: 5,
  broadcast: 6,
  sendBuffer: 7,
  receiveBuffer: 8,
  keepAlive: 9,
  outOfBandInline: 10,
  noCheck: 11,
  priority: 12,
  linger: 13,
  reusePort: 15,
  passCredentials: 16,
  peerCredentials: 17,
  receiveLowWater: 18,
  sendLowWater: 19,
  receiveTimeout: 20,
  sendTimeout: 21,
  bindToDevice: 25,
  timestamp: 29,
  accepts: 30,
  sendBufferForce: 32,
  receiveBufferForce: 33,
  timestampNs: 35,
  mark: 36,
  protocol: 38,
  domain: 39,
  busyPoll: 46,
  incomingCpu: 49,
  zeroCopy: 60,
  receiveTimeoutNew: 66,
  sendTimeoutNew: 67,
} as const;

export const SCM_RIGHTS = 1;
export const SCM_CREDENTIALS = 2;
