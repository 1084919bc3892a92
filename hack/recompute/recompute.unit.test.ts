import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Measured } from '../../src/domain/report/day.ts';
import type { Stretch } from '../../src/domain/report/format.ts';
import { hashOfLines } from '../../src/domain/report/hash.ts';
import { closeMonth } from '../../src/domain/report/month.ts';
import {
  closed,
  DAY_MS,
  entriesOf,
  hashed,
  LEVEL,
  PLAN,
  type Said,
  START,
  VM,
} from '../../src/domain/report/report.fixtures.ts';
import { recompute } from './recompute.ts';

/** Random lives of a few systems, with what people and sensors said of them. */
const history = fc
  .record({
    days: fc.integer({ min: 1, max: 6 }),
    missing: fc.integer({ min: 0, max: 7 }),
    events: fc.array(fc.record({ minute: fc.nat(6 * 1440 - 1), who: fc.nat(3), act: fc.nat(9) }), { maxLength: 60 }),
    measured: fc.array(fc.tuple(fc.nat(1439), fc.integer({ min: 1, max: 300 }), fc.boolean(), fc.boolean()), {
      maxLength: 12,
    }),
    plan: fc.constantFrom('99.9', '99', '100', ''),
  })
  .map(({ days, missing, events, measured, plan }) => {
    const records = entriesOf(said(events));
    const lines = Array.from({ length: days }, (_, index) => {
      const to = START + (index + 1) * DAY_MS;
      const inDay = records.filter(({ at }) => Date.parse(at) < to);
      const before = records.filter(({ at }) => Date.parse(at) < to - DAY_MS).length;
      return closed(
        index,
        records,
        { first: before + 1, last: inDay.length },
        {
          measured: (_kind, _namespace, name) => sensor(measured, name.length + index),
          plans:
            index % 3 === 2
              ? [{ ...PLAN, revision: 'sha256:2', spec: plan === '' ? {} : { availability: { target: plan } } }]
              : [PLAN],
          missing: index === missing ? ['Prometheus did not answer.'] : [],
        },
      );
    });
    return lines.flatMap((day, index) =>
      index + 1 === missing ? [] : [[`2026-12-${String(index + 1).padStart(2, '0')}`, day] as const],
    );
  })
  .filter(days => days.length > 0);

function sensor(measured: readonly (readonly [number, number, boolean, boolean])[], salt: number): Measured {
  const of = (isBad: boolean) =>
    measured
      .filter(each => each[2] === isBad)
      .map(([from, length, , odd]): Stretch => {
        const start = (from + salt * 37) % 1440;
        return odd ? [start, Math.min(1440, start + length)] : [start, Math.min(1440, start + 1)];
      });
  return salt % 11 === 0 ? undefined : { bad: of(true), noData: of(false) };
}

/** Each act is one that can follow any other: what is gone comes back under another UID. */
function said(events: readonly { minute: number; who: number; act: number }[]): Said[] {
  const lives = new Map<string, number>();
  return events
    .toSorted((a, b) => a.minute - b.minute)
    .flatMap(({ minute, who, act }): Said[] => {
      const at = new Date(START + minute * 60_000 + 500).toISOString();
      const name = ['db', 'shop-web', 'mail', 'cache-1'][who] ?? 'db';
      const life = lives.get(name) ?? 0;
      const uid = `${name}-${Math.ceil(life / 2)}`;
      if (life % 2 === 0) {
        lives.set(name, life + 1);
        return [{ at, name, uid: `${name}-${Math.ceil((life + 1) / 2)}`, after: VM }];
      }
      const changed = (after: NonNullable<Said['after']>): Said[] => [{ at, what: 'Changed', name, uid, after }];
      const incident = { at, kind: 'Incident', name: `inc-${uid}`, uid: `inc-${uid}` };
      switch (act) {
        case 0:
          lives.set(name, life + 1);
          return [{ at, what: 'Gone', name, uid, before: VM }];
        case 1:
          return changed({ 'spec.serviceLevel': minute % 2 === 0 ? 'Admin' : LEVEL });
        case 2:
          return changed({ 'spec.powerState': minute % 3 === 0 ? 'Running' : 'Stopped' });
        case 3:
          return changed({
            'condition.PatchCompliant':
              ['True InTime', 'False Overdue', 'Unknown NotScanned', 'Unknown NotIncluded'][minute % 4] ?? '',
          });
        case 4:
          return changed({ 'condition.Supported': minute % 2 === 0 ? 'True Supported' : 'False Ended' });
        case 5:
        case 6: {
          const phase = ['New', 'InProgress', 'WaitingForCustomer', 'Resolved', 'Closed'][minute % 5] ?? '';
          const clock = (breached: boolean) => ({
            target: '1h',
            state: phase === 'Closed' ? 'Stopped' : 'Running',
            breached,
          });
          return [
            {
              ...{ ...incident, what: 'Standing', person: 'kim' },
              after: {
                'spec.subject': { kind: 'ManagedVM', name, uid },
                ...(minute % 2 === 0 ? { 'spec.rating': { priority: 'P2' } } : { 'spec.rating.priority': 'P1' }),
                ...(minute % 3 === 0
                  ? { 'spec.handling.resolution.cause': `disk ${minute}` }
                  : { 'spec.handling.resolution': { cause: `disk ${minute}`, outcome: 'Mended' } }),
                'spec.handling.waitingForCustomer': { by: 'kim', reason: 'answer' },
                'status.phase': phase,
                'status.response': clock(minute % 7 === 0),
                'status.resolution': clock(minute % 2 === 0),
              },
            },
          ];
        }
        default: {
          const window = {
            notBefore: at.replace(/\.\d+Z/, 'Z'),
            notAfter: new Date(START + minute * 60_000 + act * 900_000).toISOString().replace('.000Z', 'Z'),
          };
          return [
            {
              ...{ at, kind: 'ChangeRequest', name: `chg-${minute}`, person: act === 8 ? 'anna' : 'zoë' },
              after: {
                'spec.target': { kind: 'ManagedVM', name, uid },
                'spec.title': 'Größere Platte „data“',
                'spec.preApprovedBy': { kind: 'PatchPolicy', name: 'standard' },
                'status.window': window,
                'status.waitingFor': { what: 'Agreement', whom: [minute % 2 === 0 ? 'Customer' : 'Provider'] },
                'condition.Agreed': act === 9 ? 'False Waiting' : 'True Agreed',
              },
            },
          ];
        }
      }
    });
}

describe('a report', () => {
  const runs = Number(process.env.RECOMPUTE_RUNS ?? 40);

  it('MO-16: is recomputed byte for byte from its days by a program that shares nothing with Steward', () => {
    fc.assert(
      fc.property(history, days => {
        const texts = new Map<string, string>(
          days.map(([day, lines]) => [day, lines.map(line => `${line}\n`).join('')]),
        );
        const last = days.at(-1)?.[0] ?? '';
        const between = Array.from({ length: 31 }, (_, index) => `2026-12-${String(index + 1).padStart(2, '0')}`);
        const gaps = between.filter(day => !texts.has(day));
        const lines = closeMonth({
          month: '2026-12',
          since: '2026-12-01',
          days: days.map(([, of]) => hashed(of)),
          gaps,
        });
        const again = recompute('2026-12', '2026-12-01', day => texts.get(day));
        expect(again).toEqual(lines);
        expect(last).not.toBe('');
        expect(hashOfLines(again)).toBe(hashOfLines(lines));
      }),
      { numRuns: runs },
    );
  }, 120_000);
});
