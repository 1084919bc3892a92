import { expect, test } from 'vitest';
import { product } from '../product.fixtures.ts';
import { faultsOf } from '../productcheck.ts';
import { LADDER, LADDERED } from '../remediation.fixtures.ts';

const check = (remediation: readonly object[], spec: object = {}) =>
  faultsOf(product({ ...LADDERED, remediation, ...spec }));
/** The ladder with other words in one rung. */
const withRung = (name: string, words: object) =>
  LADDER.map(rung => (rung.name === name ? { ...rung, ...words } : rung));
const [space, restart, reboot, person] = LADDER;

test('a ladder that is in order has no fault (AP-3)', () => {
  expect(check(LADDER)).toEqual([]);
});

test.each<[string, readonly string[], string]>([
  [
    'a ladder for Basic alone',
    check(LADDER, { levels: ['Basic'] }),
    'spec.remediation: the Product is offered at Basic only, which includes no remediation (AP-3).',
  ],
  [
    'an unknown probe',
    check(withRung('restart', { trigger: { probes: ['answers'] } })).slice(0, 1),
    'spec.remediation.restart.trigger: there is no probe answers.',
  ],
  [
    'an alert that nothing tells',
    check(
      withRung('person', {
        trigger: { ...person.trigger, alerts: ['ManagedVMFileSystemFull', 'ManagedApplicationSlow'] },
      }),
    ),
    'spec.remediation.person.trigger: no rule of this Product tells ManagedApplicationSlow.',
  ],
  [
    'an unknown unit',
    check(withRung('restart', { unit: 'mariadb.service' })),
    'spec.remediation.restart.unit: no step of this Product names unit mariadb.service.',
  ],
  [
    'a gentle rung after a harsh one',
    check([space, reboot, restart, person]),
    'spec.remediation.restart.action: RestartUnit interrupts less than RestartVM of rung reboot, and stands after it.',
  ],
  [
    'a rung that is taken for ever',
    check(withRung('restart', { maxPer: { count: 6, hours: 1 }, cooldownMinutes: 10 })),
    'spec.remediation.restart.maxPer: 6 times 10 minutes of cooldown are not less than 1 hours, so that the next rung is never reached.',
  ],
  [
    "a restart in the midst of Steward's own work",
    check([
      { ...restart, forbiddenWhen: ['RunActive'] },
      { ...person, trigger: { probes: ['transaction'] } },
    ]),
    'spec.remediation.restart.forbiddenWhen: RestartUnit needs RestoreInProgress.',
  ],
  [
    'a harsh rung where a gentle one is forbidden',
    check(
      withRung('reboot', { forbiddenWhen: ['RunActive', 'RestoreInProgress', 'OtherApplicationHealthy', 'DiskFull'] }),
    ),
    'spec.remediation.reboot.forbiddenWhen: RestartVM needs EngineRecovering.',
  ],
  [
    'space that is not freed where there is none',
    check(withRung('space', { forbiddenWhen: ['DiskFull'] })),
    'spec.remediation.space.forbiddenWhen: DiskFull is when FreeSpace is needed.',
  ],
  [
    'a person who may not be called',
    check(withRung('person', { forbiddenWhen: ['WindowOpen'] })),
    'spec.remediation.person.forbiddenWhen: a person may always be called.',
  ],
  [
    'no person at its end',
    check([space, restart, reboot]),
    'spec.remediation: its last rung is Human, and no other is.',
  ],
  [
    'trouble that never reaches a person',
    check(withRung('person', { trigger: { probes: ['transaction'] } })),
    'spec.remediation.person.trigger: ManagedVMFileSystemFull is one of an earlier rung, and never reaches a person.',
  ],
])('%s names field and rule (AP-3)', (_, faults, fault) => {
  expect(faults).toEqual([fault]);
});
