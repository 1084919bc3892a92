import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Notice, NoticeStatus } from '../../api/notice.ts';
import { begun, decide, ended, givenUp, type Outcome, RETRY_SECONDS } from './delivery.ts';
import { NOW, noticeOf } from './notice.fixtures.ts';

const later = (from: Date, seconds: number) => new Date(from.getTime() + seconds * 1_000);
const failed: Outcome = { is: 'Failed', says: 'it answered with status 500' };
const noticeWith = (status: Notice['status']): Notice => noticeOf({}, status);

describe('GE-8: a notice', () => {
  it('is sent at once, and what is sent was written before', () => {
    expect(decide(noticeOf(), false, NOW)).toEqual({ do: 'Send' });
    expect(begun(undefined, NOW)).toEqual({ phase: 'Sending', tries: 1, triedAt: '2026-11-30T20:00:00Z' });
  });

  it('that was taken is never sent again', () => {
    const sent = ended(begun(undefined, NOW), { is: 'Taken', says: 'It answered with status 204' }, NOW);
    expect(sent).toMatchObject({ phase: 'Sent', sentAt: '2026-11-30T20:00:00Z', tries: 1 });
    expect(decide(noticeWith(sent), false, later(NOW, 1))).toMatchObject({ do: 'Wait' });
  });

  it('whose receiver refuses it for good is dead at the first try', () => {
    const status = ended(
      begun(undefined, NOW),
      { is: 'Refused', says: 'the server refused it: 550 no such user' },
      NOW,
    );
    expect(status).toMatchObject({ phase: 'Dead', tries: 1, endedAt: '2026-11-30T20:00:00Z' });
    expect(status.message).toBe('Try 1: the server refused it: 550 no such user. It says so for good.');
  });

  it('that fails is tried ten times over three days, and is dead then', () => {
    let [status, now] = [begun(undefined, NOW), NOW];
    const waits: number[] = [];
    for (;;) {
      status = ended(status, failed, now);
      if (status.phase === 'Dead') break;
      expect(decide(noticeWith(status), false, now)).toEqual({ do: 'Wait', until: new Date(status.nextTryAt ?? '') });
      waits.push((Date.parse(status.nextTryAt ?? '') - now.getTime()) / 1_000);
      now = new Date(status.nextTryAt ?? '');
      expect(decide(noticeWith(status), false, now)).toEqual({ do: 'Send' });
      status = begun(status, now);
    }
    expect(waits).toEqual([...RETRY_SECONDS]);
    expect(status.tries).toBe(10);
    expect(status.message).toBe('Try 10, the last: it answered with status 500.');
  });

  it('waits as long as the receiver asks, a day at most', () => {
    const wait = (retryAfterMs: number) =>
      (Date.parse(ended(begun(undefined, NOW), { ...failed, retryAfterMs }, NOW).nextTryAt ?? '') - NOW.getTime()) /
      1_000;
    expect([wait(120_000), wait(1), wait(10 * 86_400_000)]).toEqual([120, 5, 86_400]);
  });

  it('of which nobody knows how its try ended is tried again, but not while it may still be under way', () => {
    const lost = noticeWith(begun(undefined, NOW));
    expect(decide(lost, false, later(NOW, 30))).toEqual({ do: 'Wait', until: later(NOW, 60) });
    expect(decide(lost, false, later(NOW, 60))).toEqual({ do: 'Send' });
    expect(begun(lost.status, later(NOW, 60)).tries).toBe(2);
  });

  it('that is no news any more is given up, with what was the matter', () => {
    const status = ended(begun(undefined, NOW), failed, NOW);
    const decision = decide(noticeOf({ until: '2026-11-30T20:00:00Z' }, status), false, NOW);
    expect(decision).toMatchObject({ do: 'GiveUp' });
    expect(decision.do === 'GiveUp' && givenUp(status, decision.why, NOW).message).toMatch(
      /^It was no news any more at 2026-11-30T20:00:00Z\. Try 1: it answered with status 500\./,
    );
  });

  it('that a restore brought is a copy: nobody is told twice', () => {
    const { metadata, ...rest } = noticeOf();
    const copy = { ...rest, metadata: { ...metadata, creationTimestamp: '2026-11-30T20:10:00Z' } };
    expect(decide(copy, false, NOW)).toMatchObject({ do: 'GiveUp' });
  });

  it('is forgotten 30 days after its end, a beginning that waits for its end after 400', () => {
    const sent = noticeWith(ended(begun(undefined, NOW), { is: 'Taken', says: 'ok' }, NOW));
    const days = (isOpen: boolean) => {
      const decision = decide(sent, isOpen, NOW);
      return decision.do === 'Wait' && (decision.until.getTime() - Date.parse(sent.spec.until)) / 86_400_000;
    };
    expect([days(false), days(true)]).toEqual([30, 400]);
    expect(decide(sent, false, new Date('2027-01-06T19:00:00Z'))).toEqual({ do: 'Forget' });
  });

  it('has a status that the API server takes, whatever a receiver says', () => {
    const says = fc.string({ maxLength: 700, unit: 'binary' });
    const outcome = fc.oneof(
      fc.record({ is: fc.constantFrom('Taken' as const, 'Refused' as const), says }),
      fc.record({ is: fc.constant('Failed' as const), says, retryAfterMs: fc.integer({ min: 0, max: 1e12 }) }),
    );
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 1, maxLength: 4 }), outcomes => {
        const status = outcomes.reduce<NoticeStatus | undefined>(
          (before, each) => ended(begun(before, NOW), each, NOW),
          undefined,
        );
        return NoticeStatus.safeParse(status).success && !/\p{Cc}/u.test(status?.message ?? '');
      }),
    );
  });
});
