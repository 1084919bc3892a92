import { type ManagedVM, managedVM } from '../api/managedvm.ts';
import { type PatchRun, patchRun } from '../api/patchrun.ts';
import type { RingStatus } from '../api/ringstatus.ts';
import { at, listAt, textAt } from '../domain/contract/json.ts';
import { systemNameOf } from '../domain/contract/system.ts';
import type { RingMember } from '../domain/patching/evidence.ts';
import type { KubeObject, ObjectKey } from '../runtime/api/object.ts';
import type { Reader, WatchedKind } from '../runtime/pass/controller.ts';
import type { AlertWatch } from './alertwatch.ts';

type Ordered = ManagedVM & KubeObject;
type Run = PatchRun & KubeObject;

/** What PatchRuns are found by: the UID of their ManagedVM. */
const RUNS = 'runsOf';

/** What of a policy stops guests that are not begun: that it is suspended, and which of its rings are halted or empty. Counts of its rings are none of it. */
export function stopsOf({ spec, status }: KubeObject): unknown {
  const rings = listAt(status, 'rings').map(ring => [textAt(ring, 'name'), STOPS.has(textAt(ring, 'state') ?? '')]);
  return [at(spec, 'suspend'), rings];
}

const STOPS: ReadonlySet<string> = new Set(['Halted', 'Empty'] satisfies RingStatus['state'][]);

/** Watches PatchRuns for a policy that judges its rings by them: what it looks at is how they ended. */
export function patchRuns(policiesOf: (managedVM: Ordered) => readonly ObjectKey[]): WatchedKind {
  return {
    kind: patchRun,
    indexes: { [RUNS]: run => [String(at(run, 'spec', 'managedVM', 'uid') ?? '')] },
    part: ({ status }) => [at(status, 'phase'), at(status, 'ended')],
    toKeys: (run, read) => {
      const { namespace = '' } = run.metadata;
      const name = String(at(run, 'spec', 'managedVM', 'name') ?? '');
      const ordered = read.get<Ordered>(managedVM, { namespace, name });
      return ordered === undefined ? [] : policiesOf(ordered);
    },
  };
}

/** A ManagedVM with its PatchRuns, as evidence about the ring that it is in. */
export function ringMember(
  ordered: Ordered,
  ring: string | undefined,
  { read, now, alertsOn }: { readonly read: Reader; readonly now: Date } & Pick<AlertWatch, 'alertsOn'>,
): RingMember {
  const { metadata, status } = ordered;
  const { uid = '' } = metadata;
  return {
    ...{ uid, ring, operatingSystem: systemNameOf(ordered) },
    unhealthy: isUnavailable(status),
    runs: read.byIndex<Run>(patchRun, RUNS, uid),
    alerts: () => alertsOn(ordered, now),
  };
}

export function isUnavailable(status: ManagedVM['status']): boolean {
  return status?.conditions?.some(({ type, status: said }) => type === 'Available' && said === 'False') ?? false;
}
