import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GuestModules } from '../../api/guestmodules.ts';
import type { ApplicationPlan } from '../../domain/contract/applicationplan.ts';
import { readModules } from './modules.ts';

const plan = (application: string): ApplicationPlan => ({
  ...{ application, uid: 'u', present: true, versionOf: 'postgresql-17', probes: [] },
  steps: [{ type: 'database', name: 'data', engine: 'PostgreSQL', database: 'app', owner: 'app' }],
});
const other: ApplicationPlan = { ...plan('site'), steps: [{ type: 'unit', name: 'server', unit: 'nginx.service' }] };
const plans = [other, plan('shop')];
const word = (text: string) => Buffer.from(text).toString('base64');
const line = (...words: readonly string[]) => [['modules', 'shop', ...words]];

describe('GE-10: what a guest says of its modules', () => {
  it('is how many there are and the first of them, of those applications alone that have some', () => {
    expect(readModules(line('1', `-,${word('app')}:${word('postgis')}`), plans)).toEqual(
      new Map([['shop', { count: 1, named: [{ module: 'postgis', database: 'app' }] }]]),
    );
    expect(readModules(line('0', '-'), plans)).toEqual(new Map([['shop', { count: 0, named: [] }]]));
    expect(readModules(line('-', '-'), plans)).toEqual(new Map([['shop', undefined]]));
  });

  it.each([
    ['none of an application', []],
    ['another application', [['modules', 'site', '0', '-']]],
    ['one more', [...line('0', '-'), ...line('0', '-')]],
    ['fewer than it says', line('2', `-,${word('a')}:${word('b')}`)],
    ['more than it says', line('0', `-,${word('a')}:${word('b')}`)],
    ['no number', line('many', '-')],
    ['a longer name than any', line('1', `-,${word('a'.repeat(70))}:${word('b')}`)],
    ['a name that is not in base64', line('1', '-,a b:c')],
    ['no name', line('1', `-,:${word('b')}`)],
    ['another word', line('0', '-', 'more')],
  ])('is not believed where it says %s', (_, lines) => {
    expect(readModules(lines, plans)).toBeUndefined();
  });

  it('is of one line, and one that the record admits, whatever its databases are called', () => {
    const name = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 20 })
      .filter(text => Buffer.byteLength(text) < 64);
    fc.assert(
      fc.property(name, name, (database, module) => {
        const read = readModules(line('1', `-,${word(database)}:${word(module)}`), plans)?.get('shop');
        expect(GuestModules.safeParse(read).error).toBeUndefined();
        expect(JSON.stringify(read)).not.toMatch(/\\[nr]/);
      }),
      { numRuns: 100 },
    );
  });
});
