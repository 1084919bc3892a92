import type { FaultCase } from './case.ts';

export const admissionCases: readonly FaultCase[] = [];
