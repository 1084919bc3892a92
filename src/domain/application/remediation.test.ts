import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { ApplicationLevel } from '../../api/applicationlevel.ts';
import { Forbidding, ProductRemediation } from '../../api/productremediation.ts';
import type { Taken } from '../contract/ladder.ts';
import { calendarOf } from '../time/calendar.fixtures.ts';
import { LADDER } from './remediation.fixtures.ts';
import { type Observed, remedyFor, type Situation } from './remediation.ts';

const ladder = ProductRemediation.parse(LADDER);
const calendar = calendarOf();
const MINUTE = 60_000;

/** By the clock of Europe/Berlin: a Monday at noon, an evening, a Saturday, and a holiday on a Friday. */
const AT = {
  coreHours: new Date('2026-11-30T11:00:00Z'),
  evening: new Date('2026-11-30T17:00:00Z'),
  saturday: new Date('2026-12-05T11:00:00Z'),
  christmas: new Date('2026-12-25T11:00:00Z'),
} as const;

const ALL_CLEAR = Object.fromEntries(Forbidding.options.map(each => [each, false]));

const failingFor = (minutes: number, now: Date, forbidding: Observed['forbidding'] = ALL_CLEAR): Observed => ({
  failing: [{ probe: 'transaction', since: new Date(now.getTime() - minutes * MINUTE) }],
  ...{ firing: [], forbidding },
});

function decided(level: ApplicationLevel, now: Date, more: Partial<Situation> = {}): string {
  const situation = { ladder, level, calendar, observed: failingFor(5, now), history: [], now, ...more };
  const remedy = remedyFor(situation);
  return 'rung' in remedy ? remedy.rung.name : remedy.none;
}

describe('who is remedied, and when', () => {
  test.each<[ApplicationLevel, keyof typeof AT, string]>([
    ['Basic', 'coreHours', 'NotIncluded'],
    ['Basic', 'evening', 'NotIncluded'],
    ['Basic', 'saturday', 'NotIncluded'],
    ['Advanced', 'coreHours', 'restart'],
    ['Advanced', 'evening', 'OutsideCoreHours'],
    ['Advanced', 'saturday', 'OutsideCoreHours'],
    ['Advanced', 'christmas', 'OutsideCoreHours'],
    ['Expert', 'coreHours', 'restart'],
    ['Expert', 'evening', 'restart'],
    ['Expert', 'saturday', 'restart'],
    ['Expert', 'christmas', 'restart'],
  ])('AP-3, AP-4: %s at %s comes to %s', (level, at, wanted) => {
    expect(decided(level, AT[at])).toBe(wanted);
  });

  it('AP-3: is not decided at Advanced where nobody knows the core hours, and needs none at Expert', () => {
    expect(decided('Advanced', AT.coreHours, { calendar: undefined })).toBe('CoreHoursUnknown');
    expect(decided('Expert', AT.coreHours, { calendar: undefined })).toBe('restart');
  });

  it('GE-3: outside of them says that it is billed by effort, and when they begin', () => {
    const now = AT.evening;
    const remedy = remedyFor({ ladder, level: 'Advanced', calendar, observed: failingFor(5, now), history: [], now });
    expect(remedy).toEqual({
      none: 'OutsideCoreHours',
      message:
        'Advanced includes remediation in core hours, and they begin at 2026-12-01T08:00:00Z: until then it is an incident, billed by effort (AP-4, GE-3).',
      nextEdge: new Date('2026-12-01T08:00:00Z'),
    });
  });
});

describe('what forbids a rung', () => {
  const taken = LADDER.flatMap(({ name, ...rung }) =>
    Forbidding.options.map(each => ({
      ...{ name, each },
      isForbidden: 'forbiddenWhen' in rung && rung.forbiddenWhen.some(own => own === each),
    })),
  );
  /** A ladder of that rung and the person alone. */
  const only = (name: string) => ladder.filter(rung => rung.name === name || rung.action === 'Human');

  test.each(taken)('AP-3: $each and rung $name: passed over is $isForbidden', ({ name, each, isForbidden }) => {
    const now = AT.coreHours;
    for (const state of [true, undefined]) {
      const observed: Observed = {
        ...failingFor(9, now, { ...ALL_CLEAR, [each]: state }),
        firing: ['ManagedVMFileSystemFull'],
      };
      const wanted = isForbidden ? 'person' : name;
      for (const level of ['Advanced', 'Expert'] as const)
        expect(decided(level, now, { ladder: only(name), observed })).toBe(wanted);
      expect(decided('Basic', now, { ladder: only(name), observed })).toBe('NotIncluded');
    }
  });

  it('AP-3: leaves nothing where no person is called, and says what forbids', () => {
    const now = AT.coreHours;
    const observed = failingFor(5, now, { ...ALL_CLEAR, EngineRecovering: true });
    const restart = ladder.filter(({ name }) => name === 'restart');
    expect(remedyFor({ ladder: restart, level: 'Expert', calendar, observed, history: [], now })).toMatchObject({
      none: 'Forbidden',
      message: 'No rung is left: rung restart is forbidden by EngineRecovering.',
    });
  });
});

describe('what it is taken for', () => {
  it('AP-11: a probe that has failed for its minutes, and no other', () => {
    const now = AT.coreHours;
    expect(decided('Expert', now, { observed: failingFor(4.9, now) })).toBe('NoTrouble');
    const other = { ...failingFor(9, now), failing: [{ probe: 'listens', since: new Date(0) }] };
    expect(decided('Expert', now, { observed: other })).toBe('NoTrouble');
    const waits = remedyFor({ ladder, level: 'Expert', calendar, observed: failingFor(4, now), history: [], now });
    expect(waits).toMatchObject({ nextEdge: new Date(now.getTime() + MINUTE) });
  });

  it('AP-3: an alert that fires, at once', () => {
    const observed: Observed = { failing: [], firing: ['ManagedVMFileSystemFull'], forbidding: ALL_CLEAR };
    expect(decided('Expert', AT.coreHours, { observed })).toBe('space');
  });
});

describe('how often', () => {
  const ago = (minutes: number, rung: string): Taken => ({
    rung,
    at: new Date(AT.coreHours.getTime() - minutes * MINUTE),
  });

  it.each<[string, readonly Taken[], string]>([
    ['waits for what the last rung did', [ago(4, 'restart')], 'Cooldown'],
    ['takes it again', [ago(5, 'restart')], 'restart'],
    ['goes on where its limit is reached', [30, 20, 10].map(minutes => ago(minutes, 'restart')), 'reboot'],
    ['begins anew where the period is over', [60, 20, 10].map(minutes => ago(minutes, 'restart')), 'restart'],
    ['waits for whatever rung was the last', [ago(9, 'reboot')], 'Cooldown'],
    ['leaves a person alone', [ago(239, 'person')], 'Cooldown'],
    ['waits where a clock was set back', [ago(-1, 'restart')], 'Cooldown'],
    [
      'calls a person where both limits are reached',
      [...[50, 45, 40].map(minutes => ago(minutes, 'restart')), ago(30, 'reboot')],
      'person',
    ],
  ])('AP-3: %s', (_, history, wanted) => {
    expect(decided('Expert', AT.coreHours, { history })).toBe(wanted);
  });

  const moment = fc.record({
    minutes: fc.integer({ min: 1, max: 40 }),
    fails: fc.boolean(),
    isFull: fc.boolean(),
    forbidden: fc.subarray([...Forbidding.options]),
  });

  it.each<ApplicationLevel>(['Basic', 'Advanced', 'Expert'])(
    'AP-3, AP-4: whatever happens at %s, never more than its limit, never within a cooldown, never at Basic',
    level => {
      let acted = 0;
      fc.assert(
        fc.property(fc.array(moment, { maxLength: 60 }), moments => {
          const history: Taken[] = [];
          let now = AT.coreHours;
          for (const { minutes, fails, isFull, forbidden } of moments) {
            now = new Date(now.getTime() + minutes * MINUTE);
            const observed: Observed = {
              failing: fails ? [{ probe: 'transaction', since: new Date(0) }] : [],
              firing: isFull ? ['ManagedVMFileSystemFull'] : [],
              forbidding: { ...ALL_CLEAR, ...Object.fromEntries(forbidden.map(each => [each, true])) },
            };
            const remedy = remedyFor({ ladder, level, calendar, observed, history, now });
            if (!('rung' in remedy)) continue;
            const { name, maxPer } = remedy.rung;
            expect(level).not.toBe('Basic');
            const period = maxPer.hours * 60 * MINUTE;
            const within = history.filter(each => each.rung === name && now.getTime() - each.at.getTime() < period);
            expect(within.length).toBeLessThan(maxPer.count);
            for (const { rung, at } of history) {
              const { cooldownMinutes = 0 } = ladder.find(each => each.name === rung) ?? {};
              expect(now.getTime() - at.getTime()).toBeGreaterThanOrEqual(cooldownMinutes * MINUTE);
            }
            history.push({ rung: name, at: now });
            acted += 1;
          }
        }),
      );
      expect(acted > 0).toBe(level !== 'Basic');
    },
  );
});
