/** MO-1 on guests that boot: disks plugged in and out, a clone, and a VM that is let go and taken over again, none of it by a restart. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inGuest } from '../../../hack/steward/ssh.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { Secret, VirtualMachine, VirtualMachineInstance } from '../../../src/api/upstream.ts';
import { eventually, gone } from '../../integration/support/eventually.ts';
import { BOOT, Guests, kubectl } from '../support/guests.ts';

const NAMESPACE = 'disks';
const NAME = 'shop';
const sizing = { cpu: 1, memory: '256Mi' };
const root = { name: 'root', size: '3Gi' };
const data = { name: 'data', size: '64Mi', hotpluggable: true };

let guests: Guests;

beforeAll(async () => {
  guests = await Guests.in(NAMESPACE);
  await guests.order(NAME, { sizing, disks: [root] });
  await guests.configured(NAME);
}, BOOT);

afterAll(() => guests?.close());

const instance = async () => (await guests.api.get(VirtualMachineInstance, NAMESPACE, NAME)).metadata.uid;
const inside = (command: string) => guests.asRoot(NAME, command);
const serials = () => inside('lsblk --nodeps --noheadings --output SERIAL');

test(
  'MO-1: a disk is plugged into the guest, holds what is written to it, and is plugged out, without a restart',
  async () => {
    const before = await instance();
    await guests.edit(NAME, { disks: [root, data] });
    await eventually(async () => expect(await serials()).toContain('data'), BOOT);
    await guests.reads(NAME, { Ready: 'True/Running', RestartPending: 'False/UpToDate' });
    const device = '/dev/disk/by-id/virtio-data';
    expect(await inside(`echo written | dd of=${device} conv=fsync 2>/dev/null && head -c 7 ${device}`)).toBe(
      'written',
    );
    await guests.edit(NAME, { disks: [root] });
    await eventually(async () => expect(await serials()).not.toContain('data'), BOOT);
    await guests.reads(NAME, { Ready: 'True/Running', RestartPending: 'False/UpToDate' });
    expect(await instance(), 'restarted').toBe(before);
  },
  BOOT,
);

test(
  'MO-1: a VM that is let go runs on, and is taken over again as it runs; its guest is enrolled once',
  async () => {
    const [before, login] = [await instance(), await guests.loginOf(NAME)];
    const { uid } = (await guests.api.get(VirtualMachine, NAMESPACE, NAME)).metadata;
    const { spec } = await guests.edit(NAME, { deletionPolicy: 'Release' });
    await guests.api.remove(managedVM, NAMESPACE, NAME);
    await gone(guests.api, managedVM, NAMESPACE, NAME, BOOT);
    expect([await instance(), (await guests.api.get(VirtualMachine, NAMESPACE, NAME)).metadata.uid]).toEqual([
      ...[before, uid],
    ]);
    // It is of the order that is gone, and has the keys of that one.
    await kubectl('-n', NAMESPACE, 'delete', 'secret', `${NAME}-first-boot`);
    await guests.order(NAME, { ...spec, deletionPolicy: 'Delete' });
    await guests.reads(NAME, { Ready: 'False/VirtualMachineNameTaken' });
    await guests.edit(NAME, { adopt: { uid } });
    await guests.reads(NAME, { GuestReachable: 'False/NotEnrolled', RestartPending: 'False/UpToDate' });

    const { data: content } = await guests.api.get(Secret, NAMESPACE, `${NAME}-first-boot`);
    await inGuest(login, `echo ${content.enrol} | base64 -d | sudo sh`);
    await guests.configured(NAME);
    expect(await instance(), 'restarted').toBe(before);
  },
  2 * BOOT,
);

test(
  'MO-1: a clone of a disk of another VM, made while that one is off, has its data',
  async () => {
    await inside('echo kept >/root/note && sync');
    await guests.edit(NAME, { powerState: 'Stopped' });
    await guests.reads(NAME, { Ready: 'True/Stopped' });
    const source = { managedVM: { name: NAME, disk: 'root' } };
    await guests.order('copy', { sizing, disks: [{ ...root, source }] });
    await guests.booted('copy');
    await guests.reachable('copy');
    expect(await guests.asRoot('copy', 'cat /root/note')).toBe('kept');
  },
  2 * BOOT,
);
