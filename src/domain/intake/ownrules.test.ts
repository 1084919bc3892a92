import { describe, expect, it } from 'vitest';
import { BLACKBOX } from '../application/watched.fixtures.ts';
import { app, settings, vm } from './intake.fixtures.ts';
import { isWatched, ownAlertNames, ownRules } from './ownrules.ts';

describe('MO-5: the rules that Steward renders itself', () => {
  it('are those of the namespace, of the VM at its own thresholds, and of the promises', () => {
    const rules = ownRules(vm({ alertThresholds: { cpuPercent: 50 } }), settings);
    const places = new Set(rules.map(({ place }) => `${place.namespace}/${place.name}`));
    expect([...places].toSorted()).toEqual([
      'acme/shop-db-overrides',
      'acme/steward-defaults',
      'steward-system/steward-promises',
    ]);
    expect(rules.filter(({ alert }) => alert === 'ManagedVMCPUHigh')).toHaveLength(2);
  });

  it('name the namespace of the operator where the chart fills it in', () => {
    const [absent] = ownRules(vm(), settings).filter(({ alert }) => alert === 'StewardAbsent');
    expect(absent?.expression).toContain('namespace="steward-system"');
  });

  it('of a level without monitoring are none', () => {
    expect(isWatched(vm({ serviceLevel: 'Admin' }))).toBe(false);
    expect(ownRules(vm({ serviceLevel: 'Admin' }), settings)).toEqual([]);
  });

  it('of an application are those of its Product, and none about itself without it', () => {
    const of = (subject: ReturnType<typeof app>) =>
      ownRules(subject, settings).filter(({ group }) => group === 'managedapplication-alerts');
    const subject = app();
    expect(of(subject).length).toBeGreaterThan(3);
    expect(of({ ...subject, product: undefined } as ReturnType<typeof app>)).toEqual([]);
  });

  it('have names that are all asked for', () => {
    const names = new Set(ownAlertNames());
    const asked = { ...settings, blackbox: BLACKBOX };
    const all = [...ownRules(vm({ alertThresholds: { cpuPercent: 50 } }), settings), ...ownRules(app(), asked)];
    expect(all.map(({ alert }) => alert).filter(alert => !names.has(alert))).toEqual([]);
    expect(names).toContain('ManagedApplicationUnreachable');
  });

  it('leave out the one that tells of late incidents: an incident of it would be late too (MO-6)', () => {
    const late = 'ManagedVMIncidentsLate';
    expect(ownRules(vm(), settings).filter(({ alert }) => alert === late)).toEqual([]);
    expect(ownAlertNames()).not.toContain(late);
  });

  it('wait as long as they say', () => {
    const waits = new Map(ownRules(vm(), settings).map(({ alert, pendingFor }) => [alert, pendingFor]));
    expect([waits.get('ManagedVMDown'), waits.get('ManagedVMFileSystemFilling')]).toEqual([300, 3600]);
  });
});
