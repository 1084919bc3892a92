import { describe, expect, it } from 'vitest';
import type { ManagedVM } from '../../api/managedvm.ts';
import { assess } from '../managedvm/assess.ts';
import { input, managedVM } from '../managedvm/assessment.fixtures.ts';
import { guestFacts, looked, SINCE } from './guest.fixtures.ts';
import { guestNews } from './news.ts';

const stranger = (name: string) => ({ kind: 'Account', name, detail: 'uid 1001', since: SINCE });
const contact = (outcome: string) => ({ contact: { outcome, since: SINCE } });

/** What each of several looks is news of. */
function looks(...records: readonly Readonly<Record<string, unknown>>[]): readonly (readonly string[])[] {
  let order: ManagedVM = managedVM();
  return records.map(change => {
    const assessment = assess(input({ managedVM: order, guest: guestFacts(looked(change)) }));
    const news = guestNews(order, assessment);
    const conditions = assessment.conditions.map(each => ({ ...each, lastTransitionTime: SINCE }));
    order = managedVM({}, { status: { ...assessment.status, conditions } });
    return news.map(({ reason, message }) => `${reason}: ${message}`);
  });
}

describe('MO-16: what an event tells of the inside of a guest', () => {
  it('is what nobody ordered, when it is first seen', () => {
    const [mallory, eve] = [stranger('mallory'), stranger('eve')];
    expect(
      looks({}, { foreign: [mallory] }, { foreign: [mallory] }, { foreign: [eve, mallory] }, { foreign: [] }),
    ).toEqual([
      [],
      ['AccessNotOrdered: Found in the guest, and ordered by nobody: account "mallory" ("uid 1001").'],
      [],
      ['AccessNotOrdered: Found in the guest, and ordered by nobody: account "eve" ("uid 1001").'],
      [],
    ]);
  });

  it('is not more than one event with six names, however many there are', () => {
    const many = Array.from({ length: 32 }, (_, index) => stranger(`user-${index}`));
    const [[event = '', ...others] = []] = looks({ foreign: many });
    expect(event).toContain(', and 26 more.');
    expect(others).toEqual([]);
  });

  it('is a setting that was put back, each time that its count grows, and in the same words', () => {
    const drift = (healed: number) => ({
      drift: { healed, last: { setting: 'account:kim', before: 'it has a password', after: 'as ordered', at: SINCE } },
    });
    const told =
      'SettingPutBack: account:kim was changed in the guest, and is as ordered again; found was "it has a password".';
    expect(looks({}, drift(1), drift(1), drift(3), {})).toEqual([[], [told], [], [told], []]);
  });

  it('is another host key, where the guest was not reached before: that it is broken has been told, and not this', () => {
    expect(looks(contact('NoAnswer'), contact('HostKeyMismatch'), contact('HostKeyMismatch'))).toEqual([
      [],
      [expect.stringMatching(/^HostKeyMismatch: GuestReachable is broken: .* another host key/)],
      [],
    ]);
    expect(looks({}, contact('HostKeyMismatch'))).toEqual([[], []]);
  });
});
