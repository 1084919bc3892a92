import type { FaultCase } from './case.ts';

export const backupCases: readonly FaultCase[] = [];
