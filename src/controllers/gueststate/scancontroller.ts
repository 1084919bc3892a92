import { type GuestState, type GuestStateStatus, guestState } from '../../api/gueststate.ts';
import { packagesOfApplications } from '../../domain/patching/heldfor.ts';
import { isScanned } from '../../domain/patching/scanned.ts';
import type { PackageFamily } from '../../guest/packages/family.ts';
import type { Ground } from '../../guest/run/scripts.ts';
import { firstGeneration, isHeldBy } from '../../guest/run/vmlease.ts';
import { tongueOf } from '../../guest/tongues.ts';
import { GuestFailure } from '../../guest/transport/failure.ts';
import type { Sessions } from '../../guest/transport/sessions.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import {
  type ControllerDefinition,
  defineController,
  type ReconcileContext,
  type Result,
} from '../../runtime/pass/controller.ts';
import { draftOf } from './draft.ts';
import type { Parts } from './parts.ts';
import { wayInto } from './reach.ts';
import { abandoned, type ScanResult, scanned } from './scan.ts';
import { type ScanMemory, type ScanTimes, scanDueAt } from './scandue.ts';
import { type Situation, situationOf, WATCHES } from './situation.ts';

/** Guests whose package managers are asked at once: each loads its guest, and a mirror that many of them share. */
const CONCURRENCY = 16;
const WORKING_MS = 5_000;
const WAITING_MS = 60_000;

/** How guests are asked for updates; absent from a worker: they are not. */
export type ScanSettings = {
  readonly familyOf: (packageManager: Situation['operatingSystem']['spec']['packageManager']) => PackageFamily;
  readonly times?: ScanTimes;
  /** Where the step works in the guest; another than the usual only in tests. */
  readonly ground?: Ground;
};

type Context = ReconcileContext<GuestState & KubeObject>;
type Asked = { readonly situation: Situation; readonly family: PackageFamily };

/** Asks the package managers of guests what is missing, and says so in their GuestStates (MO-10). Looks into the guests go on meanwhile. */
export function guestScanController(
  parts: Parts & { readonly sessions: Sessions },
  settings: ScanSettings,
): ControllerDefinition<GuestState & KubeObject> {
  const { shards, clock, random } = parts;
  const known = new Map<string, ScanMemory>();
  const memoryOf = (uid: string): ScanMemory => {
    const memory = known.get(uid) ?? {
      jitter: random(),
      since: clock.now(),
      askedAt: undefined,
      vain: 0,
      bootId: undefined,
    };
    known.set(uid, memory);
    return memory;
  };
  const after = (ms: number): Result => ({ requeueAt: new Date(clock.now().getTime() + ms) });

  const reconcile = async (context: Context): Promise<Result | undefined> => {
    const { object, read } = context;
    const { namespace = '', uid = '' } = object.metadata;
    const situation = shards.holds(namespace) ? situationOf(object, read) : undefined;
    const asked = situation && askedOf(situation, settings);
    if (asked === undefined) return undefined;
    const { status = {} } = object;
    const memory = memoryOf(uid);
    const dueAt = scanDueAt(status, memory, settings.times);
    const begun = isHeldBy(status, holderOf(parts));
    if (!begun && dueAt > clock.now()) return { requeueAt: dueAt };
    if (!begun && status.contact?.outcome !== 'Reached') return after(WAITING_MS);
    const result = await ask(context, asked, parts, settings.ground);
    if (result === 'Working') return after(WORKING_MS);
    if (result === 'Waiting') return after(WAITING_MS * (0.5 + 0.5 * random()));
    known.set(uid, afterAnswer(memory, result, status, clock.now()));
    return after(0);
  };

  return defineController<GuestState & KubeObject>({
    ...{ name: 'guestscan', kind: guestState, owns: [], watches: WATCHES, concurrency: CONCURRENCY },
    polls: [shards.source()],
    reconcile,
    forget: uid => void known.delete(uid),
  });
}

const holderOf = ({ identity }: Pick<Parts, 'identity'>): string => `${identity}-scan`;

/** Those that shall be asked; not one that Steward is to leave alone for now. */
function askedOf(situation: Situation, { familyOf }: ScanSettings): Asked | undefined {
  const { spec } = situation.managedVM;
  if (!isScanned(spec) || spec.paused !== undefined) return undefined;
  const family = familyOf(situation.operatingSystem.spec.packageManager);
  return { situation, family };
}

async function ask(
  context: Context,
  { situation, family }: Asked,
  parts: Parts & { readonly sessions: Sessions },
  ground: Ground | undefined,
): Promise<ScanResult> {
  const { object: record } = context;
  const { memories, clock, sessions } = parts;
  const draft = draftOf(context, record.status ?? {}, parts.shards);
  const memory = memories.of(record.metadata.uid ?? '');
  const holder = holderOf(parts);
  const reachable = await wayInto(situation, draft.status, memory, parts);
  if ('outcome' in reachable) {
    await abandoned({ draft, holder });
    return 'Failed';
  }
  const ofApplications = packagesOfApplications(await parts.plans.plansOf(situation.managedVM));
  const { command, steps: scripts } = tongueOf(situation.operatingSystem.spec, ground);
  const work = scanned({
    ...{ holder, family, scripts, draft, ofApplications, now: () => clock.now() },
    script: text => sessions.run(reachable.target, command, text),
    leaseUnchangedMs: lease => memory.leaseUnchangedMs(lease, clock.monotonic()),
    first: firstGeneration(record.metadata.creationTimestamp),
  });
  return work.catch(async (error: unknown) => {
    if (!(error instanceof GuestFailure)) throw error;
    // The step stays where it is: it is gone on with the next time, or by whoever works there next.
    await abandoned({ draft, holder });
    return 'Failed' as const;
  });
}

function afterAnswer(memory: ScanMemory, result: ScanResult, { bootId }: GuestStateStatus, now: Date): ScanMemory {
  return { ...memory, bootId, askedAt: now, vain: result === 'Complete' ? 0 : memory.vain + 1 };
}
