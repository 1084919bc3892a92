import type { ManagedVM } from '../../api/managedvm.ts';
import type { RestoreStatus } from '../../api/restore.ts';
import type { Fields } from '../contract/json.ts';
import type { Ordered, RestoreFacts } from './facts.ts';

export const NOW = new Date('2026-12-01T12:00:00Z');
export const UID = '00000000-0000-4000-8000-000000000001';

/** A cluster with one VM, one backup and one order, which does what it is told: the acts of a Restore change it. */
export type World = {
  order: Ordered;
  vm: ManagedVM | undefined;
  claims: Map<string, Fields>;
  staged: Map<string, Fields>;
  volumes: Map<string, Fields>;
  request: Fields | undefined;
  running: string | undefined;
  backup: string | undefined;
  consent: RestoreFacts['consent'];
  /** The machine of a drill. */
  machine: Fields | undefined;
};

const claim = (name: string, uid: string, volumeName: string, more: object = {}): Fields => ({
  metadata: { name, uid, creationTimestamp: '2026-12-01T12:00:00Z', ...more },
  spec: { volumeName, dataSource: { kind: 'VolumeSnapshot' } },
  status: { phase: 'Bound' },
});

export function stagedClaim(name: string, restore: string): Fields {
  return claim(name, `staged-${name}`, `pv-of-${name}`, { labels: { 'velero.io/restore-name': restore } });
}

export function volumeOf(name: string, claimUid: string, policy = 'Delete'): Fields {
  return {
    metadata: { name },
    spec: {
      persistentVolumeReclaimPolicy: policy,
      claimRef: { uid: claimUid },
      ...{ accessModes: ['ReadWriteOnce'], volumeMode: 'Block', storageClassName: 'fast' },
      capacity: { storage: '20Gi' },
    },
    status: { phase: 'Bound' },
  };
}

export function world(spec: object = {}): World {
  const disks = ['root', 'data'];
  return {
    order: {
      apiVersion: 'managed.systems/v1alpha1',
      kind: 'Restore',
      metadata: { name: 'again', namespace: 'acme', uid: UID, creationTimestamp: '2026-12-01T11:58:00Z' },
      spec: {
        ...{ managedVMRef: 'shop-db', point: { latest: 'Good' }, target: { inPlace: true } },
        ...{ reason: 'Corrupted', requestedBy: 'anna', ...spec },
      },
    },
    vm: {
      metadata: { name: 'shop-db', namespace: 'acme', uid: 'vm-uid' },
      spec: { powerState: 'Running', disks: disks.map(name => ({ name })) },
      status: {
        disks: disks.map(name => ({
          name,
          claim: `shop-db-${name}`,
          claimUID: `old-${name}`,
          filledAt: '2026-11-01T00:00:00Z',
        })),
      },
    } as unknown as ManagedVM,
    claims: new Map(disks.map(name => [`shop-db-${name}`, claim(`shop-db-${name}`, `old-${name}`, `old-pv-${name}`)])),
    ...{ staged: new Map(), volumes: new Map(), request: undefined },
    ...{ running: 'instance-1', backup: 'backup-uid', consent: undefined, machine: undefined },
  };
}

export function factsOf(world: World, more: Partial<RestoreFacts> = {}): RestoreFacts {
  const { status } = world.order;
  const isOff = status?.phase === 'Stopping' || status?.phase === 'Exchanging';
  return {
    order: world.vm,
    candidates: [
      {
        name: 'daily-1',
        uid: 'backup-uid',
        time: new Date('2026-12-01T01:00:00Z'),
        ...{ defect: undefined, isInspected: true, isVerified: false },
      },
    ],
    ...{ problem: undefined, unreadable: undefined, ahead: undefined, patchRun: undefined, consent: world.consent },
    ...{ sandboxDefect: undefined, operatingSystem: undefined, rehearsal: undefined },
    backup: () => world.backup,
    request: world.request,
    staged: name => world.staged.get(name),
    volume: name => world.volumes.get(name),
    claim: name => world.claims.get(name),
    virtualMachine: { spec: { runStrategy: isOff ? 'Halted' : 'Always' } },
    instance: instanceOf(world),
    ...{ target: '4h', staging: 'velero', engineNamespace: 'velero', ...more },
  };
}

function instanceOf({ running, vm }: World): Fields | undefined {
  if (running === undefined) return undefined;
  return {
    metadata: { uid: running },
    spec: {
      volumes: vm?.status?.disks?.map(({ name, claim: claimName }) => ({ name, persistentVolumeClaim: { claimName } })),
    },
    status: { phase: 'Running', conditions: [{ type: 'AgentConnected', status: 'True' }] },
  };
}

export function withStatus(world: World, status: RestoreStatus): void {
  world.order = { ...world.order, status };
}
