import type { FaultCase } from './case.ts';

export const alarmsCases: readonly FaultCase[] = [];
