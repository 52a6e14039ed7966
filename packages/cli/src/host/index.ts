import type { Host } from '@everystep/core';
import { NodeHost } from './nodeHost.ts';
import { SandboxHost, type SandboxOptions } from './sandbox/sandboxHost.ts';

/** The system that everystep itself runs on. */
export const createHost = (): Host => new NodeHost();

/** That system, of which the guest sees a part only. @throws UserError */
export const createSandbox = (options: SandboxOptions): SandboxHost => new SandboxHost(options);
