import type { KubeObject } from '../../../hack/testbed/client/client.ts';
import { pathOf } from '../../../hack/testbed/client/path.ts';
import { backupPolicy } from '../../../src/api/backuppolicy.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { operatingSystem } from '../../../src/api/operatingsystem.ts';
import * as upstream from '../../../src/api/upstream.ts';
import type { ResourceKind } from '../../../src/runtime/api/object.ts';
import { type Case, type FaultClass, namesOf, type Outcome, runCases } from '../cases.ts';
import { type Live, pathOfSeen, type Seen } from '../cluster/world.ts';
import { type CopyCase, runWithCopies, WAYS } from '../copies.ts';
import { act, type Operation, prepareOne } from '../lives.ts';
import type { FaultRun, Running } from '../run.ts';

const OPERATION = 'ManagedVM delete';
const FINALIZER = 'example.com/held';

const held: readonly { readonly kind: ResourceKind; readonly is: (object: Live) => boolean }[] = [
  { kind: upstream.VirtualMachine, is: () => true },
  { kind: upstream.DataVolume, is: ({ metadata }) => metadata.name === 'vm-root' },
  { kind: upstream.Service, is: () => true },
  { kind: upstream.ServiceMonitor, is: () => true },
  { kind: upstream.PrometheusRule, is: ({ metadata }) => metadata.name === 'vm-overrides' },
  { kind: upstream.VeleroSchedule, is: ({ metadata }) => metadata.name.includes('-vm-yearly-') },
];
/** Kinds whose CRD is taken away and brought back; nothing of theirs is kept on purpose. */
const removable = [upstream.VeleroSchedule, upstream.ServiceMonitor, upstream.PrometheusRule, upstream.Probe];

/** Deletion with everything out of order: parents gone first, children that stay, kinds that are not served. */
export const deletion: FaultClass = {
  id: 9,
  title: 'deletion with parents gone, CRDs removed, children stuck',
  names: run =>
    namesOf([
      ...parentsGone(run),
      ...childrenStuck(run),
      ...copied(),
      ...orphaned(run),
      ...removable.flatMap(notServed),
    ]),
  run: async (run, only) => {
    const outcomes: Outcome[] = [];
    const chosen = run.chosen(
      [...parentsGone(run), ...childrenStuck(run)].filter(({ name }) => only(name)),
      6,
    );
    outcomes.push(...(await runCases(run, chosen)));
    outcomes.push(
      ...(await runWithCopies(
        run,
        copied().filter(({ name }) => only(name)),
      )),
    );
    outcomes.push(...(await runOrphaned(run, only)));
    const kinds = run.quick ? run.random.sample(removable, 1) : removable;
    for (const kind of kinds) outcomes.push(...(await kindGone(run, kind, only)));
    return outcomes;
  },
};

/** Parents come back after the deletion, so that the end is that of an orderly one. */
function parentsGone(run: FaultRun): Case[] {
  const { client } = run.bed;
  const parents = (scope: string) => ({
    BackupPolicy: pathOf(backupPolicy, scope, 'daily'),
    OperatingSystem: pathOf(operatingSystem, '', `os-${scope}`),
  });
  type Parent = 'BackupPolicy' | 'OperatingSystem';
  const sets: readonly (readonly Parent[])[] = [
    ['BackupPolicy'],
    ['OperatingSystem'],
    ['BackupPolicy', 'OperatingSystem'],
  ];
  return sets.flatMap(gone =>
    [true, false].map(
      (first): Case => ({
        ...{ operation: OPERATION, ends: 'final' },
        name: `${gone.join(' and ')} deleted ${first ? 'before' : 'together with'} the ManagedVM`,
        act: async scope => {
          const deleted = Promise.all(gone.map(parent => client.delete(parents(scope)[parent])));
          if (first) await deleted;
          await act(client, OPERATION, scope);
          await deleted;
          await run.until('the ManagedVM is gone', () => run.world.all(managedVM, scope).length === 0);
          await Promise.all(gone.map(parent => prepareOne(client, parent, scope)));
        },
      }),
    ),
  );
}

function childrenStuck(run: FaultRun): Case[] {
  return held.map(
    ({ kind, is }): Case => ({
      ...{ operation: OPERATION, ends: 'final' },
      name: `${kind.kind} held by somebody's finalizer`,
      act: async scope => {
        const child = run.world.all(kind, scope).find(is);
        const path = pathOf(kind, child?.metadata.namespace, child?.metadata.name);
        const finalizers = (names: readonly string[]) =>
          run.bed.client.patch('merge', path, { metadata: { finalizers: names } });
        await finalizers([FINALIZER]);
        await act(run.bed.client, OPERATION, scope);
        await run.until(`the ManagedVM says what it waits for`, () => waitsFor(run, scope, kind));
        await finalizers([]);
      },
    }),
  );
}

/** What merely looks like a child is neither deleted nor waited for. */
function copied(): CopyCase[] {
  return WAYS.map(way => ({ operation: OPERATION, way, name: `${OPERATION}, every child is ${way.how}` }));
}

type Orphaned = Case & { readonly late: boolean };

/** `--cascade=orphan`: everything lives on, and ends as after a deletion once somebody has taken machine and disk away. */
function orphaned(run: FaultRun): Orphaned[] {
  return [false, true].map(late => ({
    ...{ operation: OPERATION, ends: 'final', late },
    name: `orphaned${late ? ' while no operator runs' : ''}`,
    act: async scope => {
      await run.bed.client.delete(`${pathOf(managedVM, scope, 'vm')}?propagationPolicy=Orphan`);
    },
  }));
}

async function runOrphaned(run: FaultRun, only: (name: string) => boolean): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const one of orphaned(run).filter(({ name }) => only(name))) {
    const lost: string[] = [];
    const uids = new Map<string, string | undefined>();
    const before = async (running: Running, [scope = '']: readonly string[]) => {
      for (const seen of childrenIn(run, scope)) uids.set(pathOfSeen(seen), seen.object.metadata.uid);
      if (one.late) await running.steward.stop();
    };
    const during = async (_: Running, [scope = '']: readonly string[]) => {
      const next = one.late ? await whenCollected(run, scope) : undefined;
      await run.until('the ManagedVM is gone', () => run.world.all(managedVM, scope).length === 0);
      await run.quiet(1_000);
      const living = new Map(childrenIn(run, scope).map(seen => [pathOfSeen(seen), seen.object.metadata.uid]));
      for (const [path, uid] of uids) if (living.get(path) !== uid) lost.push(path);
      await next?.steward.stop();
      const { client } = run.bed;
      const ended = childrenIn(run, scope).filter(
        ({ object }) => object.metadata.namespace === scope && !isKept(object),
      );
      await Promise.all(ended.map(seen => client.delete(pathOfSeen(seen))));
    };
    const check = () => (lost.length === 0 ? undefined : `lost: ${lost.join(', ')}`);
    outcomes.push(...(await runCases(run, [{ ...one, check }], { before, during, next: one.late })));
  }
  return outcomes;
}

/** An operator that starts when the garbage collector has done its part. */
async function whenCollected(run: FaultRun, scope: string): Promise<Running> {
  await run.until('the garbage collector is done', () => {
    const [vm] = run.world.all(managedVM, scope);
    return vm?.metadata.finalizers?.includes('orphan') === false;
  });
  return run.start();
}

function childrenIn(run: FaultRun, scope: string): readonly Seen[] {
  const seen = run.world.byScope().get(scope) ?? [];
  return seen.filter(({ object }) => object.metadata.labels?.['managed.systems/owner-kind'] === 'ManagedVM');
}

function isKept({ metadata }: Live): boolean {
  return metadata.labels?.['managed.systems/reclaim-policy'] === 'Retain';
}

function waitsFor(run: FaultRun, scope: string, { kind }: ResourceKind): boolean {
  const [vm] = run.world.all(managedVM, scope);
  if (vm === undefined) throw new Error('the ManagedVM is gone before its child');
  const { waitingFor = [] } = (vm.status ?? {}) as { readonly waitingFor?: readonly { readonly object: string }[] };
  return waitingFor.some(({ object }) => object.includes(kind));
}

function notServed(kind: ResourceKind): Case[] {
  const ofMachines = ['ManagedVM create', 'ManagedVM update', 'ManagedVM delete', 'BackupPolicy update'] as const;
  const ofApplications = ['ManagedApplication create', 'ManagedApplication update', 'Product update'] as const;
  const operations: readonly Operation[] = kind === upstream.Probe ? ofApplications : ofMachines;
  return operations.map(operation => ({ operation, name: `${operation}, ${kind.kind} is not served` }));
}

/** The CRD is away while the operation is asked for, and comes back. */
async function kindGone(run: FaultRun, kind: ResourceKind, only: (name: string) => boolean): Promise<Outcome[]> {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${kind.plural}.${kind.group}`;
  const { apiVersion, metadata, spec } = await run.bed.client.get<Live>(path);
  const crd = { apiVersion, kind: 'CustomResourceDefinition', metadata: { name: metadata.name }, spec } as KubeObject;
  const cases = notServed(kind);
  const before = async () => {
    await run.bed.client.delete(path);
    await run.until('the CRD is gone', async () => {
      const found = await run.bed.client.get(path).catch(() => undefined);
      return found === undefined;
    });
  };
  const during = async () => {
    await new Promise(resolve => setTimeout(resolve, 1_500));
    await run.bed.client.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd);
  };
  return runCases(
    run,
    cases.filter(({ name }) => only(name)),
    { before, during },
  );
}
