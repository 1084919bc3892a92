import type { FaultCase } from './case.ts';

export const snapshotsCases: readonly FaultCase[] = [];
