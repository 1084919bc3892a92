import { describe, expect, it } from 'vitest';
import { type Incident, IncidentSpec } from '../../api/incident.ts';
import { DOUBT_MS, DOUBT_OVER_MS, type Doubt, isDoubtOver, keptAs, MOST_IN_NAMESPACE, MOST_UNPROVEN } from './doubt.ts';
import { FIRED, labels, NOW, named, uid } from './intake.fixtures.ts';

const later = (ms: number) => new Date(NOW.getTime() + ms);
function doubtOf(index = 0, namespace = 'acme', alert = labels('ManagedVMDown', { n: `${index}` })): Doubt {
  return {
    pointer: { name: 'ManagedVMDown', firing: true, labels: alert, startsAt: FIRED, endsAt: undefined },
    subject: { ...named, namespace, uid: `${uid}-${index}` },
    ...{ why: 'NotFiring', message: 'The rule ManagedVMDown does not fire for shop-db.', since: NOW, last: NOW },
  };
}
const kept = (doubt: Doubt, incidents: readonly Incident[] = [], ms = DOUBT_MS) => keptAs(doubt, incidents, later(ms));
/** All that are kept of so many, each asked for in turn. */
function storm(doubts: readonly Doubt[]): readonly Incident[] {
  const so: Incident[] = [];
  for (const doubt of doubts) so.push(...[kept(doubt, so)].flatMap(each => each ?? []));
  return so;
}

describe('MO-13, MO-14: an alert that is not proven', () => {
  it('is kept for a person to see once it has gone on for three minutes, with why', () => {
    expect(kept(doubtOf(), [], DOUBT_MS - 1)).toBeUndefined();
    const incident = kept(doubtOf());
    expect(IncidentSpec.safeParse(incident?.spec).error).toBeUndefined();
    expect(incident).toMatchObject({
      metadata: { namespace: 'acme', name: expect.stringMatching(/^inc-[0-9a-f]{16}-unproven$/) },
      spec: { proof: { verdict: 'Unproven', message: 'NotFiring: The rule ManagedVMDown does not fire for shop-db.' } },
    });
  });

  it('is one of its system, however many are raised about it', () => {
    expect(storm(Array.from({ length: 5_000 }, () => doubtOf(1)))).toHaveLength(1);
  });

  it('is one of few in a namespace, and of few in all: who forges thousands makes no thousands', () => {
    expect(storm(Array.from({ length: 500 }, (_, index) => doubtOf(index)))).toHaveLength(MOST_IN_NAMESPACE);
    const many = Array.from({ length: 500 }, (_, index) => doubtOf(index, `tenant-${index % 50}`));
    expect(storm(many)).toHaveLength(MOST_UNPROVEN);
  });

  it('leaves out what no label may be, and its own words', () => {
    const hostile = labels('ManagedVMDown', { 'a b': 'x', é: 'y', text: `line\n${'z'.repeat(1000)}` });
    const incident = kept(doubtOf(0, 'acme', hostile));
    expect(IncidentSpec.safeParse(incident?.spec).error).toBeUndefined();
    expect(incident?.spec.alert?.summary).toBeUndefined();
  });

  it('is over when nobody has told of it for ten minutes, and not before this process has listened for as long', () => {
    const incident = kept(doubtOf()) as Incident;
    const over = (last: Date | undefined, began: Date, ms: number) =>
      isDoubtOver(incident, () => last, began, later(ms));
    expect(over(NOW, NOW, DOUBT_OVER_MS - 1)).toBe(false);
    expect(over(NOW, NOW, DOUBT_OVER_MS)).toBe(true);
    expect(over(undefined, later(60_000), DOUBT_OVER_MS)).toBe(false);
  });
});
