import { describe, expect, it } from 'vitest';
import { restsOnGuest } from './hearing.ts';
import { app, own, settings, vm } from './intake.fixtures.ts';
import { ownRules } from './ownrules.ts';

describe('MO-14: what a silent guest raises no alert of', () => {
  it.each(['ManagedVMServiceNotRunning', 'ManagedVMFileSystemFull', 'ManagedVMTargetMissing', 'ManagedVMLoginAttack'])(
    '%s rests on the sensors in the guest',
    alert => expect(own(alert).some(restsOnGuest)).toBe(true),
  );

  it.each(['ManagedVMDown', 'ManagedVMAgentLost'])('%s is seen from outside of it', alert => {
    expect(own(alert).length).toBeGreaterThan(0);
    expect(own(alert).some(restsOnGuest)).toBe(false);
  });

  it('is every rule about metrics of an exporter of a product', () => {
    const its = ownRules(app(), settings).filter(({ expression }) => /steward_application_|pg_/.test(expression));
    expect(its.length).toBeGreaterThan(0);
    expect(its.every(restsOnGuest)).toBe(true);
  });

  it('is told of each rule one way or the other', () => {
    const all = ownRules(vm(), settings);
    expect(new Set(all.map(restsOnGuest))).toEqual(new Set([true, false]));
  });
});
