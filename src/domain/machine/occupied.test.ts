import { describe, expect, it } from 'vitest';
import { occupation } from './occupied.ts';

const started = { startTimestamp: '2026-12-02T02:10:00Z' };

describe('what the platform does with a VM', () => {
  it.each([
    ['nothing', {}, undefined],
    ['nothing once its file systems go on', { fsFreezeStatus: 'thawed' }, undefined],
    ['a backup', { fsFreezeStatus: 'frozen' }, 'its file systems are held still for a backup or a snapshot'],
    ['a migration that is planned and not begun', { migrationState: { targetNode: 'b' } }, undefined],
    ['a migration', { migrationState: started }, 'the VM is being moved to another node'],
    ['a migration that is over', { migrationState: { ...started, endTimestamp: '2026-12-02T02:11:00Z' } }, undefined],
    ['a migration that has come through', { migrationState: { ...started, completed: true } }, undefined],
    ['a migration that has failed', { migrationState: { ...started, failed: true } }, undefined],
    ['what nobody understands', { migrationState: 'x', fsFreezeStatus: 7 }, undefined],
  ])('is told of %s (GE-8)', (_, status, said) => {
    expect(occupation({ status })).toBe(said);
  });
});
