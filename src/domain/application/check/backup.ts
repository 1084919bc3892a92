import type { ProductSpec } from '../../../api/product.ts';

/** What is wrong with the backup of a Product. */
export function backupFaults({ backup, steps, probes }: ProductSpec): readonly string[] {
  if (backup === undefined) return [];
  const engines = [
    ...steps.map(({ database }) => database?.engine),
    ...probes.map(({ sql, keyValue }) => (keyValue === undefined ? sql?.engine : 'Valkey')),
  ];
  return engines.includes(backup.engine)
    ? []
    : [`spec.backup.engine: no step and no probe is of ${backup.engine}, so that there is none to dump.`];
}
