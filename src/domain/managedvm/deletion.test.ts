import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManagedVMStatus } from '../../api/managedvm.ts';
import { managedVM, NOW } from './assessment.fixtures.ts';
import { CONDITIONS } from './conditions.ts';
import { assessDeletion, deletionPlan, type RemainingChild } from './deletion.ts';

const order = managedVM({
  disks: [
    { name: 'root', reclaimPolicy: 'Delete' },
    { name: 'data', size: '1Gi' },
  ],
});
const child = (kind: string, name: string, more: Partial<RemainingChild> = {}): RemainingChild => ({
  kind,
  namespace: 'acme',
  name,
  ...more,
});
const disk = (kind: string, name: string, policy?: string): RemainingChild =>
  child(kind, `shop-db-${name}`, {
    labels: { 'managed.systems/disk': name, ...(policy && { 'managed.systems/reclaim-policy': policy }) },
  });
const names = (children: readonly RemainingChild[]): string[] =>
  children.map(({ kind, name }) => `${kind}/${name}`).sort();

const all: readonly RemainingChild[] = [
  child('Secret', 'managedvm-uid', { namespace: 'steward-keys' }),
  child('Secret', 'shop-db-first-boot'),
  disk('DataVolume', 'root'),
  disk('PersistentVolumeClaim', 'root'),
  disk('DataVolume', 'data', 'Delete'),
  disk('DataVolume', 'old', 'Delete'),
  disk('DataVolume', 'older', 'Retain'),
  disk('DataVolume', 'oldest'),
  child('VirtualMachine', 'shop-db'),
  child('Service', 'shop-db-metrics'),
  child('ServiceMonitor', 'shop-db-metrics'),
  child('PrometheusRule', 'shop-db-overrides'),
  child('Schedule', 'acme-shop-db-daily-0', { namespace: 'velero' }),
];

describe('the plan of a deletion that releases the VM (MO-1)', () => {
  const releasing = managedVM({ deletionPolicy: 'Release', disks: [{ name: 'root', reclaimPolicy: 'Delete' }] });
  const monitoring = ['Service', 'ServiceMonitor', 'PrometheusRule', 'Schedule'];

  it('ends backups and monitoring, and nothing that runs or is on a disk', () => {
    const { remove } = deletionPlan({ managedVM: releasing, children: all });
    expect(remove.map(({ kind }) => kind)).toEqual(monitoring);
    const left = all.filter(each => !remove.includes(each));
    const then = deletionPlan({ managedVM: releasing, children: left });
    expect([then.done, then.remove]).toEqual([true, []]);
    expect(names(then.retained)).toEqual(names(left));
  });

  it('does so too where the machine refers to the order no longer: who was interrupted goes on', () => {
    const children = all.filter(({ kind }) => kind !== 'VirtualMachine');
    const { remove } = deletionPlan({ managedVM: releasing, children, others: [child('VirtualMachine', 'shop-db')] });
    expect(remove.map(({ kind }) => kind)).toEqual(monitoring);
  });

  it('waits for what cannot be read', () => {
    const unread = child('VirtualMachine', '*', { unreadable: '500' });
    expect(deletionPlan({ managedVM: releasing, children: [unread] }).done).toBe(false);
  });
});

describe('the plan of a deletion', () => {
  it('ends backups and monitoring, then the machine, then its disks, the keys last', () => {
    const steps: string[][] = [];
    const kept = ['shop-db-data', 'shop-db-older', 'shop-db-oldest'];
    let left = all.filter(({ name }) => !kept.includes(name));
    for (
      let plan = deletionPlan({ managedVM: order, children: left });
      !plan.done;
      plan = deletionPlan({ managedVM: order, children: left })
    ) {
      steps.push(names(plan.remove));
      const gone = new Set(plan.remove);
      left = left.filter(
        one =>
          !gone.has(one) &&
          !(
            one.kind === 'PersistentVolumeClaim' &&
            [...gone].some(({ kind, name }) => kind === 'DataVolume' && name === one.name)
          ),
      );
    }
    expect(steps).toEqual([
      [
        'PrometheusRule/shop-db-overrides',
        'Schedule/acme-shop-db-daily-0',
        'Service/shop-db-metrics',
        'ServiceMonitor/shop-db-metrics',
      ],
      ['VirtualMachine/shop-db'],
      ['DataVolume/shop-db-old', 'DataVolume/shop-db-root', 'Secret/shop-db-first-boot'],
      ['Secret/managedvm-uid'],
    ]);
  });

  it('keeps disks that the order, or else the label, retains; unlabelled ones too', () => {
    expect(names(deletionPlan({ managedVM: order, children: all }).retained)).toEqual([
      'DataVolume/shop-db-data',
      'DataVolume/shop-db-older',
      'DataVolume/shop-db-oldest',
      'Secret/managedvm-uid',
    ]);
  });

  it('deletes nothing twice and waits for what is going', () => {
    const going = child('VirtualMachine', 'shop-db', { deletionTimestamp: '2026-11-23T11:59:00Z' });
    const plan = deletionPlan({ managedVM: order, children: [going, disk('DataVolume', 'root')] });
    expect(plan).toMatchObject({ remove: [], done: false });
    expect(names(plan.blockers)).toEqual(['DataVolume/shop-db-root', 'VirtualMachine/shop-db']);
  });

  it('is done when only retained disks are left', () => {
    expect(deletionPlan({ managedVM: order, children: [disk('DataVolume', 'data')] })).toMatchObject({
      remove: [],
      blockers: [],
      done: true,
    });
  });

  it('keeps the keys of a guest whose disk is kept: nobody else could log in to it again (MO-8)', () => {
    const keys = child('Secret', 'managedvm-uid', { namespace: 'steward-keys' });
    const plan = (children: readonly RemainingChild[], others: readonly RemainingChild[] = []) =>
      names(deletionPlan({ managedVM: order, children, others }).retained);
    expect(plan([keys, disk('DataVolume', 'data')])).toEqual(['DataVolume/shop-db-data', 'Secret/managedvm-uid']);
    expect(plan([keys], [disk('DataVolume', 'data')])).toEqual(['Secret/managedvm-uid']);
    expect(plan([keys], [disk('PersistentVolumeClaim', 'data')])).toEqual(['Secret/managedvm-uid']);
    expect(plan([keys], [disk('PersistentVolumeClaim', 'root')])).toEqual([]);
    expect(plan([keys, child('Secret', 'shop-db-first-boot'), disk('DataVolume', 'root')])).toEqual([]);
  });

  it('lets everything live on with --cascade=orphan, at once', () => {
    const orphaning = managedVM(order.spec, { metadata: { ...order.metadata, finalizers: ['orphan', 'ours'] } });
    expect(deletionPlan({ managedVM: orphaning, children: all })).toMatchObject({
      remove: [],
      blockers: [],
      done: true,
    });
  });

  it('sees by the machine, which has lost its reference, that everything was orphaned before it looked', () => {
    const elsewhere = all.filter(({ namespace }) => namespace !== 'acme');
    const others = [child('VirtualMachine', 'shop-db'), disk('DataVolume', 'root')];
    expect(deletionPlan({ managedVM: order, children: elsewhere, others })).toMatchObject({ remove: [], done: true });
  });

  it('takes no kind that cannot be read for gone, and goes no further than that', () => {
    const unseen = child('VirtualMachine', '*', { unreadable: 'virtualmachines is forbidden' });
    const plan = deletionPlan({ managedVM: order, children: [unseen, disk('DataVolume', 'root')] });
    expect(plan).toMatchObject({ remove: [], done: false });
    expect(deletionPlan({ managedVM: order, children: [unseen] }).done).toBe(false);
  });

  it.each(['DataVolume', 'PersistentVolumeClaim'])('takes no %s that cannot be read for a disk that is kept', kind => {
    const unseen = child(kind, '*', { unreadable: 'it is forbidden' });
    expect(deletionPlan({ managedVM: order, children: [unseen] })).toMatchObject({ retained: [], done: false });
  });

  it('never removes a retained disk, and always ends', () => {
    const any = fc.subarray([...all]);
    fc.assert(
      fc.property(any, children => {
        const { remove, retained, blockers, done } = deletionPlan({ managedVM: order, children });
        expect(remove.filter(one => retained.includes(one))).toEqual([]);
        expect(retained.length + blockers.length).toBe(children.length);
        expect(done || remove.length > 0 || blockers.every(({ kind }) => kind === 'PersistentVolumeClaim')).toBe(true);
      }),
    );
  });
});

describe('a deletion in progress', () => {
  const deleting = managedVM({}, { metadata: { ...order.metadata, deletionTimestamp: '2026-11-23T11:50:00Z' } });
  const stuck = child('VirtualMachine', 'shop-db', {
    deletionTimestamp: '2026-11-23T11:51:00Z',
    finalizers: ['kubevirt.io/virtualMachineControllerFinalize'],
  });
  const at = (now: Date) => assessDeletion({ managedVM: deleting, blockers: [stuck, child('Secret', 'k')], now });

  it('names what it waits for, the finalizers, and since when', () => {
    const { status, conditions } = at(NOW);
    expect(status.waitingFor).toEqual([
      {
        object: 'VirtualMachine acme/shop-db',
        since: '2026-11-23T11:51:00Z',
        reason: 'Its finalizers are not removed yet: kubevirt.io/virtualMachineControllerFinalize.',
      },
      { object: 'Secret acme/k', since: '2026-11-23T11:50:00Z', reason: 'It is deleted in its turn.' },
    ]);
    expect(conditions.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'Deleting' });
    expect(ManagedVMStatus.omit({ conditions: true }).safeParse(status).success).toBe(true);
  });

  it('promises nothing any more, and still has every condition', () => {
    const { conditions } = at(NOW);
    expect(conditions.map(({ type }) => type).sort()).toEqual(Object.keys(CONDITIONS).sort());
    expect(conditions.filter(({ status }) => status === 'True').map(({ type }) => type)).toEqual(['Reconciling']);
  });

  it('is reported as blocked from 15 minutes on, and says when to look again', () => {
    expect(at(NOW).requeueAt).toEqual(new Date('2026-11-23T12:06:00Z'));
    const late = at(new Date('2026-11-23T12:06:00Z'));
    expect(late.requeueAt).toBeUndefined();
    expect(late.conditions.find(({ type }) => type === 'Stalled')).toMatchObject({
      status: 'True',
      reason: 'DeletionBlocked',
    });
    expect(late.conditions.find(({ type }) => type === 'Reconciling')).toMatchObject({ status: 'False' });
  });

  it('says which kind cannot be read, in the words of the API server, and stalls for it', () => {
    const unseen = child('VirtualMachine', '*', { unreadable: 'virtualmachines is forbidden: no' });
    const { status, requeueAt } = assessDeletion({ managedVM: deleting, blockers: [unseen], now: NOW });
    expect(status.waitingFor).toEqual([
      {
        object: 'VirtualMachine acme/*',
        since: '2026-11-23T11:50:00Z',
        reason: 'What there is of them cannot be read: virtualmachines is forbidden: no.',
      },
    ]);
    expect(requeueAt).toEqual(new Date('2026-11-23T12:05:00Z'));
  });

  it('says the same until something changes', () => {
    expect(at(NOW)).toEqual(at(new Date('2026-11-23T12:05:59Z')));
  });
});
