import type { FaultCase } from './case.ts';

export const stateCases: readonly FaultCase[] = [];
