import { expect, test } from 'vitest';
import { VirtualMachineInstance } from '../../../src/api/upstream.ts';
import { gone } from '../../integration/support/eventually.ts';
import { type Chapter, HERE, SHOP } from './chapter.ts';
import { keptNote, note } from './note.ts';

export const power: Chapter = {
  title: 'MO-1: the power follows the spec',
  tell: guests => {
    test('off, and on again from the same disk', async () => {
      await note(guests());
      const before = await guests().reachable(SHOP);
      await guests().edit(SHOP, { powerState: 'Stopped' });
      await guests().reads(SHOP, { Ready: 'True/Stopped', AgentConnected: 'Unknown/PoweredOff' });
      await gone(guests().api, VirtualMachineInstance, HERE, SHOP);
      await guests().edit(SHOP, { powerState: 'Running' });
      await guests().booted(SHOP);
      expect(await guests().reachable(SHOP)).not.toBe(before);
      expect(await keptNote(guests())).toBe('kept');
    });
  },
};
