/**
 * A drill (AP-13): a guest boots from the disks of a real recovery point, in the sandbox, and its agent answers. The VM and what is the customer's is not touched, so
 * that nobody needs to agree. A drill that fails says something against the backup; one that could not be made says nothing of it, and ends as Unproven.
 */
import type { ManagedVM } from '../../api/managedvm.ts';
import type { RestoreStatus } from '../../api/restore.ts';
import { excerpt } from '../contract/excerpt.ts';
import { at, type Fields, listAt, textAt } from '../contract/json.ts';
import { systemNameOf } from '../contract/system.ts';
import { advance, end, NOTHING, type RestoreAct, since, tell, untested, write } from './acts.ts';
import { whyGone, whyNot } from './begin.ts';
import { namesOf } from './beside.ts';
import { drillMachine } from './drillmachine.ts';
import type { Ordered, RestoreFacts } from './facts.ts';

/** In which the guest must be up with its agent. Milliseconds. */
export const BOOT_MS = 30 * 60_000;

const UNTESTED = [
  'The network was not tested: the link of the guest was down, and no Pod has tried what leaves the sandbox.',
  'The application was not tested: only the agent in the guest was asked.',
];

/** Waits for its turn, and for a sandbox that is one. */
export function prepareDrill({ status }: Ordered, facts: RestoreFacts, now: Date): RestoreAct {
  if (status?.point === undefined) return NOTHING;
  const { order, ahead, sandboxDefect, staging } = facts;
  const why = whyNot(status, facts) ?? sandboxDefect;
  if (order === undefined || why !== undefined) return untested(status, why ?? '', now);
  if (ahead !== undefined) return tell(status, ahead);
  const there = (status.disks ?? []).flatMap(disk => namesOf(order, disk)).find(name => facts.staged(name));
  if (there !== undefined)
    return tell(
      status,
      `PersistentVolumeClaim ${staging}/${there} is still there, of another drill; it must go first.`,
    );
  const message = `Backup ${status.point.name} is restored into the sandbox.`;
  return write(advance(status, 'Restoring', 'agreed', message, now));
}

/** The proof: the guest runs on the restored disks with its links down, and its agent answers. */
export function drill(restore: Ordered, facts: RestoreFacts, now: Date): RestoreAct {
  const { status } = restore;
  if (status === undefined) return NOTHING;
  const { order, sandboxDefect, instance } = facts;
  const why = whyGone(status.managedVM, order) ?? sandboxDefect ?? lostClaim(status, facts);
  if (order === undefined || why !== undefined) return untested(status, why ?? '', now);
  if (status.drill === undefined) return boot(restore, order, status, facts, now);
  const { machine } = status.drill;
  const uid = textAt(facts.virtualMachine, 'metadata', 'uid');
  if (uid !== undefined && uid !== machine.uid)
    return untested(status, `VirtualMachine ${facts.staging}/${machine.name} is another one meanwhile.`, now);
  if (isRunning(instance) && !isCutOff(instance))
    return untested(status, 'The link of its guest is not down: it was stopped at once.', now);
  if (isRunning(instance) && agentAnswers(instance)) return proven(status, status.drill, instance, now);
  const started = since(status, 'started') ?? now;
  if (now.getTime() - started.getTime() < BOOT_MS) return NOTHING;
  return isRunning(instance)
    ? end(status, 'Failed', silent(status), now)
    : untested(status, `No guest was started within ${BOOT_MS / 60_000} minutes: ${whyNone(facts)}.`, now);
}

function boot(
  { metadata: { uid = '' } }: Ordered,
  order: ManagedVM,
  status: RestoreStatus,
  { operatingSystem, staging }: RestoreFacts,
  now: Date,
): RestoreAct {
  if (operatingSystem === undefined)
    return untested(status, `OperatingSystem ${systemNameOf(order)} is not in the catalogue.`, now);
  const { disks = [] } = status;
  const object = drillMachine({ managedVM: order, operatingSystem, uid, disks, namespace: staging });
  return { act: 'makeMachine', object };
}

function proven(
  status: RestoreStatus,
  before: NonNullable<RestoreStatus['drill']>,
  instance: Fields,
  now: Date,
): RestoreAct {
  const began = since(status, 'agreed') ?? now;
  const seconds = Math.max(0, Math.round((now.getTime() - began.getTime()) / 1000));
  const guest = guestOf(instance);
  const drill = { ...before, ...(guest && { guest }), untested: [...UNTESTED] };
  const says = guest === undefined ? '' : ` (${guest})`;
  const message = `In the sandbox a guest${says} boots from the data of ${status.point?.time} and its agent answers, ${seconds} s after the drill began. Its link was down: the network and the application were not tested.`;
  return end({ ...status, drill, recoveryTime: { ...status.recoveryTime, seconds } }, 'Succeeded', message, now);
}

/** What a guest says is a stranger's text. */
function guestOf(instance: Fields): string | undefined {
  const words = ['prettyName', 'kernelRelease'].flatMap(name => textAt(instance, 'status', 'guestOSInfo', name) ?? []);
  return words.length === 0 ? undefined : excerpt(words.join(', kernel '), 200);
}

function silent({ point }: RestoreStatus): string {
  return `In the sandbox a guest was started from the data of ${point?.time}, and no agent answered in it within ${BOOT_MS / 60_000} minutes.`;
}

function lostClaim({ disks = [] }: RestoreStatus, { staged, staging }: RestoreFacts): string | undefined {
  const gone = disks.find(disk => textAt(staged(disk.staged?.claim ?? ''), 'metadata', 'uid') !== disk.staged?.uid);
  return gone && `PersistentVolumeClaim ${staging}/${gone.staged?.claim} of disk ${gone.disk} is gone.`;
}

function isRunning(instance: Fields | undefined): instance is Fields {
  return textAt(instance, 'status', 'phase') === 'Running';
}

function agentAnswers(instance: Fields): boolean {
  const agent = listAt(instance, 'status', 'conditions').find(each => textAt(each, 'type') === 'AgentConnected');
  return textAt(agent, 'status') === 'True';
}

/** By what it was started with, and by what libvirt says of it where it says something. */
function isCutOff(instance: Fields): boolean {
  const links = listAt(instance, 'spec', 'domain', 'devices', 'interfaces').map(each => textAt(each, 'state'));
  const told = listAt(instance, 'status', 'interfaces').map(each => textAt(each, 'linkState'));
  return links.every(state => state === 'down') && told.every(state => state === undefined || state === 'down');
}

/** In the words of Kubernetes or KubeVirt. */
function whyNone({ virtualMachine, instance }: RestoreFacts): string {
  const conditions = [instance, virtualMachine].flatMap(of => listAt(of, 'status', 'conditions'));
  const refused = conditions.find(each => textAt(each, 'status') === 'False' && textAt(each, 'message') !== undefined);
  const told = textAt(refused, 'message') ?? at(virtualMachine, 'status', 'printableStatus');
  return excerpt(String(told ?? 'KubeVirt says nothing about it'), 300);
}
