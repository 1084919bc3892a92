/** MO-2, GE-11: operations on request, on guests that boot: a rebuild, a migration that is taken back and one that is accepted, a rescue. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeRequest } from '../../../src/api/changerequest.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { serviceRequest } from '../../../src/api/servicerequest.ts';
import { PersistentVolumeClaim } from '../../../src/api/upstream.ts';
import type { Any } from '../../integration/support/api.ts';
import { eventually } from '../../integration/support/eventually.ts';
import { decisionOn, workOrder } from '../../integration/support/orders.ts';
import { BOOT, Guests, kubectlWith } from '../support/guests.ts';

const NAMESPACE = 'operated';
/** Two boots, and the time in which an image comes onto a disk. */
const EXCHANGE = 2 * BOOT;
const note = `kept-${randomUUID()}`;
const DATA = '/dev/disk/by-id/virtio-data';

let guests: Guests;

beforeAll(async () => {
  guests = await Guests.in(NAMESPACE);
  const disks = [{ name: 'root' }, { name: 'data', size: '64Mi', reclaimPolicy: 'Delete' }];
  await guests.order('shop', { operatingSystem: 'debian-12', disks });
  await guests.configured('shop');
  await guests.asRoot('shop', `mkfs.ext4 -q ${DATA} && mount ${DATA} /mnt && echo ${note} >/mnt/note && umount /mnt`);
  await guests.asRoot('shop', `echo ${note} >/root/note; sync`);
}, BOOT);

afterAll(() => guests?.close());

/** As a person of that name, who may do everything. */
const as = (person: string, object: object) =>
  kubectlWith(['create', '--as', person, '--as-group', 'system:masters', '-f', '-'], object);

/** Orders a service as anna, has kim and anna agree to the plan, and gives the change. */
async function agreed(name: string, spec: object): Promise<Any> {
  await as('anna', workOrder(NAMESPACE, name, 'shop', { description: undefined, requestedBy: 'anna', ...spec }));
  const change = await eventually(async () => {
    const { status } = await guests.api.get(serviceRequest, NAMESPACE, name);
    const found = await guests.api.get(changeRequest, NAMESPACE, status.change.name);
    expect(found.status.planHash).toBeDefined();
    return found;
  }, 60_000);
  await decide(change, 'kim', 'Provider');
  await decide(change, 'anna', 'Customer');
  return change;
}

const decide = ({ metadata, status }: Any, decidedBy: string, party: string, decision = 'Approve') =>
  as(
    decidedBy,
    decisionOn(NAMESPACE, `${metadata.name}-${decidedBy}-${decision.toLowerCase()}`, metadata.name, status.planHash, {
      ...{ party, decidedBy, decision },
    }),
  );

async function answered(change: Any, decision: 'Accept' | 'Reject'): Promise<void> {
  const patch = JSON.stringify({ spec: { acceptance: { decision, by: 'anna' } } });
  const where = ['-n', NAMESPACE, '--as', 'anna', '--as-group', 'system:masters'];
  await kubectlWith(['patch', 'chg', change.metadata.name, ...where, '--type', 'merge', '-p', patch]);
}

const phase = (wanted: string | undefined): Promise<Any> =>
  eventually(
    async () => {
      const vm = await guests.api.get(managedVM, NAMESPACE, 'shop');
      expect(vm.status.newRoot?.phase, vm.status.newRoot?.message).toBe(wanted);
      return vm;
    },
    EXCHANGE,
    1_000,
  );

const over = (change: Any, outcome: string): Promise<Any> =>
  eventually(
    async () => {
      const { spec } = await guests.api.get(changeRequest, NAMESPACE, change.metadata.name);
      expect(spec.result?.outcome, spec.result?.notes).toBe(outcome);
      return spec.result;
    },
    EXCHANGE,
    1_000,
  );

const inside = (command: string) => guests.asRoot('shop', command);
const codename = () => inside('. /etc/os-release; echo $VERSION_CODENAME');
const noteOnData = () => inside(`mount ${DATA} /mnt && cat /mnt/note; umount /mnt`);
const rootNote = () => inside('cat /root/note 2>/dev/null || echo none');
const mac = () => inside('cat /sys/class/net/e*/address');

describe('MO-2: a rebuild', () => {
  test('puts the same system on a new root disk; data, addresses, host key and accounts stay', async () => {
    const [before, address] = [await guests.api.get(managedVM, NAMESPACE, 'shop'), await mac()];
    const change = await agreed('rebuild', { service: 'Rebuild' });
    await over(change, 'Succeeded');
    await answered(change, 'Accept');
    await phase(undefined);
    await guests.configured('shop');
    expect([await codename(), await noteOnData(), await rootNote(), await mac()]).toEqual([
      ...['bookworm', note, 'none', address],
    ]);
    expect(await guests.asCustomer('shop', 'id -un')).toBe('anna');
    const [old] = before.status.disks.filter(({ name }: Any) => name === 'root');
    expect((await guests.api.get(PersistentVolumeClaim, NAMESPACE, old.claim)).metadata.uid).toBe(old.claimUID);
    await inside(`echo ${note} >/root/note; sync`);
  });
});

describe('GE-11: a migration from bookworm to trixie', () => {
  test('is tried and taken back: the guest has its old root disk again', async () => {
    const change = await agreed('try', { service: 'Migration', operatingSystem: 'debian-13' });
    await over(change, 'Succeeded');
    await guests.reachable('shop');
    expect([await codename(), await noteOnData(), await rootNote()]).toEqual(['trixie', note, 'none']);
    await answered(change, 'Reject');
    await phase(undefined);
    await guests.configured('shop');
    expect([await codename(), await noteOnData(), await rootNote()]).toEqual(['bookworm', note, note]);
  });

  test('is tried and accepted: the order may name the new system then, and not before', async () => {
    const change = await agreed('migrate', { service: 'Migration', operatingSystem: 'debian-13' });
    await over(change, 'Succeeded');
    await expect(guests.edit('shop', { operatingSystem: 'debian-13' })).rejects.toThrow(/is immutable/);
    await answered(change, 'Accept');
    await phase('Accepted');
    await guests.edit('shop', { operatingSystem: 'debian-13' });
    await phase(undefined);
    const vm = await guests.configured('shop');
    expect([await codename(), await noteOnData(), vm.status.operatingSystem]).toEqual(['trixie', note, 'Debian 13']);
    await guests.reads('shop', { Supported: 'True/VendorSupported' });
    await inside('passwd --lock root; echo broken >/root/note; sync');
  });
});

describe('MO-2, AP-9: a rescue', () => {
  test('starts another system beside the broken one, for a while, and its record says who and until when', async () => {
    const change = await agreed('rescue', { service: 'Rescue', operatingSystem: 'debian-12' });
    const { status } = await phase('OnTrial');
    expect(status.newRoot).toMatchObject({ operation: 'Rescue', until: change.spec.window.notAfter });
    await guests.reachable('shop');
    expect(await codename()).toBe('bookworm');
    const broken = '/dev/disk/by-id/virtio-rescued-root-part1';
    await inside(`mount ${broken} /mnt && grep -q broken /mnt/root/note && echo mended >/mnt/root/note; umount /mnt`);
    // An Approver ends it before its time.
    await decide(change, 'anna', 'Customer', 'Reject');
    const result = await over(change, 'Succeeded');
    expect(result.notes).toMatch(/The rescue system ran from 20/);
    expect(change.spec.reason).toContain('Ordered by anna');
    await phase(undefined);
    await guests.configured('shop');
    expect([await codename(), await rootNote()]).toEqual(['trixie', 'mended']);
  });
});
