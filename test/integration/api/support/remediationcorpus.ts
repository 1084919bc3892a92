/** The ladder of a Product, as the corpus of applications draws it. */
import fc from 'fast-check';
import { mostly, named } from './drawn.ts';

const name = mostly(fc.stringMatching(/^[a-z]([-a-z0-9]{0,8}[a-z0-9])?$/), 'A', 'a-', '', 'a'.repeat(25));
const probes = mostly<string[]>(fc.constantFrom(['transaction'], ['a', 'b']), [], ['a', 'a'], ['A']);
const alerts = mostly<string[]>(
  fc.constantFrom(['ManagedVMFileSystemFull'], ['ManagedApplicationSlow', 'ManagedVMFileSystemFull']),
  ...[[], ['ManagedVMDown'], ['ManagedApplicationSlow', 'ManagedApplicationSlow']],
);
const trigger = mostly<object>(
  fc.oneof(
    fc.record({ probes, forMinutes: mostly(fc.integer({ min: 1, max: 60 }), 0, 61) }),
    fc.record({ alerts }),
    fc.record({ probes, alerts }),
  ) as fc.Arbitrary<object>,
  {},
  { forMinutes: 5 },
);
const unit = mostly(fc.constantFrom('a.service', 'postgresql@{{ line }}-main.service'), 'a', 'a.timer', 'a b.service');
const action = mostly<object>(
  fc.oneof(
    fc.record({ action: fc.constantFrom('Reload', 'RestartUnit'), unit }),
    fc.record({ action: fc.constantFrom('FreeSpace', 'RestartVM', 'Human') }),
  ) as fc.Arbitrary<object>,
  ...[{ action: 'Reload' }, { action: 'Human', unit: 'a.service' }, { action: 'Rebuild' }, {}],
);
const rung = fc
  .tuple(
    fc.record(
      {
        ...{ name, trigger },
        maxPer: fc.record({
          count: mostly(fc.integer({ min: 1, max: 10 }), 0, 11),
          hours: mostly(fc.integer({ min: 1, max: 168 }), 0, 169),
        }),
        cooldownMinutes: mostly(fc.integer({ min: 1, max: 1440 }), 0, 1441),
        forbiddenWhen: mostly<string[]>(
          fc.constantFrom([], ['RunActive', 'DiskFull']),
          ...[['Always'], ['DiskFull', 'DiskFull']],
        ),
      },
      { requiredKeys: ['name', 'trigger', 'maxPer', 'cooldownMinutes'] },
    ),
    action,
  )
  .map(([rest, what]) => ({ ...rest, ...what }));

export const remediation = named(rung, { minLength: 1, maxLength: 2 });
