/** What somebody takes away, or orders otherwise, at each phase of a restore. */
import { backupPolicy } from '../../../src/api/backuppolicy.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { type RestorePhase, restore } from '../../../src/api/restore.ts';
import { PersistentVolumeClaim, VeleroBackup } from '../../../src/api/upstream.ts';
import { dailyPolicy } from '../../integration/support/orders.ts';
import { schedulesOf } from '../../integration/support/playedbackup.ts';
import type { Ground } from './ground.ts';
import type { RestoreCase } from './restorecases.ts';

const PHASES: readonly RestorePhase[] = ['Pending', 'Restoring', 'Moving', 'Stopping', 'Exchanging', 'Starting'];
/** Velero has been asked by then, and has brought back what it was asked for. */
const DATA_ARE_OUT: readonly RestorePhase[] = ['Moving', 'Stopping', 'Exchanging', 'Starting'];

type Deed = NonNullable<RestoreCase['meanwhile']>['does'];

const atEach = (phases: readonly RestorePhase[], what: string, does: Deed, more: Omit<RestoreCase, 'name'>) =>
  phases.map((at): RestoreCase => ({ name: `${what} at ${at}`, meanwhile: { at, does }, ...more }));

const toTheEnd = { ends: 'Succeeded' } as const;

export const meanwhile: readonly RestoreCase[] = [
  ...atEach(PHASES, 'the policy is deleted', (ground, scope) => ground.api.remove(backupPolicy, scope, 'daily'), {
    ...toTheEnd,
    ready: /^False\/PolicyNotFound$/,
  }),
  ...atEach(PHASES, 'the VM comes under a second policy', underAnother, { ...toTheEnd, check: oneScheduleEach }),
  ...atEach(['Pending'], 'the Backup vanishes', vanish, {
    ends: 'Failed',
    why: /is not there any more/,
    takes: ['backup'],
  }),
  ...atEach(DATA_ARE_OUT, 'the Backup vanishes', vanish, { ...toTheEnd, takes: ['backup'] }),
  ...atEach(PHASES, 'the order is deleted', (ground, scope) => ground.api.remove(restore, scope, 'again'), {
    ends: 'gone',
  }),
  ...atEach(
    ['Moving'],
    'a staged claim is deleted',
    (ground, scope) => ground.api.remove(PersistentVolumeClaim, 'velero', `${scope}-data`),
    { ends: 'Failed' },
  ),
  ...atEach(['Stopping', 'Exchanging'], 'a claim beside is deleted', loseBeside, {
    ends: 'Failed',
    why: /of disk data is gone/,
  }),
];

/** Both policies stand in the namespace; the VM names the second from now on. */
async function underAnother(ground: Ground, scope: string): Promise<void> {
  const tiers = [{ name: 'nightly', schedule: '0 2 * * *', retention: '720h' }];
  await ground.api.create(backupPolicy, dailyPolicy(scope, 'nightly', { consistency: 'CrashConsistent', tiers }));
  await ground.api.edit(managedVM, scope, scope, {
    spec: { backupPolicyRef: { kind: 'BackupPolicy', name: 'nightly' } },
  });
}

async function oneScheduleEach(ground: Ground, scope: string): Promise<string | undefined> {
  const schedules = await schedulesOf(ground.api, ground.vm(scope));
  const tiers = schedules.map(({ metadata }) => metadata.labels['managed.systems/backup-tier']);
  return tiers.join() === 'nightly' ? undefined : `it has Schedules of ${tiers}`;
}

async function vanish(ground: Ground, scope: string): Promise<void> {
  await ground.api.remove(VeleroBackup, 'velero', ground.restoreOf(scope).status.point.name);
}

async function loseBeside(ground: Ground, scope: string): Promise<void> {
  const { after } = ground.restoreOf(scope).status.disks.find(({ disk }: { disk: string }) => disk === 'data');
  await ground.api.remove(PersistentVolumeClaim, scope, after.claim);
}
