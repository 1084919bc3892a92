import type { FaultCase } from './case.ts';

export const ownershipCases: readonly FaultCase[] = [];
