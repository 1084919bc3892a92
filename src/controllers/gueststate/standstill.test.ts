import { describe, expect, it } from 'vitest';
import { type ApplicationPlan, type PlanStep, sealed } from '../../domain/contract/applicationplan.ts';
import type { SettingFound } from '../../domain/guest/look.ts';
import { hasRun, toBePutRight } from './standstill.ts';

const UNIT: PlanStep = { type: 'unit', name: 'server', unit: 'postgresql@17-main.service' };
const FILE: PlanStep = {
  type: 'directory',
  name: 'folder',
  path: '/srv/a',
  owner: 'root',
  group: 'root',
  mode: '0755',
};
const planOf = (more: Partial<ApplicationPlan> = {}): ApplicationPlan => ({
  ...{
    application: 'orders',
    uid: 'app-1',
    present: true,
    steps: [FILE, UNIT],
    probes: [],
    versionOf: 'postgresql-17',
  },
  ...more,
});
const setting = (name: string, standing: SettingFound['standing']): SettingFound => ({
  ...{ setting: `app:orders:${name}`, standing },
  found: standing === 'Kept' ? '' : 'it does not run',
});
const found = (plan: ApplicationPlan, ...settings: SettingFound[]) =>
  ({ look: { settings }, desired: { applications: [plan] } }) as unknown as Parameters<typeof toBePutRight>[1];
const record = (plan: ApplicationPlan, more: object = {}) => ({
  applications: [{ name: 'orders', revision: sealed(plan).revision, ...more }],
});
const stopped = [setting('folder', 'Differs'), setting('server', 'Stopped')];
const exporter: SettingFound = { setting: 'exporter', standing: 'Differs', found: 'gone' };

describe('AP-3, AP-4: a server of an application that does not run', () => {
  it('is left to its ladder once it ran by this very plan, and with it what would start it too', () => {
    const plan = planOf();
    expect(toBePutRight(record(plan, { ran: true }), found(plan, exporter, ...stopped))).toEqual(['exporter']);
  });

  it.each<[string, ApplicationPlan, object]>([
    ['is set up', planOf(), {}],
    ['ran by another plan', planOf(), { ran: true, revision: 'sha256:other' }],
    ['is taken out', planOf({ present: false }), { ran: true }],
    ['is updated', planOf(), { ran: true, update: { outcome: 'Running' } }],
    [
      'has its data restored',
      planOf({ steps: [UNIT, { type: 'dataRetire', name: 'retire', restore: 'r' }] }),
      { ran: true },
    ],
  ])('is started where it %s', (_, plan, more) => {
    const all = ['app:orders:folder', 'app:orders:server'];
    expect(toBePutRight(record(plan, more), found(plan, ...stopped))).toEqual(all);
  });

  it('whose files were changed, and that runs, has them put back (GE-10)', () => {
    const plan = planOf();
    const changed = [setting('folder', 'Differs'), setting('server', 'Kept')];
    expect(toBePutRight(record(plan, { ran: true }), found(plan, ...changed))).toEqual(['app:orders:folder']);
  });

  it('ran where all its units were seen to, now or before by the same plan', () => {
    const plan = planOf();
    const look = (standing: SettingFound['standing']) => ({ settings: [setting('server', standing)] });
    const known = { revision: sealed(plan).revision, ran: true } as const;
    expect([
      hasRun(plan, undefined, look('Kept')),
      hasRun(plan, undefined, look('Stopped')),
      hasRun(plan, known, look('Stopped')),
      hasRun(plan, { ...known, revision: 'sha256:other' }, look('Stopped')),
    ]).toEqual([true, false, true, false]);
  });
});
