/**
 * The error budget of a ring, kept by the real operator by the verdicts of the window that was just patched: one guest in twenty has failed in each way.
 * While no more have failed than may, the runs of the next ring are made; with one less that may, those that are not begun end, and no other is made until somebody
 * resumes the ring.
 */
import { clusterPatchPolicy } from '../../../src/api/clusterpatchpolicy.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { type PatchRun, type PatchRunSpec, patchRun } from '../../../src/api/patchrun.ts';
import type { RingStatus } from '../../../src/api/ringstatus.ts';
import type { KubeObject } from '../../../src/runtime/api/object.ts';
import { machine, standardPatches } from '../../../test/integration/support/orders.ts';
import { startSteward } from '../../steward/steward.ts';
import { type Check, exactly } from '../checks.ts';
import { FIRST_RING, NAMESPACE } from './fleet.ts';
import type { Stage } from './stage.ts';
import { until } from './until.ts';

/** Where the VMs of the second ring are. */
const SECOND = 'second';
const POLICY = 'standard';
/** VMs that are due before the ring is halted, and as many while it is. */
const VMS = 3;

type Run = PatchRun & KubeObject;

export async function budget(stage: Stage, occurrence: PatchRunSpec['occurrence']): Promise<Check[]> {
  const { bed, guests, say } = stage;
  const failed = guests.filter(({ way }) => way.phase === 'Failed').length;
  await bed.api.namespace(SECOND);
  await orderVMs(stage, 'early');
  await bed.api.create(clusterPatchPolicy, standardPatches(POLICY, policySpec(occurrence, failed)));
  const environment = { STEWARD_WATCH_NAMESPACES: `${NAMESPACE},${SECOND}`, STEWARD_LEADER_ELECTION: 'false' };
  const operator = await startSteward(bed.bed, { environment });
  try {
    const runs = () => bed.api.list(patchRun, SECOND) as Promise<readonly Run[]>;
    await until(async () => (await runs()).length >= VMS, 'the runs of the second ring are made');
    const made = (await runs()).length;
    const judged = await ringAs(stage, ({ failed: counted }) => counted === failed);
    say(judged.reason);

    await bed.api.edit(clusterPatchPolicy, '', POLICY, { spec: { rings: ringsWith(failed - 1) } });
    const halted = await ringAs(stage, ({ state }) => state === 'Halted');
    say(halted.reason);
    await until(async () => (await runs()).every(({ status }) => status?.ended !== undefined), 'its runs are ended');
    const ended = (await runs()).filter(({ status }) => status?.phase === 'Skipped' && status.steps === undefined);
    await orderVMs(stage, 'late');
    await until(() => areSeen(stage), 'the operator knows by which policy all VMs are patched');

    const resumed = new Date();
    const resume = { ring: FIRST_RING, afterRun: halted.haltedBy, reason: 'Each way to fail is understood' };
    await bed.api.edit(clusterPatchPolicy, '', POLICY, { spec: { resume } });
    await until(async () => (await runs()).length >= 2 * VMS, 'the runs of the others are made');
    const before = (await runs()).filter(({ metadata }) => madeAt(metadata) < wholeSeconds(resumed)).length;
    return [
      exactly('guests of the first ring that are counted as failed', judged.failed, failed),
      exactly(`runs of the second ring where ${failed} of the first may fail: made`, made, VMS),
      exactly(`the same where ${failed - 1} may: ended before anything is begun`, ended.length, VMS),
      exactly('runs of the second ring that are made while the first is halted', before - VMS, 0),
      exactly('and once it is resumed', (await runs()).length - before, VMS),
    ];
  } finally {
    await operator.stop('SIGKILL');
  }
}

/** The window of the fleet, as the policy of the operator has it. */
function policySpec({ window, start, cutoff, end }: PatchRunSpec['occurrence'], mayFail: number) {
  const [from, last, to] = [start, cutoff, end].map(each => new Date(each)) as [Date, Date, Date];
  const minutes = (a: Date, b: Date) => `${(b.getTime() - a.getTime()) / 60_000}m`;
  const schedule = `${from.getUTCMinutes()} ${from.getUTCHours()} * * *`;
  return {
    windows: [{ name: window, schedule, timeZone: 'Etc/UTC', duration: minutes(from, to), cutoff: minutes(last, to) }],
    rings: ringsWith(mayFail),
  };
}

function ringsWith(maxFailures: number) {
  return [{ name: FIRST_RING, namespaces: [NAMESPACE], soak: '0s', gate: { maxFailures } }, { name: 'second' }];
}

async function orderVMs({ bed }: Stage, name: string): Promise<void> {
  for (let index = 0; index < VMS; index += 1) await bed.api.create(managedVM, machine(SECOND, `${name}-${index}`));
}

/** How the first ring stands once that is so. */
async function ringAs({ bed }: Stage, is: (ring: RingStatus) => boolean): Promise<RingStatus> {
  let found: RingStatus | undefined;
  await until(async () => {
    const { status } = await bed.api.get(clusterPatchPolicy, '', POLICY);
    found = (status?.rings as readonly RingStatus[] | undefined)?.find(({ name }) => name === FIRST_RING);
    return found !== undefined && is(found);
  }, 'the operator has judged the first ring');
  if (found === undefined) throw new Error('no ring is judged');
  return found;
}

async function areSeen({ bed }: Stage): Promise<boolean> {
  const vms = await bed.api.list(managedVM, SECOND);
  return vms.every(({ status }) => status?.patching?.policy?.name === POLICY);
}

/** The API server tells whole seconds. */
function wholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000;
}

function madeAt({ creationTimestamp }: KubeObject['metadata']): number {
  return Date.parse(creationTimestamp ?? '');
}
