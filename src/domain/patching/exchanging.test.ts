import { expect, it } from 'vitest';
import { RestorePhase } from '../../api/restore.ts';
import { exchangedBy } from './exchanging.ts';

const restoreIn = (phase?: RestorePhase) => ({
  metadata: { name: 'back', uid: 'r1' },
  ...(phase && { status: { phase } }),
});

it('AP-13: no guest is begun while a restore has the VM off or starts it on other disks, and in no other phase', () => {
  const holding = RestorePhase.options.filter(phase => exchangedBy([restoreIn(phase)]) !== undefined);
  expect(holding).toEqual(['Stopping', 'Exchanging', 'Starting']);
  expect(exchangedBy([restoreIn(), restoreIn('Succeeded'), restoreIn('Starting')])).toBe(
    'its patches wait until Restore back has given it the restored disks.',
  );
  expect(exchangedBy([])).toBeUndefined();
});
