import type { FaultCase } from './case.ts';

export const truthCases: readonly FaultCase[] = [];
