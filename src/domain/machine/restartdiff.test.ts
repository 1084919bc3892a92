import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  claim,
  condition,
  input,
  instance,
  instanceSpec,
  managedVM,
  TEMPLATE,
  virtualMachine,
} from '../managedvm/assessment.fixtures.ts';
import type { DiskHolds } from './diskhold.ts';
import { readVirtualMachine, readVirtualMachineInstance } from './observedvm.ts';
import { MOST_CHANGES, type PendingChange, pendingChanges, restartDue } from './restartdiff.ts';

type Loose = Record<string, unknown>;
const STALE = { desiredGeneration: 2, observedGeneration: 1 };
const wantsRestart = { ...STALE, conditions: [condition('RestartRequired', 'True')] };

function diff(
  template: unknown,
  running: Loose = instanceSpec(),
  status: Loose = STALE,
  spec: Loose = {},
  annotations: Loose = {},
): readonly PendingChange[] {
  const vm = virtualMachine(status, { template: { spec: template }, ...spec }, { generation: 2 });
  return pendingChanges(readVirtualMachine(vm), readVirtualMachineInstance(instance({}, running, { annotations })));
}

function changed(change: (template: typeof TEMPLATE & Loose) => void): Loose {
  const template = structuredClone(TEMPLATE) as typeof TEMPLATE & Loose;
  change(template);
  return template;
}

describe('what a restart would change', () => {
  it('is nothing when the guest was made from the template', () => {
    expect(diff(TEMPLATE)).toEqual([]);
  });
  it('is nothing when only the probe is gone with which Steward once had guests started, nor is that a reason to restart', () => {
    const probed = { ...instanceSpec(), readinessProbe: { guestAgentPing: {}, periodSeconds: 10 } };
    expect(diff(TEMPLATE, probed, wantsRestart)).toEqual([]);
    const order = managedVM({ restartPolicy: 'Automatic' });
    const { machine: observed } = input({
      managedVM: order,
      virtualMachine: virtualMachine({ ...wantsRestart, desiredGeneration: 2 }, {}, { generation: 2 }),
      virtualMachineInstance: instance({}, probed),
    }).facts;
    expect(restartDue(order, observed)).toBeUndefined();
  });
  it('is nothing when KubeVirt only believes so (kubevirt#17610)', () => {
    expect(diff(TEMPLATE, instanceSpec(), wantsRestart)).toEqual([]);
  });
  it.each<[string, Loose, PendingChange]>([
    [
      'fewer CPUs',
      changed(t => {
        t.domain.cpu.sockets = 1;
      }),
      { path: 'spec.domain.cpu.sockets', running: '2', desired: '1' },
    ],
    [
      'more CPUs than there is room for',
      changed(t => {
        t.domain.cpu.sockets = 9;
      }),
      { path: 'spec.domain.cpu.sockets', running: '2', desired: '9' },
    ],
    [
      'less memory',
      changed(t => {
        t.domain.memory.guest = '2Gi';
      }),
      { path: 'spec.domain.memory.guest', running: '4Gi', desired: '2Gi' },
    ],
    [
      'more memory than there is room for',
      changed(t => {
        t.domain.memory.guest = '32Gi';
      }),
      { path: 'spec.domain.memory.guest', running: '4Gi', desired: '32Gi' },
    ],
    [
      'another grace period',
      changed(t => {
        t.terminationGracePeriodSeconds = 60;
      }),
      { path: 'spec.terminationGracePeriodSeconds', running: '180', desired: '60' },
    ],
    [
      'a disk more',
      changed(t => {
        t.volumes.push({ name: 'data', dataVolume: { name: 'shop-db-data' } });
      }),
      { path: 'spec.volumes[data]', running: '', desired: '{"name":"data","dataVolume":{"name":"shop-db-data"}}' },
    ],
    [
      'a network less',
      changed(t => {
        t.networks = [];
      }),
      { path: 'spec.networks[default]', running: '{"name":"default","pod":{}}', desired: '' },
    ],
    [
      'another bus',
      changed(t => {
        (t.domain.devices.disks[0] as Loose).disk = { bus: 'sata' };
      }),
      { path: 'spec.domain.devices.disks[root].disk.bus', running: 'virtio', desired: 'sata' },
    ],
    [
      'a device that the guest lacks',
      changed(t => {
        (t.domain.devices as Loose).tpm = {};
      }),
      { path: 'spec.domain.devices.tpm', running: '', desired: '{}' },
    ],
  ])('names %s once, with the value now and then', (_, template, expected) => {
    expect(diff(template)).toEqual([expected]);
  });

  it.each<[string, Loose]>([
    [
      'more CPUs',
      changed(t => {
        t.domain.cpu.sockets = 4;
      }),
    ],
    [
      'more memory',
      changed(t => {
        t.domain.memory.guest = '8Gi';
      }),
    ],
  ])('leaves out %s that KubeVirt applies live, unless it asks for a restart', (_, template) => {
    expect(diff(template)).toEqual([]);
    expect(diff(template, instanceSpec(), wantsRestart)).toHaveLength(1);
    expect(diff(template, instanceSpec(template), wantsRestart)).toEqual([]);
  });

  it('leaves out what an instance type brought', () => {
    const bare = changed(t => {
      const { cpu: _, memory: __, ...domain } = t.domain;
      Object.assign(t, { domain });
    });
    expect(
      diff(
        bare,
        instanceSpec(),
        wantsRestart,
        { instancetype: { name: 'u1.medium' } },
        { 'kubevirt.io/cluster-instancetype-name': 'u1.medium' },
      ),
    ).toEqual([]);
  });
  it('names another instance type when KubeVirt could not apply it live', () => {
    const annotations = { 'kubevirt.io/cluster-instancetype-name': 'u1.medium' };
    const spec = { instancetype: { name: 'u1.small' } };
    expect(diff(TEMPLATE, instanceSpec(), wantsRestart, spec, annotations)).toEqual([
      { path: 'spec.instancetype.name', running: 'u1.medium', desired: 'u1.small' },
    ]);
    expect(diff(TEMPLATE, instanceSpec(), STALE, spec, annotations)).toEqual([]);
  });
  describe('MO-1: how the networks of the guest are set', () => {
    const annotations = (settings: Record<string, object>) => ({
      'managed.systems/networks': JSON.stringify(Object.entries(settings)),
    });
    const set = (desired: Record<string, object> | undefined, running: Loose) => {
      const metadata = { annotations: desired && annotations(desired) };
      return diff(TEMPLATE, instanceSpec(), STALE, { template: { metadata, spec: TEMPLATE } }, running);
    };
    const at5 = { addresses: ['10.20.0.5/24'] };

    it('is named by network, with what is set now and then', () => {
      const changes = set({ default: at5 }, annotations({ default: { mtu: 1400 } }));
      expect(changes).toEqual([
        {
          path: 'spec.networks[default].settings',
          running: '{"mtu":1400}',
          desired: '{"addresses":["10.20.0.5/24"]}',
        },
      ]);
    });
    it('is named where it comes and where it goes', () => {
      expect(set({ default: at5 }, {})).toMatchObject([{ running: '' }]);
      expect(set(undefined, annotations({ default: at5 }))).toMatchObject([{ desired: '' }]);
    });
    it('is nothing where it is the same, of a network that comes or goes as a whole, and where somebody wrote nonsense there', () => {
      expect(set({ default: at5 }, annotations({ default: at5 }))).toEqual([]);
      expect(set({ default: at5, lan: at5 }, annotations({ default: at5 }))).toEqual([]);
      for (const nonsense of ['', '{', 'null', '[null]', '[["a"]]', '{"default":1}'])
        expect(set(undefined, { 'managed.systems/networks': nonsense })).toEqual([]);
    });
  });
  it('MO-1: leaves out where it may run, which KubeVirt hands on while it runs, unless it asks for a restart', () => {
    const placed = changed(t => {
      t.affinity = { podAntiAffinity: {} };
    });
    expect(diff(placed)).toEqual([]);
    expect(diff(placed, instanceSpec(), wantsRestart)).toHaveLength(1);
  });
  describe('GE-11: an interface that KubeVirt has taken into the running instance', () => {
    const lan = { name: 'lan', multus: { networkName: 'lan' } };
    const withLan = changed(t => {
      (t.networks as Loose[]).push(lan);
    });
    const seen = (interfaces: Loose[], spec = instanceSpec(withLan)) => {
      const vm = virtualMachine(STALE, { template: { spec: withLan } }, { generation: 2 });
      return pendingChanges(readVirtualMachine(vm), readVirtualMachineInstance(instance({ interfaces }, spec)));
    };
    it('waits until it is plugged in, by a migration or a restart', () => {
      const waiting = { path: 'spec.networks[lan]', running: '', desired: JSON.stringify(lan) };
      expect(seen([{ name: 'default' }])).toEqual([waiting]);
      expect(seen([{ name: 'default' }, { name: 'lan' }])).toEqual([]);
    });
    it('is not said to wait while KubeVirt tells of no interface at all', () => {
      expect(seen([])).toEqual([]);
    });
  });
  it('reads quantities, not their spelling', () => {
    expect(
      diff(
        changed(t => {
          t.domain.memory.guest = '4096Mi';
        }),
      ),
    ).toEqual([]);
  });
  it('leaves out volumes that were plugged in while it runs', () => {
    const running = instanceSpec();
    (running.volumes as Loose[]).push({
      name: 'scratch',
      persistentVolumeClaim: { claimName: 'x', hotpluggable: true },
    });
    expect(diff(TEMPLATE, running)).toEqual([]);
  });
  it('never shows first-boot content or passwords', () => {
    const secret = changed(t => {
      t.volumes.push({ name: 'x', cloudInitNoCloud: { userData: 'hunter2' } } as never);
    });
    expect(JSON.stringify(diff(secret))).not.toContain('hunter2');
    const running = instanceSpec(secret);
    const other = JSON.parse(JSON.stringify(secret).replace('hunter2', 'hunter3')) as Loose;
    expect(diff(other, running)).toEqual([
      { path: 'spec.volumes[x].cloudInitNoCloud.userData', running: '(content)', desired: '(content)' },
    ]);
  });
  it('is nothing while no guest runs', () => {
    const vm = readVirtualMachine(virtualMachine(STALE, {}, { generation: 2 }));
    expect(pendingChanges(vm, undefined)).toEqual([]);
    expect(pendingChanges(vm, readVirtualMachineInstance(instance({ phase: 'Succeeded' }, {})))).toEqual([]);
  });
  it('is bounded', () => {
    const many = changed(t => {
      t.volumes.push(...Array.from({ length: 200 }, (_, i) => ({ name: `d${i}`, dataVolume: { name: `x${i}` } })));
    });
    expect(diff(many)).toHaveLength(MOST_CHANGES);
  });
});

describe('any template', () => {
  const leaf = fc.oneof(fc.stringMatching(/^[a-z]{1,8}$/), fc.integer({ min: 0, max: 99 }), fc.boolean());
  const key = fc.stringMatching(/^[a-z]{1,6}$/);
  const named = fc.uniqueArray(fc.record({ name: key, value: leaf }), {
    selector: item => item.name,
    minLength: 1,
    maxLength: 4,
  });
  const part = fc.dictionary(key, fc.oneof(leaf, named, fc.dictionary(key, leaf, { minKeys: 1, maxKeys: 3 })), {
    minKeys: 1,
    maxKeys: 5,
  });
  const template = fc.record({
    custom: part,
    domain: fc.record({ devices: part, cpu: fc.record({ sockets: fc.integer({ min: 1, max: 8 }) }) }),
  });
  const paths = (value: unknown, at: readonly (string | number)[] = []): (string | number)[][] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, inner]) =>
          name === 'name' && at.some(step => typeof step === 'number' || /^\d+$/.test(String(step)))
            ? []
            : paths(inner, [...at, name]),
        )
      : [[...at]];

  it('differs in nothing from the guest made from it', () => {
    fc.assert(
      fc.property(template, made => {
        expect(diff(made, instanceSpec(made), wantsRestart)).toEqual([]);
      }),
    );
  });
  it('with one changed leaf differs in exactly that leaf', () => {
    fc.assert(
      fc.property(template, fc.nat(), (made, pick) => {
        const all = paths(made).filter(path => path.at(-1) !== 'sockets');
        fc.pre(all.length > 0);
        const path = all[pick % all.length] ?? [];
        const other = structuredClone(made) as Loose;
        let node: Loose = other;
        for (const step of path.slice(0, -1)) node = node[step] as Loose;
        node[path.at(-1) ?? ''] = 'another-value';
        const found = diff(other, instanceSpec(made), wantsRestart);
        expect(found).toHaveLength(1);
        expect(found[0]?.desired).toBe('another-value');
      }),
    );
  });
});

describe('restartPolicy Automatic', () => {
  const order = managedVM({ restartPolicy: 'Automatic' });
  const template = changed(t => {
    t.domain.cpu.sockets = 1;
  });
  const due = (status: Loose = {}, metadata: Loose = {}, powerOrder = order): string | undefined => {
    const vm = virtualMachine(
      { ...STALE, ...status },
      { template: { spec: template } },
      { generation: 2, ...metadata },
    );
    return restartDue(powerOrder, input({ managedVM: powerOrder, virtualMachine: vm }).facts.machine);
  };
  it('restarts the very instance that lacks a change, so that a repeated or late call cannot restart the next one (MO-8)', () => {
    expect(due()).toBe('vmi-uid');
    expect(due()).toBe('vmi-uid');
  });
  it.each<[string, Loose, Loose]>([
    ['KubeVirt has not looked at the change yet', { desiredGeneration: 1 }, {}],
    ['the guest was started with this very template', { observedGeneration: 2 }, {}],
    ['a restart is under way', { stateChangeRequests: [{ action: 'Stop' }] }, {}],
    ['a snapshot is being made', { snapshotInProgress: 'snap' }, {}],
    ['a restore is under way', { restoreInProgress: 'restore' }, {}],
    ['its disks are moving', { conditions: [condition('VolumesChange', 'True')] }, {}],
    ['the guest is moving', { printableStatus: 'Migrating' }, {}],
    ['the VM is being deleted', {}, { deletionTimestamp: '2026-11-23T11:00:00Z' }],
  ])('does not restart while %s', (_, status, metadata) => {
    expect(due(status, metadata)).toBeUndefined();
  });
  it('is not Manual', () => {
    expect(due({}, {}, managedVM())).toBeUndefined();
  });
  const hold = (standing: 'lost' | 'foreign'): DiskHolds => {
    const memory = { name: 'root', claim: 'shop-db-root', claimUID: 'a', filledAt: '2026-11-01T00:00:00Z' };
    return new Map([['root', { standing, claim: 'shop-db-root', uid: 'b', memory }]]);
  };
  it.each([
    ['is lost', { holds: hold('lost') }],
    ['waits for consent', { holds: hold('foreign') }],
    [
      'is being deleted',
      {
        claims: { root: { metadata: { ...(claim().metadata as object), deletionTimestamp: '2026-11-23T11:00:00Z' } } },
      },
    ],
  ])('AP-13: never takes the guest away that may have the last copy of a disk that %s', (_, read) => {
    const vm = virtualMachine(STALE, { template: { spec: template } }, { generation: 2 });
    expect(restartDue(order, input({ managedVM: order, virtualMachine: vm, ...read }).facts.machine)).toBeUndefined();
  });
});

describe('a setting of a disk that the guest has and the order takes back', () => {
  const cached = instanceSpec(
    changed(t => {
      const [root] = t.domain.devices.disks as Loose[];
      Object.assign(root ?? {}, { cache: 'writeback', bootOrder: 3 });
    }),
  );
  const bootOrder = { path: 'spec.domain.devices.disks[root].bootOrder', running: '3', desired: '' };
  const cache = { path: 'spec.domain.devices.disks[root].cache', running: 'writeback', desired: '' };
  const without = changed(t => {
    const [root] = t.domain.devices.disks as Loose[];
    delete root?.bootOrder;
  });
  it('is told where KubeVirt wants a restart for it (MO-1)', () => {
    expect(diff(without, cached, wantsRestart)).toEqual([bootOrder, cache]);
    expect(diff(without, cached, STALE)).toEqual([]);
  });
  it('is not told where a preference may have set it', () => {
    expect(diff(without, cached, wantsRestart, { preference: { name: 'debian' } })).toEqual(
      expect.not.arrayContaining([cache]),
    );
  });
});

describe('volumes plugged into a running guest (kubevirt#13222)', () => {
  const hot = { name: 'hot', persistentVolumeClaim: { claimName: 'hot', hotpluggable: true } };
  const disk = { name: 'hot', disk: { bus: 'scsi' }, serial: 'hot' };
  const plugged = (): Loose =>
    changed(t => {
      t.volumes.push(hot as never);
      t.domain.devices.disks.push(disk as never);
    });
  it.each([
    ['into the guest alone', TEMPLATE, instanceSpec(plugged())],
    ['into the machine, on its way to the guest', plugged(), instanceSpec()],
    ['into both', plugged(), instanceSpec(plugged())],
  ])('%s are no change that waits for a restart, their disks included', (_, template, running) => {
    expect(diff(template, running, wantsRestart)).toEqual([]);
  });
  it('never make restartPolicy Automatic restart a guest to which a CPU came live', () => {
    const order = managedVM({ restartPolicy: 'Automatic' });
    const template = changed(t => {
      t.domain.cpu.sockets = 4;
    });
    const vm = virtualMachine(STALE, { template: { spec: template } }, { generation: 2, desiredGeneration: 2 });
    const vmi = instance({}, instanceSpec(plugged()));
    const { machine: observed } = input({ managedVM: order, virtualMachine: vm, virtualMachineInstance: vmi }).facts;
    expect(restartDue(order, observed)).toBeUndefined();
  });
});

describe('a serial that the disks of a running guest lack', () => {
  const serial = changed(t => {
    for (const disk of t.domain.devices.disks) Object.assign(disk, { serial: disk.name });
  });
  it('comes with the next start and is no reason for one', () => {
    expect(diff(serial)).toEqual([]);
    expect(diff(serial, instanceSpec(), wantsRestart)).toEqual([]);
  });
  it('is told where the guest has another one', () => {
    const other = changed(t => {
      for (const disk of t.domain.devices.disks) Object.assign(disk, { serial: 'x' });
    });
    expect(diff(serial, instanceSpec(other)).map(({ path }) => path)).toEqual([
      'spec.domain.devices.disks[first-boot].serial',
      'spec.domain.devices.disks[root].serial',
    ]);
  });
});

describe('a file system that grows when it is mounted again (kubevirt#10045)', () => {
  const growing = (lastTransitionTime: string) => ({
    ...claim('Bound', '20Gi', '30Gi'),
    status: {
      ...{ phase: 'Bound', capacity: { storage: '20Gi' } },
      conditions: [{ type: 'FileSystemResizePending', status: 'True', lastTransitionTime }],
    },
  });
  const changes = (since: string) => {
    const { machine: observed } = input({ claims: { root: growing(since) } }).facts;
    return pendingChanges(observed.virtualMachine, observed.virtualMachineInstance, observed.claims);
  };
  it('waits for a restart', () => {
    expect(changes('2026-11-23T11:40:00Z')).toEqual([
      { path: 'spec.disks[root].size', running: '20Gi', desired: '30Gi' },
    ]);
  });
  it('is not waited for again when a start did not bring it: Automatic would restart for ever', () => {
    expect(changes('2026-11-23T11:10:00Z')).toEqual([]);
  });
});
