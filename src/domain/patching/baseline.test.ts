import { describe, expect, it } from 'vitest';
import { BASELINE_VERSIONS, BaselineContent } from '../../api/patchbaseline.ts';
import { standing } from './approve.ts';
import { baselineContent, type Found, proofOf } from './baseline.ts';
import type { Proven } from './rings.ts';
import { approvalTerms } from './terms.fixtures.ts';
import { missingSince, recordedAfter, scan, update } from './update.fixtures.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const [OLD, NEW] = ['3.5.1-1+deb13u1', '3.5.1-1+deb13u2'] as const;
const proven = (version: string, name = 'openssl'): ReadonlyMap<string, Proven> =>
  new Map([[name, { version, at: NOW, installedAt: new Date('2026-11-23T12:00:00Z') }]]);

function found(changes: Partial<Found> = {}): Found {
  return { before: undefined, offered: [missingSince('2026-11-21T03:00:00Z')], proven: [], now: NOW, ...changes };
}

/** The canary has proven the older version; the newer one was seen since. */
const offered = recordedAfter(
  scan('2026-11-21T03:00:00Z', [update()]),
  scan('2026-11-24T03:00:00Z', [update({ to: NEW })]),
).missing;
const canary = { ring: 'canary', content: proven(OLD) };
const whole = baselineContent(found({ offered, proven: [canary] }));
const content = whole.versions;

describe('MO-11: the content that rings prove', () => {
  it('has what was seen, since when, and what was proven of it, and follows its schema', () => {
    expect(BaselineContent.parse(whole)).toEqual(whole);
    expect(whole).toMatchObject({
      ...{ revision: 1, seen: 1, proven: 1 },
      versions: [
        { package: 'openssl', version: OLD, firstSeen: '2026-11-21T03:00:00Z', advisory: 'DSA-6012-1' },
        { package: 'openssl', version: NEW, firstSeen: '2026-11-24T03:00:00Z' },
      ],
    });
    expect(content.map(each => each.proven)).toEqual([[{ ring: 'canary', at: '2026-11-24T12:00:00Z' }], undefined]);
  });

  it('ring two installs what the canary has proven although a newer version has appeared', () => {
    const guest = missingSince('2026-11-15T03:00:00Z', { to: NEW });
    const proof = proofOf(guest, content, 'canary');
    const asked = { terms: approvalTerms(), proof, failure: undefined, now: NOW };
    expect(standing(guest, asked)).toMatchObject({ bucket: 'InSLA', install: OLD });
    const canaryItself = { ...asked, proof: 'NotNeeded' as const };
    expect(standing(guest, canaryItself).install).toBe(NEW);
  });

  it('nothing older than what is installed is offered, and nothing that another ring has proven', () => {
    expect(proofOf(missingSince('2026-11-24T03:00:00Z', { from: OLD, to: NEW }), content, 'canary')).toEqual({
      ...{ ring: 'canary', version: undefined },
    });
    expect(proofOf(missingSince('2026-11-24T03:00:00Z', { from: NEW, to: '4' }), content, 'canary')).toEqual({
      ...{ ring: 'canary', version: undefined },
    });
    expect(proofOf(offered[0] ?? missingSince(''), content, 'early')).toEqual({ ring: 'early', version: undefined });
  });

  it('stays proven when the ring says nothing of it any more', () => {
    const later = baselineContent(found({ before: whole, offered: [] }));
    expect(later.versions).toEqual(whole.versions);
    expect(later.revision).toBe(1);
  });

  it('is the same for the same findings, and of a new revision when something more is proven', () => {
    expect(baselineContent(found({ before: whole, offered, proven: [canary], now: new Date(0) }))).toEqual(whole);
    const more = baselineContent(found({ before: whole, offered, proven: [{ ring: 'canary', content: proven(NEW) }] }));
    expect([more.revision, more.versions.map(({ version }) => version)]).toEqual([2, [NEW]]);
  });

  it('keeps of each ring the newest that it has proven', () => {
    const early = { ring: 'early', content: proven(OLD) };
    const next = baselineContent(
      found({ before: whole, offered, proven: [{ ring: 'canary', content: proven(NEW) }, early] }),
    );
    expect(next.versions.map(each => [each.version, each.proven?.map(({ ring }) => ring)])).toEqual([
      [OLD, ['canary', 'early']],
      [NEW, ['canary']],
    ]);
  });

  it('firstSeen is not reset by another guest that sees it later', () => {
    const later = baselineContent(found({ before: whole, offered: [missingSince('2026-11-25T03:00:00Z')] }));
    expect(later.versions[0]?.firstSeen).toBe('2026-11-21T03:00:00Z');
  });

  it('has what a run installed that no scan had seen before it', () => {
    const next = baselineContent(found({ offered: [], proven: [{ ring: 'canary', content: proven('9', 'curl') }] }));
    expect(next.versions).toEqual([
      {
        ...{ package: 'curl', version: '9', severity: 'Unknown', firstSeen: '2026-11-23T12:00:00Z' },
        proven: [{ ring: 'canary', at: '2026-11-24T12:00:00Z' }],
      },
    ]);
  });

  it('is bounded, says how many are left out, and is far below what etcd takes', () => {
    const one = missingSince('2026-11-21T03:00:00Z');
    const many = Array.from({ length: BASELINE_VERSIONS + 5 }, (_, each) => ({ ...one, package: `lib${each}` }));
    const full = baselineContent(found({ offered: many, proven: [] }));
    expect([full.versions.length, full.left]).toEqual([BASELINE_VERSIONS, 5]);
    expect(JSON.stringify(full).length).toBeLessThan(700_000);
  });
});
