/** Whether the rings before have run a designated version long enough (AP-2, MO-11): those by which the system of the VM is patched. */
import type { Designated } from '../../api/designated.ts';
import type { ManagedApplication } from '../../api/managedapplication.ts';
import { earliest, latest } from '../contract/condition.ts';
import { timeAt } from '../contract/json.ts';
import { type Placed, provingRingOf } from '../patching/ringof.ts';
import { allowed } from '../patching/rings.ts';
import type { Ring } from '../patching/terms.ts';

/** An order of the same Product and line on the same system, patched by the same policy of the provider. */
export type Peer = { readonly application: ManagedApplication; readonly placed: Placed };

export type RingFacts = {
  /** The provider's, in their order. */
  readonly rings: readonly Ring[];
  readonly placed: Placed;
  readonly peers: readonly Peer[];
};

export type Awaited = {
  /** A clause with numbers. */
  readonly why: string;
  /** When time alone may change it. */
  readonly until: Date | undefined;
};

const HOUR = 3_600_000;

/** The first ring before that has not run it for its soak yet; one without an order of the kind has nothing to prove. As many may lack it as may fail there. */
export function awaitedRing(designated: Designated, facts: RingFacts | 'unknown', now: Date): Awaited | undefined {
  if (facts === 'unknown') return { why: 'the rings by which its VM is patched can be read again', until: undefined };
  const { rings, placed, peers } = facts;
  const own = provingRingOf(rings, placed);
  const before = own === undefined ? rings.slice(0, -1) : rings.slice(0, rings.indexOf(own));
  for (const ring of before) {
    const members = peers.filter(peer => provingRingOf(rings, peer.placed) === ring);
    const soaked = members.map(({ application }) => soakedAt(application, designated, ring));
    const proven = soaked.filter(at => at !== undefined && at <= now).length;
    if (members.length - proven <= allowed(ring.maxFailures, members.length)) continue;
    return {
      why: `ring ${ring.name} runs it first, and ${proven} of its ${members.length} orders have for ${Math.round(ring.soakMs / HOUR)} hours`,
      until: earliest(...soaked.filter(at => at !== undefined && at > now)),
    };
  }
  return undefined;
}

/** When it will have worked with that version for as long as the ring asks; undefined: it has another, or does not work. */
function soakedAt({ status }: ManagedApplication, { version }: Designated, { soakMs }: Ring): Date | undefined {
  const available = status?.conditions?.find(({ type }) => type === 'Available');
  if (status?.version !== version || available?.status !== 'True') return undefined;
  const updated = status.updates?.find(({ to, outcome }) => to === version && outcome === 'Updated');
  const since = latest(timeAt(available.lastTransitionTime), timeAt(updated?.at ?? status.installed));
  return since && new Date(since.getTime() + soakMs);
}
