import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GuestUpdates } from '../../api/guestupdates.ts';
import { firstSeenOf, isNews, recordedUpdates, severityOf } from './seen.ts';
import { recordedAfter, scan, update } from './update.fixtures.ts';
import type { Severity } from './update.ts';

const DAYS = ['2026-11-21', '2026-11-22', '2026-11-23', '2026-11-24'].map(day => `${day}T03:00:00Z`) as [
  string,
  string,
  string,
  string,
];
const [FIRST, SECOND, THIRD, FOURTH] = DAYS;

describe('since when an update is missing', () => {
  it('MO-10: is when it was first seen, however often it is seen again', () => {
    const [openssl] = recordedAfter(scan(FIRST, [update()]), scan(SECOND, [update()])).missing;
    expect(openssl?.versions).toMatchObject([{ version: '3.5.1-1+deb13u1', firstSeen: FIRST }]);
  });

  it('MO-10: is not reset by a newer version that supersedes it, nor is it less grave', () => {
    const newer = update({ to: '3.5.1-1+deb13u2', severity: 'Low', advisories: [] });
    const [openssl] = recordedAfter(scan(FIRST, [update({ severity: 'Critical' })]), scan(SECOND, [newer])).missing;
    expect(openssl && [firstSeenOf(openssl), severityOf(openssl)]).toEqual([FIRST, 'Critical']);
    expect(openssl?.versions.map(({ version }) => version)).toEqual(['3.5.1-1+deb13u1', '3.5.1-1+deb13u2']);
  });

  it('MO-10: is, once an older version was installed, when the next one was first seen', () => {
    const [v1, v2, v3] = ['1', '2', '3'].map(to => update({ to: `3.5.1-1+deb13u${to}` }));
    if (!v1 || !v2 || !v3) throw new Error('three versions');
    const ringInstalledFirst = { ...v3, from: v1.to };
    const [openssl] = recordedAfter(
      ...[scan(FIRST, [v1]), scan(SECOND, [v2]), scan(THIRD, [v3]), scan(FOURTH, [ringInstalledFirst])],
    ).missing;
    expect(openssl && firstSeenOf(openssl)).toBe(SECOND);
  });

  it('begins anew once the update was installed', () => {
    const next = update({ from: '3.5.1-1+deb13u1', to: '3.5.1-1+deb13u2' });
    const [openssl] = recordedAfter(scan(FIRST, [update()]), scan(SECOND, []), scan(THIRD, [next])).missing;
    expect(openssl && firstSeenOf(openssl)).toBe(THIRD);
  });

  it('stays where a scan has read only some of the sources and does not list it', () => {
    const partly = scan(SECOND, [], { complete: false });
    const record = recordedAfter(scan(FIRST, [update()]), partly, scan(THIRD, [update()]));
    expect(record.missing.map(firstSeenOf)).toEqual([FIRST]);
    expect(recordedAfter(scan(FIRST, [update()]), partly).missing.map(firstSeenOf)).toEqual([FIRST]);
  });

  it('is that of the version that is still offered where a newer one was withdrawn', () => {
    const [openssl] = recordedAfter(
      ...[scan(FIRST, [update()]), scan(SECOND, [update({ to: '3.5.1-1+deb13u2' })]), scan(THIRD, [update()])],
    ).missing;
    expect(openssl?.versions).toMatchObject([{ version: '3.5.1-1+deb13u1', firstSeen: FIRST }]);
  });

  it('MO-10: is since its first forerunner was seen where another name replaces it, as each month does in Windows', () => {
    const month = (kb: string, id: string, replaces: readonly string[] = []) =>
      update({ ...{ package: kb, architecture: 'all', from: undefined }, to: `${id}.200`, replaces });
    const october = month('KB1', 'a1');
    const november = month('KB2', 'b2', ['a1']);
    const december = month('KB3', 'c3', ['a1', 'b2']);
    const record = recordedAfter(scan(FIRST, [october]), scan(SECOND, [november]), scan(THIRD, [december]));
    expect(record.missing).toMatchObject([
      {
        package: 'KB3',
        versions: [
          { version: 'a1.200', firstSeen: FIRST },
          { version: 'b2.200', firstSeen: SECOND },
          { version: 'c3.200', firstSeen: THIRD },
        ],
      },
    ]);
    const other = recordedAfter(scan(FIRST, [october]), scan(SECOND, [month('KB2', 'b2', ['x'])]));
    expect(other.missing.map(firstSeenOf)).toEqual([SECOND]);
    const done = recordedAfter(scan(FIRST, [october]), scan(SECOND, []), scan(THIRD, [november]));
    expect(done.missing.map(firstSeenOf)).toEqual([THIRD]);
  });

  it('of one architecture says nothing of another', () => {
    const record = recordedAfter(scan(FIRST, [update()]), scan(SECOND, [update(), update({ architecture: 'i386' })]));
    expect(record.missing.map(each => [each.architecture, firstSeenOf(each)])).toEqual([
      ['amd64', FIRST],
      ['i386', SECOND],
    ]);
  });

  it('the oldest advisory counts, without a date from the future, which would never be due', () => {
    const advisories = [
      { id: 'DSA-3', severity: 'Low', issued: '2999-01-01T00:00:00Z' },
      { id: 'DSA-2', severity: 'Low', issued: '2026-11-20T00:00:00Z' },
      { id: 'DSA-1', severity: 'Low', issued: '2026-11-01T00:00:00Z' },
    ] as const;
    const advisoryOf = (...few: readonly (typeof advisories)[number][]) =>
      recordedAfter(scan(FIRST, [update({ advisories: few })])).missing[0]?.versions[0]?.advisory;
    expect(advisoryOf(...advisories)).toEqual({ id: 'DSA-1', issued: '2026-11-01T00:00:00Z' });
    expect(advisoryOf(advisories[0])).toEqual({ id: 'DSA-3' });
  });

  it('is never reset while the package stays as it is, whatever is offered, in whatever order', () => {
    const severity = fc.constantFrom<Severity>('Critical', 'Important', 'Moderate', 'Low', 'Unknown');
    const offered = fc.record({
      to: fc.integer({ min: 1, max: 30 }).map(String),
      severity,
      security: fc.constantFrom(true, false, undefined),
      complete: fc.boolean(),
      listed: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(offered, { minLength: 1, maxLength: 40 }), rounds => {
        let before = recordedUpdates(scan(FIRST, [update({ severity: 'Critical', to: '0' })]), undefined);
        for (const [day, { complete, listed, ...changes }] of rounds.entries()) {
          const at = new Date(Date.parse(SECOND) + day * 86_400_000).toISOString();
          // Only what has read all sources can say that it is not missing any more.
          const updates = complete || listed ? [update(changes)] : [];
          before = recordedUpdates(scan(at, updates, { complete }), before);
          const withdrawn = before.missing[0]?.versions[0]?.firstSeen !== FIRST;
          expect(withdrawn).toBe(false);
        }
      }),
    );
  });
});

describe('what is recorded of a scan', () => {
  it('always follows its schema, whatever the guest says', () => {
    const words = fc.oneof(fc.string({ maxLength: 200 }), fc.constantFrom('a b', '$(reboot)', 'é', 'x'.repeat(300)));
    const hostile = fc.record({
      ...{ package: words, architecture: words, to: words, from: fc.option(words, { nil: undefined }) },
      origins: fc.array(words, { maxLength: 2 }),
      advisories: fc.array(
        fc.record(
          { id: words, severity: fc.constant<Severity>('Low'), issued: words },
          { requiredKeys: ['id', 'severity'] },
        ),
        { maxLength: 2 },
      ),
    });
    const system = fc.record({ id: words, version: words, codename: words });
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 20 }), system, (updates, says) => {
        const record = recordedUpdates(scan(FIRST, updates.map(update), { system: says }), undefined);
        expect(GuestUpdates.safeParse(record).success).toBe(true);
        expect(record.missing.length + (record.notListed ?? 0)).toBeLessThanOrEqual(updates.length);
      }),
    );
  });

  it('lists what cannot be named as one more, and never drops it without a word', () => {
    const record = recordedAfter(scan(FIRST, [update(), update({ package: 'a b' })]));
    expect([record.missing.length, record.notListed]).toEqual([1, 1]);
  });

  it('has the gravest 200 of them, and counts all', () => {
    const many = Array.from({ length: 250 }, (_, each) =>
      update({ package: `p${each}`, security: each >= 240, severity: each === 249 ? 'Critical' : 'Low' }),
    );
    const record = recordedAfter(scan(FIRST, many));
    expect(record).toMatchObject({ notListed: 50, count: { Critical: 1, Low: 249 } });
    expect(record.missing).toHaveLength(200);
    expect(record.missing[0]?.package).toBe('p249');
    expect(record.missing.slice(0, 10).every(({ versions }) => versions[0]?.security)).toBe(true);
  });

  it('remembers at most eight versions of a package, the first of them too', () => {
    const rounds = Array.from({ length: 20 }, (_, day) =>
      scan(`2026-11-${String(day + 1).padStart(2, '0')}T03:00:00Z`, [update({ to: `2.${day}` })]),
    );
    const [openssl] = recordedAfter(...rounds).missing;
    expect(openssl?.versions).toHaveLength(8);
    expect(openssl && firstSeenOf(openssl)).toBe('2026-11-01T03:00:00Z');
    expect(openssl?.versions.at(-1)?.version).toBe('2.19');
  });

  it('is written when it says something else, or once a day', () => {
    const [now, soon, nextDay] = [FIRST, '2026-11-21T09:00:00Z', SECOND].map(at => recordedAfter(scan(at, [])));
    if (!now || !soon || !nextDay) throw new Error('three records');
    expect([isNews(undefined, now), isNews(now, soon), isNews(now, nextDay)]).toEqual([true, false, true]);
    expect(isNews(now, { ...soon, rebootPending: true })).toBe(true);
  });
});
