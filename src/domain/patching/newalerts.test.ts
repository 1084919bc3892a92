import { describe, expect, it } from 'vitest';
import type { SeenAlert } from '../contract/seenalert.ts';
import { alertsAgainst, type VMAlerts } from './newalerts.ts';

const at = (clock: string) => new Date(`2026-11-24T${clock}:00Z`);
const RUN = { name: 'proving/a-nightly', managedVM: 'a', start: at('02:00'), ended: at('02:30') };
const alert = (began: string, firing = true): SeenAlert => ({ alert: 'ManagedVMUnitFailed', began: at(began), firing });
const against = (alerts: VMAlerts | undefined, run = RUN) =>
  alertsAgainst([run], new Map(alerts === undefined ? [] : [['a', alerts]]));

describe('MO-11: no-new-alerts, a check of the gate of a ring', () => {
  it.each<[string, VMAlerts]>([
    ['there is none', []],
    ['it fired before the run and fires still', [alert('01:59')]],
    ['it came with the reboot and has gone', [alert('02:10', false)]],
  ])('passes where %s', (_, alerts) => {
    expect(against(alerts)).toBeUndefined();
  });

  it.each<[string, SeenAlert]>([
    ['with the run and has stayed', alert('02:10')],
    ['after the run', alert('05:00')],
    ['after the run and has gone again', alert('05:00', false)],
  ])('holds the ring up where an alert has begun %s', (_, seen) => {
    expect(against([alert('01:59'), seen])).toMatch(
      /^alerts have begun on 1 since they were patched, ManagedVMUnitFailed of PatchRun proving\/a-nightly at 2026-11-24T0\d:\d\d:00Z$/,
    );
  });

  it('holds it up where nobody knows, and says why', () => {
    expect(against('Prometheus has not answered yet')).toBe(
      'whether alerts have begun since is not known, for Prometheus has not answered yet',
    );
    expect(against(undefined)).toMatch(/nobody has asked/);
  });

  it('holds it up for a run that is under way by what fires', () => {
    const open = { ...RUN, ended: undefined };
    expect(alertsAgainst([open], new Map([['a', [alert('02:10', false)]]]))).toBeUndefined();
    expect(alertsAgainst([open], new Map([['a', [alert('02:10')]]]))).toMatch(/alerts have begun/);
  });
});
