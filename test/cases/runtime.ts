import type { FaultCase } from './case.ts';

export const runtimeCases: readonly FaultCase[] = [];
