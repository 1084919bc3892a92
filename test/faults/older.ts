/** Operators as they might have been before: the suite upgrades from each of them, and rolls back to it. */
import type { Mutant } from './mutants.ts';

const noticed = { noticedBy: 11, only: '' };

export const olderOperators: readonly Mutant[] = [
  {
    name: 'one that hashed otherwise',
    ...{ file: 'children/ownership.ts', ...noticed },
    find: "const HASH_VERSION = 'v1';",
    replace: "const HASH_VERSION = 'v0';",
  },
  {
    name: 'one that set no marks',
    ...{ file: 'children/ownership.ts', ...noticed },
    find: '...annotations, [markKey(marks)]: mark }',
    replace: '...annotations, ...(mark === "" ? { [markKey(marks)]: mark } : {}) }',
  },
  {
    name: 'one that did not scrape',
    ...{ file: '../controllers/managedvm/children.ts', ...noticed },
    find: '...scrape,',
    replace: '',
  },
  {
    name: 'one that made other machines',
    ...{ file: '../domain/machine/virtualmachine.ts', ...noticed },
    find: "evictionStrategy: 'LiveMigrateIfPossible',",
    replace: "evictionStrategy: 'LiveMigrate', terminationGracePeriodSeconds: 30,",
  },
  {
    name: 'one that named schedules otherwise',
    ...{ file: '../domain/backup/schedules.ts', ...noticed },
    find: 'name: scheduleName(managedVM, tier.name),',
    replace: 'name: scheduleName(managedVM, tier.name).concat("-old"),',
  },
  {
    name: 'one that knew fewer conditions',
    ...{ file: '../controllers/report.ts', ...noticed },
    find: 'mergeConditions(stored?.conditions, assessment.conditions, context.now, metadata.generation);',
    replace:
      'mergeConditions(stored?.conditions, assessment.conditions.slice(0, 2), context.now, metadata.generation);',
  },
];
