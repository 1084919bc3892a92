import { expect, it } from 'vitest';
import { product } from '../product.fixtures.ts';
import { upgradeFaults } from './upgradepaths.ts';

const on = (...names: string[]) => names.map(name => ({ name }));
const line = (name: string, ...systems: string[]) => ({
  ...{ name, endOfSupport: '2029-11-08', operatingSystems: on(...systems) },
});
const entry = (change: Record<string, unknown> = {}) =>
  product({
    lines: [line('15', 'debian-12', 'debian-13'), line('17', 'debian-13'), line('14', 'debian-12')],
    upgradePaths: [{ from: '15', to: '17', engine: 'PostgreSQL', expectedMinutes: 20 }],
    steps: [
      { name: 'packages', package: { names: ['postgresql-{{ line }}'] } },
      { name: 'login', database: { engine: 'PostgreSQL', role: 'app' } },
    ],
    ...change,
  }).spec;
const path = (from: string, to: string) => ({
  upgradePaths: [{ from, to, engine: 'PostgreSQL', expectedMinutes: 20 }],
});

it.each<[string, Record<string, unknown>, readonly string[]]>([
  ['one in order', {}, []],
  ['one from no line', path('9', '17'), ['spec.upgradePaths.9: there is no line 9.']],
  ['one to no line', path('15', '18'), ['spec.upgradePaths.15: there is no line 18.']],
  [
    'one between systems',
    path('14', '17'),
    ['spec.upgradePaths.14: no system has both: a change of the line is made inside of one VM.'],
  ],
  [
    'one between packages of one name, of no engine',
    { steps: [{ name: 'packages', package: { names: ['nginx'] } }] },
    [
      'spec.upgradePaths.15: no package has {{ line }} in its name, so that both lines would be one.',
      'spec.upgradePaths.15: no step of type database is of engine PostgreSQL.',
    ],
  ],
])('GE-11: a way from line to line is checked: %s', (_, change, faults) => {
  expect(upgradeFaults(entry(change))).toEqual(faults);
});
