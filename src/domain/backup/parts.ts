/** The parts of the promise about backups, in the order in which people read them. */
export const PARTS = [
  'StorageAvailable',
  'RPOMet',
  'RestoreVerified',
  'RTOMet',
  'RetentionMet',
  'ConsistencyMet',
] as const;
export type Part = (typeof PARTS)[number];
