/** When nothing is mended, whatever is wrong: somebody else works on it, or so many are at once that it is no fault of one VM. */
import type { ManagedVM } from '../../api/managedvm.ts';

/** How many of a crowd are being mended now, without this one. */
export type Crowd = { readonly name: string; readonly busy: number; readonly total: number };

export type Surroundings = {
  /** Whether Steward mends things in guests of its family. */
  readonly mendsInside: boolean;
  /** Percent of use above which a file system raises its alarms. */
  readonly thresholds: { readonly warning: number; readonly critical: number };
  /** Restores of it that have no verdict, and changes that Steward carries out on it: by name; undefined: it cannot be read. */
  readonly restores: readonly string[] | undefined;
  readonly changes: readonly string[] | undefined;
  /** The VMs of its namespace, and those of its node. */
  readonly crowds: readonly Crowd[];
};

/** Of a crowd at most so many percent are mended at once, and always one. */
export const SHARE_PERCENT = 20;
/** For so long after it a maintenance window still counts: what it began ends then. Milliseconds. */
const AFTER_WINDOW_MS = 5 * 60_000;

export type Guard = {
  readonly message: string;
  readonly nextEdge?: Date;
  /** Somebody has ordered it so, and nobody waits for its end. */
  readonly isOrdered?: boolean;
};

export function guardAgainst(managedVM: ManagedVM, around: Surroundings, now: Date): Guard | undefined {
  const { spec, status, metadata } = managedVM;
  const name = `ManagedVM ${metadata.name}`;
  if (spec.powerState === 'Stopped') return { message: `${name} is powered off as ordered.`, isOrdered: true };
  if (spec.paused !== undefined) return { message: `${name} is paused by spec.paused.`, isOrdered: true };
  const { lastWindow, nextWindow, lastRun } = status?.patching ?? {};
  for (const window of [lastWindow, nextWindow]) {
    if (window === undefined || new Date(window.start) > now) continue;
    const end = new Date(Date.parse(window.end) + AFTER_WINDOW_MS);
    if (now < end)
      return {
        message: `Maintenance window ${window.window} is open until ${window.end}, and what is done then is its own.`,
        nextEdge: end,
      };
  }
  if (lastRun?.underWay) return { message: `PatchRun ${lastRun.name} is under way.` };
  if (handsInside(managedVM) === 'Soon')
    return { message: `The guest of ${name} starts, and was not looked into since.` };
  const work = status?.guestWork?.purpose;
  if (work !== undefined && !QUIET.has(work)) return { message: `Somebody works in the guest now, for ${work}.` };
  return busyWith('Restore', around.restores) ?? busyWith('ChangeRequest', around.changes) ?? crowded(around.crowds);
}

/** Work in a guest that ends within a minute and that remedies take turns with by the VM's lease. */
const QUIET: ReadonlySet<string> = new Set(['Configuration', 'Scan', 'Remedy']);

function busyWith(kind: string, names: readonly string[] | undefined): Guard | undefined {
  if (names === undefined)
    return { message: `Whether a ${kind} is under way cannot be read, which forbids as if one were.` };
  const [first] = names;
  return first === undefined ? undefined : { message: `${kind} ${first} is under way on it.` };
}

function crowded(crowds: readonly Crowd[]): Guard | undefined {
  const full = crowds.find(({ busy, total }) => busy >= Math.max(1, Math.floor((total * SHARE_PERCENT) / 100)));
  return (
    full && {
      message: `${full.busy} of the ${full.total} VMs of ${full.name} are being mended, and more than ${SHARE_PERCENT} percent are not mended at once: it may be no fault of theirs.`,
    }
  );
}

/** Whether hands get into the guest: `Soon`: it has just started, or starts. Where they do not, only what is done from outside is left, and a person. */
export function handsInside({ status }: ManagedVM): 'Yes' | 'Soon' | 'No' {
  const reached = status?.conditions?.find(({ type }) => type === 'GuestReachable');
  // Of one that is new nothing is known yet.
  if (reached === undefined) return 'Soon';
  if (reached.status === 'True') return 'Yes';
  return reached.status === 'Unknown' && (reached.reason === 'Pending' || reached.reason === 'NotRunning')
    ? 'Soon'
    : 'No';
}

/** Neither the guest agent nor sshd of the guest answers, as far as both are looked for: by each sign of its own it hangs. */
export function isSilent({ status }: ManagedVM): boolean {
  const said = (type: string) => status?.conditions?.find(each => each.type === type);
  const reached = said('GuestReachable');
  return said('AgentConnected')?.status === 'False' && reached?.status === 'False' && UNANSWERED.has(reached.reason);
}

const UNANSWERED: ReadonlySet<string> = new Set(['NoAnswer', 'NotSSH', 'ConnectionLost', 'TimedOut']);
