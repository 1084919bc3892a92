/** Copies of children, as people and tools make them: labels and annotations come along, and none of them is anybody's child. */
import type { KubeObject } from '../../hack/testbed/client/client.ts';
import { pathOf } from '../../hack/testbed/client/path.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import * as upstream from '../../src/api/upstream.ts';
import type { ResourceKind } from '../../src/runtime/api/object.ts';
import { type BatchOptions, type Case, type Outcome, runCases } from './cases.ts';
import { namespace } from './cluster/bed.ts';
import type { Live } from './cluster/world.ts';
import { act } from './lives.ts';
import type { FaultRun, Running } from './run.ts';

type Child = { readonly kind: ResourceKind; readonly is: (object: Live) => boolean };

/** What watches an application, in the lives that have one. */
export const WATCHERS: readonly Child[] = [
  { kind: upstream.ServiceMonitor, is: ({ metadata }) => metadata.name === 'orders-exporter' },
  { kind: upstream.Probe, is: ({ metadata }) => metadata.name === 'orders-outside' },
  { kind: upstream.PrometheusRule, is: ({ metadata }) => metadata.name === 'orders-application' },
];

/** One of each kind of child; the disk is one that goes with its ManagedVM. */
export const CHILDREN: readonly Child[] = [
  { kind: upstream.VirtualMachine, is: ({ metadata }) => metadata.name === 'vm' },
  { kind: upstream.DataVolume, is: ({ metadata }) => metadata.name === 'vm-root' },
  { kind: upstream.Service, is: ({ metadata }) => metadata.name === 'vm-metrics' },
  { kind: upstream.ServiceMonitor, is: ({ metadata }) => metadata.name === 'vm-metrics' },
  { kind: upstream.PrometheusRule, is: ({ metadata }) => metadata.name === 'vm-overrides' },
  { kind: upstream.VeleroSchedule, is: ({ metadata }) => metadata.name.includes('-vm-yearly-') },
  ...WATCHERS,
];

export type Way = {
  readonly how: string;
  readonly metadata: (original: Live['metadata']) => KubeObject['metadata'];
};

const drill = (original: Live['metadata']) => `${original.labels?.['managed.systems/owner-namespace']}-drill`;
const carried = ({ labels = {}, annotations = {} }: Live['metadata']) => ({ labels, annotations });

/** A restore as Velero's resetMetadata leaves it, a clone as KubeVirt makes it, a manifest that somebody exported. */
export const WAYS: readonly Way[] = [
  { how: 'restored into another namespace', metadata: of => ({ ...carried(of), name: of.name, namespace: drill(of) }) },
  {
    how: "restored into another namespace and held by somebody's finalizer",
    metadata: of => ({ ...carried(of), name: of.name, namespace: drill(of), finalizers: ['example.com/held'] }),
  },
  { how: 'cloned under another name', metadata: of => ({ ...carried(of), name: `${of.name}-copy`, ...placeOf(of) }) },
];

/** Refers to the same owner, so that the garbage collector takes it along where that is deleted. */
export const EXPORTED: Way = {
  how: 'exported and applied under another name',
  metadata: of => ({
    ...{ ...carried(of), name: `${of.name}-mine`, ...placeOf(of) },
    ...(of.ownerReferences && { ownerReferences: of.ownerReferences }),
  }),
};

/** In its own place, with another UID and without a reference to anybody. */
export const RESTORED: Way = {
  how: 'restored in its place',
  metadata: of => ({ ...carried(of), name: of.name, ...placeOf(of) }),
};

export type CopyCase = Case & { readonly way: Way };

type Copy = { readonly kind: ResourceKind; readonly path: string; readonly live: Live };

/** Before each operation every child is copied; afterwards the copies must be as they were made. */
export async function runWithCopies(
  run: FaultRun,
  cases: readonly CopyCase[],
  options: BatchOptions & { readonly relist?: boolean } = {},
): Promise<Outcome[]> {
  const made: { readonly scope: string; readonly one: CopyCase; readonly copies: readonly Copy[] }[] = [];
  const harmed = new Map<string, string>();
  const each = cases.map(
    (one): Case => ({
      ends: 'final',
      ...one,
      act: async scope => {
        made.push({ scope, one, copies: await copyAll(run, scope, one.way) });
        await act(run.bed.client, one.operation, scope);
      },
      check: (scope, interception) => harmed.get(scope) ?? one.check?.(scope, interception),
    }),
  );
  const during = async (running: Running) => {
    await run.still(running, 400);
    if (options.relist === true) running.interception.relist();
    await run.still(running, 400);
    for (const { scope, one, copies } of made.splice(0)) {
      const waits = one.operation === 'ManagedVM delete' && run.world.all(managedVM, scope).length > 0;
      if (waits) harmed.set(scope, 'the deletion waits for copies');
      for (const copy of copies) {
        const harm = await harmTo(run, copy);
        if (harm !== undefined) harmed.set(scope, `${copy.path}: ${harm}`);
      }
      await Promise.all(copies.map(copy => remove(run, copy)));
    }
  };
  return runCases(run, each, { ...options, during });
}

async function copyAll(run: FaultRun, scope: string, way: Way): Promise<readonly Copy[]> {
  await run.bed.client.create('/api/v1/namespaces', namespace(`${scope}-drill`)).catch(() => undefined);
  const originals = CHILDREN.flatMap(({ kind, is }) => {
    const object = run.world.all(kind, scope).find(each => is(each) && each.metadata.namespace !== `${scope}-drill`);
    return object === undefined ? [] : [{ kind, object }];
  });
  return Promise.all(originals.map(({ kind, object }) => copyOf(run, kind, object, way)));
}

/** Without status, and without what the API server gives to each Service of its own. */
export async function copyOf(run: FaultRun, kind: ResourceKind, original: Live, way: Way): Promise<Copy> {
  const metadata = way.metadata(original.metadata);
  const { clusterIP: _ip, clusterIPs: _ips, ...spec } = (original.spec ?? {}) as Record<string, unknown>;
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
  const object = { apiVersion, kind: kind.kind, metadata, spec };
  const live = await run.bed.client.create<Live>(pathOf(kind, metadata.namespace), object);
  return { kind, path: pathOf(kind, metadata.namespace, metadata.name), live };
}

async function harmTo(run: FaultRun, { path, live }: Copy): Promise<string | undefined> {
  const now = await run.bed.client.get<Live>(path).catch(() => undefined);
  if (now === undefined || now.metadata.deletionTimestamp !== undefined) return 'a copy was deleted';
  if (now.metadata.uid !== live.metadata.uid) return 'a copy was made anew';
  return now.metadata.resourceVersion === live.metadata.resourceVersion ? undefined : 'a copy was written to';
}

async function remove(run: FaultRun, { path, live }: Copy): Promise<void> {
  if (live.metadata.finalizers !== undefined)
    await run.bed.client.patch('merge', path, { metadata: { finalizers: null } }).catch(() => undefined);
  await run.bed.client.delete(path).catch(() => undefined);
}

function placeOf({ namespace: place }: Live['metadata']): { namespace?: string } {
  return place === undefined ? {} : { namespace: place };
}
