import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ScriptedGuest, startScriptedGuest } from '../../src/guest/transport/scriptedguest.fixtures.ts';
import { eventually } from './support/eventually.ts';
import { GuestBed, newGuestKeys, ownAddress } from './support/guestbed.ts';
import { GuestFolder } from './support/guestfolder.ts';

const NAMESPACE = 'acme';
const keys = newGuestKeys();
let guests: GuestBed;
let inside: GuestFolder;
let sshd: ScriptedGuest;

beforeAll(async () => {
  guests = await GuestBed.start();
  inside = await GuestFolder.in(join(guests.folder, 'vm'), ['exporter']);
  sshd = await startScriptedGuest({
    authorized: keys.provider,
    hostKey: keys.host,
    host: ownAddress(),
    run: command => inside.run(command),
  });
  await guests.api.namespace(NAMESPACE);
  await guests.worker(sshd.port, { GUEST_FOLDER: inside.folder });
});
afterAll(async () => {
  await sshd?.close();
  await guests?.stop();
});

describe('the guest worker', () => {
  test('makes the record of a ManagedVM, looks into its guest, puts right what differs, and says so (MO-8, MO-16)', async () => {
    const vm = await guests.guest(NAMESPACE, 'vm', keys);
    const record = await eventually(async () => {
      const found = await guests.record(NAMESPACE, 'vm');
      expect(found?.status).toMatchObject({ contact: { outcome: 'Reached' }, differences: [] });
      expect(found.status.lease).toBeUndefined();
      return found;
    });
    expect(record.spec).toEqual({ managedVM: vm.metadata.uid });
    expect(record.metadata.ownerReferences).toMatchObject([{ kind: 'ManagedVM', uid: vm.metadata.uid }]);
    expect(record.status).toMatchObject({
      worker: 'steward-guest-0',
      contact: { address: ownAddress() },
      compared: 1,
      access: [{ name: 'steward', ordered: true, administrator: true }],
      steps: [{ phase: 'Ended', verdict: 'Finished', exitCode: 0 }],
    });
    expect({ standing: await inside.standing('exporter'), begun: await inside.begun() }).toEqual({
      ...{ standing: 'Kept', begun: 1 },
    });
  });
});
