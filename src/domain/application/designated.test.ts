import { describe, expect, test } from 'vitest';
import type { OperatingSystem } from '../../api/operatingsystem.ts';
import type { PlanStep, UpdatingStep } from '../contract/applicationplan.ts';
import { designatedFor, isSettled, overdueFrom, updateDue, updateTo, type VersionFound } from './designated.ts';
import { product } from './product.fixtures.ts';

const now = new Date('2026-12-01T02:00:00Z');
const cutoff = new Date('2026-12-01T04:00:00Z');
const plain: Extract<PlanStep, { type: 'package' }> = { type: 'package', name: 'packages', packages: ['x'] };
const step = (version: string, notAfter?: string): UpdatingStep => ({
  ...plain,
  update: { version, ports: [1], withinSeconds: 9, ...(notAfter !== undefined && { notAfter }) },
});
const rolledBack: VersionFound = {
  version: '1',
  update: { from: '1', to: '2', outcome: 'RolledBack', at: '2026-12-01T01:00:00Z' },
};
const [LATER, EARLIER] = ['2026-12-01T03:00:00Z', '2026-12-01T01:00:00Z'];

describe('when a designated version is installed (AP-2)', () => {
  const [closed, open] = [{ now }, { now, open: { cutoff } }];
  test.each<[string, PlanStep, object, VersionFound, PlanStep, boolean]>([
    ['waits for a window', step('1', EARLIER), closed, { version: '1' }, step('1', EARLIER), true],
    ['waits for a window the first time', plain, closed, { version: '1' }, plain, true],
    ['is told in a window, until it closes', plain, open, { version: '1' }, step('2', '2026-12-01T04:00:00Z'), false],
    ['stays told while its window is open', step('2', LATER), open, { version: '1' }, step('2', LATER), false],
    ['waits again once its window has closed', step('2', EARLIER), closed, { version: '1' }, step('2', EARLIER), true],
    ['is told anew in the next', step('2', EARLIER), open, { version: '1' }, step('2', '2026-12-01T04:00:00Z'), false],
    ['waits after the cutoff of a window', plain, { open: { cutoff: now } }, { version: '1' }, plain, true],
    ['stays as told once it is there', step('2', EARLIER), open, { version: '2' }, step('2', EARLIER), false],
    ['stays as told once it was taken back', step('2', EARLIER), open, rolledBack, step('2', EARLIER), false],
    [
      'is held at once where it is there already',
      plain,
      closed,
      { version: '2' },
      step('2', '2026-12-01T02:00:00Z'),
      false,
    ],
    ['has no end where it is the first installation', step('2'), closed, {}, step('2'), false],
  ])('%s', (_, told, when, found, due, waits) => {
    const wanted = step('2');
    const result = updateDue(wanted, told as UpdatingStep, { now, ...when, found });
    expect(result).toEqual({ step: due, ...(waits && { waits: wanted }) });
  });

  test('is tried once: what was taken back is settled until another is designated, and so is what is newer', () => {
    expect([isSettled(rolledBack, '2'), isSettled(rolledBack, '3'), isSettled({ version: '1.10' }, '1.9')]).toEqual([
      ...[true, false, true],
    ]);
    const failed = { ...rolledBack, update: { ...rolledBack.update, outcome: 'Failed' } } as VersionFound;
    expect([isSettled(failed, '2'), isSettled({}, '2')]).toEqual([false, false]);
  });
});

describe('what is designated (AP-2, AP-14)', () => {
  const designated = { version: '17.13-0+deb13u1', since: '2026-11-20' };
  const lines = [
    {
      name: '17',
      endOfSupport: '2029-11-08',
      operatingSystems: [{ name: 'debian-13', designated }, { name: 'rocky-9' }],
    },
  ];
  const { spec } = product({ lines });
  const by = (packageManager: string) => ({ spec: { packageManager } }) as OperatingSystem;

  test.each([
    ['of the line on the system', '17', 'debian-13', by('apt'), designated],
    ['of a system that cannot be read', '17', 'debian-13', undefined, designated],
    ['of another system', '17', 'rocky-9', by('apt'), undefined],
    ['of another line', '18', 'debian-13', by('apt'), undefined],
    ['of a system with another package manager', '17', 'debian-13', by('dnf'), undefined],
  ])('%s', (_, line, system, operatingSystem, found) => {
    expect(designatedFor(spec, line, system, operatingSystem)).toEqual(found);
  });

  test('is overdue 30 days later', () => {
    expect(overdueFrom(designated)).toEqual(new Date('2026-12-20T00:00:00Z'));
  });

  test('is installed with all ports closed that anybody may come by, and judged within the time its Product gives', () => {
    expect(updateTo(designated, spec)).toEqual({ version: designated.version, ports: [], withinSeconds: 120 });
    const reached = product({
      interface: { port: 443, type: 'web' },
      monitoring: { exporter: { port: 9113, prefixes: ['nginx_'], metrics: ['nginx_up'] } },
      steps: [
        { name: 'packages', package: { names: ['nginx'] } },
        { name: 'tls', firewallPort: { port: 443 } },
        { name: 'plain', firewallPort: { port: 80 } },
        { name: 'metrics', firewallPort: { port: 9113 } },
        { name: 'works', waitFor: { probe: 'transaction', timeoutSeconds: 20 } },
      ],
    });
    expect(updateTo(designated, reached.spec)).toMatchObject({ ports: [80, 443], withinSeconds: 20 });
  });
});
