import { pathOf } from '../../../hack/testbed/client/path.ts';
import * as upstream from '../../../src/api/upstream.ts';
import type { ResourceKind } from '../../../src/runtime/api/object.ts';
import { type Case, type FaultClass, namesOf, type Outcome, runCases } from '../cases.ts';
import type { Live } from '../cluster/world.ts';
import { copyOf, RESTORED, WATCHERS } from '../copies.ts';
import { act, type Operation } from '../lives.ts';
import type { FaultRun, Running } from '../run.ts';

type Child = { readonly kind: ResourceKind; readonly is: (object: Live) => boolean };
const children: readonly Child[] = [
  { kind: upstream.VirtualMachine, is: ({ metadata }) => metadata.name === 'vm' },
  { kind: upstream.DataVolume, is: ({ metadata }) => metadata.name === 'vm-root' },
  { kind: upstream.Service, is: () => true },
  { kind: upstream.ServiceMonitor, is: () => true },
  { kind: upstream.PrometheusRule, is: ({ metadata }) => metadata.name === 'vm-overrides' },
  { kind: upstream.VeleroSchedule, is: ({ metadata }) => metadata.name.includes('-vm-yearly-') },
];
const OPERATIONS = ['ManagedVM update', 'ManagedVM delete', 'BackupPolicy update', 'OperatingSystem update'] as const;
const OF_APPLICATIONS = ['ManagedApplication update', 'ManagedApplication delete', 'Product update'] as const;

/**
 * The operator sees its children as they were, while somebody deletes one and makes another of the same name: the new
 * one is neither deleted nor taken over, and once it is gone all is as without it.
 */
export const stale: FaultClass = {
  id: 4,
  title: 'store frozen before a delete and recreate of the same name',
  names: () => namesOf(casesOf()),
  run: async (run, only) => {
    const harmed = new Map<string, string>();
    // What only a retry after 30 s brings to its end is left to the full run.
    const swift = ({ operation, child }: Recreated) =>
      !run.quick || run.targeted || operation === 'ManagedVM delete' || child.kind === upstream.VirtualMachine;
    const chosen = run.chosen(
      casesOf().filter(each => only(each.name) && swift(each)),
      8,
    );
    return freezeAndRun(run, chosen, harmed);
  },
};

function casesOf(): Recreated[] {
  return [
    ...OPERATIONS.flatMap(operation => recreated(operation, children)),
    ...OF_APPLICATIONS.flatMap(operation => recreated(operation, WATCHERS)),
  ];
}

function recreated(operation: Operation, of: readonly Child[]): Recreated[] {
  return of.flatMap(child => [
    { operation, child, restored: false, name: `${operation}, ${child.kind.kind} is another one` },
    ...(goesAnyway(operation, child)
      ? []
      : [{ operation, child, restored: true, name: `${operation}, ${child.kind.kind} is restored from a backup` }]),
  ]);
}

/** In Velero's namespace there is no reference that a restore could lose: a Schedule of that name is its ManagedVM's, and ends with it. */
function goesAnyway(operation: Operation, { kind }: Child): boolean {
  return operation === 'ManagedVM delete' && kind === upstream.VeleroSchedule;
}

/** `restored`: with labels and annotations, so that it may be taken up where it is wanted, though never deleted. */
type Recreated = {
  readonly operation: Operation;
  readonly child: Child;
  readonly restored: boolean;
  readonly name: string;
};

type Theirs = { readonly path: string; readonly uid: string; readonly restored: boolean };

async function freezeAndRun(
  run: FaultRun,
  chosen: readonly Recreated[],
  harmed: Map<string, string>,
): Promise<Outcome[]> {
  const theirs = new Map<string, Theirs>();
  const cases: Case[] = chosen.map(({ operation, child, restored, name }) => ({
    ...{ operation, name, ends: 'final' },
    act: async scope => {
      theirs.set(scope, await (restored ? restore : replace)(run, child, scope));
      await act(run.bed.client, operation, scope);
    },
    check: scope => harmed.get(scope),
  }));
  const look = async () => {
    for (const [scope, { path, uid, restored }] of theirs) {
      const live = await run.bed.client.get<Live>(path).catch(() => undefined);
      const labels = Object.keys(live?.metadata.labels ?? {}).filter(label =>
        label.startsWith('managed.systems/owner'),
      );
      if (live?.metadata.uid !== uid) harmed.set(scope, 'the object of somebody else was deleted');
      else if (!restored && labels.length > 0) harmed.set(scope, 'the object of somebody else was taken over');
    }
  };
  const before = async ({ interception }: Running) =>
    interception.freeze(path => [...children, ...WATCHERS].some(({ kind }) => path.includes(`/${kind.plural}?`)));
  const during = async ({ interception, steward }: Running) => {
    await run.until('it has tried', async () => interception.quietForMs > 700 && (await steward.idle()));
    await look();
    interception.release();
    await run.until('it has tried again', async () => interception.quietForMs > 700 && (await steward.idle()));
    await look();
    await Promise.all([...theirs.values()].map(({ path }) => run.bed.client.delete(path).catch(() => undefined)));
  };
  return runCases(run, cases, { before, during });
}

/** Deletes the child and makes an object of the same name and content that is nobody's. */
async function replace(run: FaultRun, { kind, is }: Child, scope: string): Promise<Theirs> {
  const child = run.world.all(kind, scope).find(is);
  if (child === undefined) throw new Error(`no ${kind.kind} in ${scope}`);
  const { namespace, name } = child.metadata;
  const path = pathOf(kind, namespace, name);
  await run.bed.client.delete(path);
  const { clusterIP: _ip, clusterIPs: _ips, ...spec } = (child.spec ?? {}) as Record<string, unknown>;
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  const { metadata: made } = await run.bed.client.create<Live>(pathOf(kind, namespace), {
    ...{ apiVersion, kind: kind.kind, metadata, spec },
  });
  return { path, uid: made.uid ?? '', restored: false };
}

/** Deletes the child and brings it back as it was, but for its UID and its reference. */
async function restore(run: FaultRun, { kind, is }: Child, scope: string): Promise<Theirs> {
  const child = run.world.all(kind, scope).find(is);
  if (child === undefined) throw new Error(`no ${kind.kind} in ${scope}`);
  await run.bed.client.delete(pathOf(kind, child.metadata.namespace, child.metadata.name));
  const { path, live } = await copyOf(run, kind, child, RESTORED);
  return { path, uid: live.metadata.uid ?? '', restored: true };
}
