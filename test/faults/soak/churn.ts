/** Orders that come, change and go at a steady rate, until nothing is left of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, type Client, type KubeObject, type List } from '../../../hack/testbed/client/client.ts';
import { pathOf } from '../../../hack/testbed/client/path.ts';
import * as upstream from '../../../src/api/upstream.ts';
import type { ResourceKind } from '../../../src/runtime/api/object.ts';
import { namespace } from '../cluster/bed.ts';
import { KINDS } from '../cluster/world.ts';
import { act, isIn, OPERATIONS, type Operation, prepare } from '../lives.ts';

export type Churn = {
  /** Lives that begin per second. */
  readonly rate: number;
  /** Lives of one wave. */
  readonly lives: number;
  /** How long each state of a life stays as it is, ms. */
  readonly stateMs: number;
};

/** Longest time until nothing is left of a wave. */
const EMPTY_MS = 120_000;
const LOOK_MS = 250;
/** Each life has a namespace of its own, used again in every wave. */
const scopeOf = (life: number) => `f-${String(9000 + life).padStart(4, '0')}`;
const UPDATES = [
  'ChangeRequest update',
  'ManagedVM update',
  'BackupPolicy update',
  'PatchPolicy update',
  'MaintenanceWindow update',
  'ClusterPatchPolicy update',
  'Contract update',
  'OperatingSystem update',
  'ServiceCalendar update',
] as const;

export async function makeRoom(client: Client, { lives }: Churn): Promise<void> {
  const names = Array.from({ length: lives }, (_, life) => scopeOf(life));
  await Promise.all(names.map(name => client.create('/api/v1/namespaces', namespace(name))));
}

/** Every life of a wave, begun one after the other; returns when the cluster is as empty as before. */
export async function wave(client: Client, churn: Churn): Promise<void> {
  const began = performance.now();
  const lives: Promise<void>[] = [];
  for (let life = 0; life < churn.lives; life += 1) {
    await sleep(Math.max(0, began + (life * 1000) / churn.rate - performance.now()));
    lives.push(live(client, scopeOf(life), churn.stateMs));
  }
  await Promise.all(lives);
  await untilEmpty(client);
}

/** All three kinds are created, changed, and deleted in the order in which nothing is missed. */
async function live(client: Client, scope: string, stateMs: number): Promise<void> {
  await prepare(client, 'ManagedVM update', scope);
  for (const operation of UPDATES) {
    await sleep(stateMs);
    await act(client, operation, scope);
  }
  await sleep(stateMs);
  for (const operation of OPERATIONS.filter(isLeft)) await act(client, operation, scope);
}

function isLeft(operation: Operation): boolean {
  const [kind = '', verb] = operation.split(' ');
  return verb === 'delete' && isIn(kind, 'ManagedVM');
}

/** Nothing of ours and no child is left; retained disks are taken away as a customer would. */
async function untilEmpty(client: Client): Promise<void> {
  const deadline = performance.now() + EMPTY_MS;
  for (;;) {
    const left = await remaining(client);
    if (left.length === 0) return;
    if (performance.now() > deadline) throw new Error(`left behind: ${left.slice(0, 10).map(named).join(', ')}`);
    // Keys stay with the disks that know them.
    if (left.every(({ kind }) => kind === upstream.DataVolume || kind === upstream.Secret))
      await Promise.all(left.filter(({ kind }) => kind === upstream.DataVolume).map(each => remove(client, each)));
    await sleep(LOOK_MS);
  }
}

type Left = { readonly kind: ResourceKind; readonly object: KubeObject };

export async function remaining(client: Client): Promise<Left[]> {
  const lists = KINDS.map(async kind => {
    const own = kind.group === 'managed.systems';
    const selector = own ? '' : `?labelSelector=${encodeURIComponent('app.kubernetes.io/managed-by=steward')}`;
    const { items } = await client.get<List<KubeObject>>(`${pathOf(kind)}${selector}`);
    return items.map(object => ({ kind, object }));
  });
  return (await Promise.all(lists)).flat();
}

async function remove(client: Client, { kind, object: { metadata } }: Left): Promise<void> {
  await client.delete(pathOf(kind, metadata.namespace, metadata.name)).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  });
}

function named({ kind, object: { metadata } }: Left): string {
  return `${kind.kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}
