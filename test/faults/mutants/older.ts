/** Operators as they might have been before: the suite upgrades from each of them, and rolls back to it. */

import type { Reading } from '../picture.ts';
import type { Mutant } from './mutants.ts';

/** What stays of such a version for good, where nobody has a reason to write it again, is read as if the current one had written it. */
export type OlderOperator = Mutant & { readonly reading?: Reading };

const noticed = { noticedBy: 11, only: '' };

export const olderOperators: readonly OlderOperator[] = [
  {
    name: 'one that hashed otherwise',
    ...{ file: 'children/ownership.ts', ...noticed },
    find: "const HASH_VERSION = 'v1';",
    replace: "const HASH_VERSION = 'v0';",
    reading: line => line.replace(/\bv0-[\w-]{22}(?=")/g, 'HASH'),
  },
  {
    name: 'one that set no marks',
    ...{ file: 'children/ownership.ts', ...noticed },
    find: '...annotations, [markKey(marks)]: mark }',
    replace: '...annotations, ...(mark === "" ? { [markKey(marks)]: mark } : {}) }',
    // Keys, logins and the change of an order are made once and never written again: they are known by name and place.
    reading: line =>
      /"name":"(?:managedvm-|application-<[^"]*>")/.test(line) || line.startsWith('ChangeRequest ')
        ? line.replace('"annotations":{"managed.systems/mark":"HASH"},', '')
        : line,
  },
  {
    name: 'one that did not scrape',
    ...{ file: '../domain/monitoring/promise.ts', ...noticed },
    find: '...scrape, ',
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
