import { admissionCases } from './admission.ts';
import { alarmsCases } from './alarms.ts';
import { backupCases } from './backup.ts';
import type { FaultCase } from './case.ts';
import { ownershipCases } from './ownership.ts';
import { runtimeCases } from './runtime.ts';
import { snapshotsCases } from './snapshots.ts';
import { stateCases } from './state.ts';
import { truthCases } from './truth.ts';

/** Every fault that was found in Steward by review or by a public report tried on it. */
export const faultCases: readonly FaultCase[] = [
  ...snapshotsCases,
  ...ownershipCases,
  ...stateCases,
  ...truthCases,
  ...backupCases,
  ...admissionCases,
  ...alarmsCases,
  ...runtimeCases,
];
