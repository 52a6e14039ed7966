import type { Host } from '@everystep/core';
import { NodeHost } from './nodeHost.ts';

/** The system that everystep itself runs on. */
export const createHost = (): Host => new NodeHost();
