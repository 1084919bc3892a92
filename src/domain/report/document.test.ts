import { describe, expect, it } from 'vitest';
import type { DayFacts } from './day.ts';
import { documentOf } from './document.ts';
import type { Stretch } from './format.ts';
import { hashOfLines } from './hash.ts';
import { htmlOf } from './html.ts';
import { closeMonth } from './month.ts';
import { closed, entriesOf, hashed, VM } from './report.fixtures.ts';
import type { Language } from './words.ts';

const HOSTILE = '<img src=x onerror=alert(1)> & "quoted"';
const entries = entriesOf([
  { at: '2026-11-30T20:00:00.000Z', after: VM },
  {
    ...{ at: '2026-12-01T09:00:00.000Z', kind: 'Incident', name: 'inc-1', person: 'kim' },
    after: {
      'spec.subject': { kind: 'ManagedVM', name: 'shop-db', uid: 'shop-db' },
      'spec.rating.priority': 'P2',
      'spec.handling.resolution.cause': HOSTILE,
      'status.phase': 'Resolved',
      'status.response': { target: '1h', state: 'Stopped', breached: true },
    },
  },
  {
    ...{ at: '2026-12-01T09:30:00.000Z', kind: 'ChangeRequest', name: 'chg-1' },
    after: {
      'spec.title': 'Upgrade',
      'status.waitingFor': { what: 'Agreement', whom: ['Customer'], until: '2026-12-08T11:00:00Z' },
    },
  },
]);
const bad: Partial<DayFacts> = { measured: () => ({ bad: [[100, 160]] as Stretch[], noData: [] }) };
const lines = closeMonth({
  ...{ month: '2026-12', since: '2026-12-01', gaps: [] },
  days: [hashed(closed(0, entries, { first: 1, last: 3 }, bad))],
});
const facts = {
  lines,
  sha256: hashOfLines(lines),
  closedAt: '2027-01-01T00:31:00Z',
  comment: { text: 'Ein ruhiger Monat.', by: 'kim' },
};
const pageIn = (language: Language) => htmlOf(documentOf({ ...facts, language }));

describe('a rendered report', () => {
  it('GE-8: says on its first page how many promises were kept, which were not and why, what is to be decided, and a word of a person', () => {
    const { front } = documentOf({ ...facts, language: 'en' });
    const text = JSON.stringify(front);
    expect(text).toContain('1 of 3 promises were kept.');
    expect(text).toContain('acme/shop-db was available for 95.833 % at most; promised are 99.9 %.');
    expect(text).toContain('inc-1 (ManagedVM shop-db): the response took longer than 1h');
    expect(text).toContain('Upgrade (change chg-1 in acme), until 8 Dec 2026, 12:00');
    expect(text).toContain('“Ein ruhiger Monat.” (kim)');
  });

  it('GE-8: says the same in German, with times of the zone of the contract', () => {
    const page = pageIn('de');
    expect(page).toContain('<html lang="de">');
    expect(page).toContain('1 von 3 Zusagen wurden eingehalten.');
    expect(page).toContain('höchstens 95,833 % der Zeit verfügbar; zugesagt sind 99,9 %');
    expect(page).toContain('Servicebericht Dezember 2026');
    expect(page).toContain(facts.sha256);
  });

  it('GE-8: holds all of itself: nothing is fetched, nothing runs, and what people have written is text', () => {
    const page = pageIn('en');
    expect(page).toContain(`default-src 'none'; style-src 'unsafe-inline'`);
    expect(page).not.toMatch(/<(script|img|link|iframe|object)\b|<[^>]*\b(src|href|on\w+)=|url\(|@import|https?:/);
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quoted&quot;');
  });

  it('GE-8: is made of tables with heads, and says in words what its figure shows', () => {
    const page = pageIn('en');
    expect(page.match(/<table>/g)?.length).toBe(page.match(/<caption>[^<]+<\/caption><thead>/g)?.length);
    expect(page).toMatch(/<svg [^>]*role="img" aria-label="1 of 3 promises were kept\."/);
    expect(page).not.toContain('undefined');
    expect(page).not.toContain('Invalid Date');
  });

  it('MO-16: is the same page each time', () => expect(pageIn('de')).toBe(pageIn('de')));

  it('GE-8: is refused of lines that are no report', () => {
    expect(() => documentOf({ ...facts, language: 'de', lines: ['{"line":"Day"}'] })).toThrow(/no Report/);
  });
});
