import { expect, test } from 'vitest';
import { managedVM } from '../../../src/api/managedvm.ts';
import { DataVolume, VirtualMachine } from '../../../src/api/upstream.ts';
import { eventually, gone } from '../../integration/support/eventually.ts';
import { BOOT, kubectl } from '../support/guests.ts';
import { type Chapter, HERE, SHOP } from './chapter.ts';
import { keptNote, note } from './note.ts';

export const deletion: Chapter = {
  title: 'MO-1: a deletion',
  tell: guests => {
    test('is refused while the VM is protected', async () => {
      await expect(kubectl('-n', HERE, 'delete', 'managedvm', SHOP)).rejects.toThrow('deletionProtection');
      const part = kubectl('-n', HERE, 'delete', 'virtualmachine', SHOP, '--dry-run=server');
      await expect(part).rejects.toThrow(`is part of ManagedVM ${HERE}/${SHOP}`);
      expect(await guests().api.find(VirtualMachine, HERE, SHOP)).toBeDefined();
    });

    test('leaves a disk to retain, from which a new ManagedVM of that name boots again where it consents to it', async () => {
      await note(guests());
      await guests().edit(SHOP, { deletionProtection: false });
      await kubectl('-n', HERE, 'delete', 'managedvm', SHOP);
      await gone(guests().api, managedVM, HERE, SHOP);
      expect(await guests().api.find(DataVolume, HERE, `${SHOP}-root`)).toBeDefined();
      const root = { name: 'root', size: '4Gi', adopt: { claim: `${SHOP}-root` } };
      await guests().order(SHOP, { disks: [root] });
      await guests().booted(SHOP);
      await guests().reachable(SHOP);
      expect(await keptNote(guests())).toBe('kept');
    });

    test('takes a disk with it that was ordered so', async () => {
      const name = 'passing';
      await guests().order(name, { powerState: 'Stopped', disks: [{ name: 'root', reclaimPolicy: 'Delete' }] });
      await eventually(async () => expect(await guests().api.find(DataVolume, HERE, `${name}-root`)).toBeDefined());
      await kubectl('-n', HERE, 'delete', 'managedvm', name);
      await gone(guests().api, DataVolume, HERE, `${name}-root`, BOOT);
    });
  },
};
