import { describe, expect, test } from 'vitest';
import { ApiError, NotLeader } from '../api/errors.ts';
import { type PassOutcome, type Verdict, verdictOf } from './verdict.ts';

const now = new Date('2026-01-01T00:00:00Z');
const at = (seconds: number) => ({ requeueAt: new Date(now.getTime() + seconds * 1000) });
const api = (status: number, reason: string, retryAfter?: number) =>
  new ApiError(status, reason, reason, { retryAfter });

const cases: [string, Partial<PassOutcome>, Partial<Verdict>][] = [
  ['a pass that wants nothing rests', {}, { next: 'rest', result: 'success' }],
  ['a pass that names a time is looked at then', { result: at(60) }, { next: 'later', afterMs: 60_000 }],
  ['a time in the past is no busy loop', { result: at(-60) }, { next: 'later', afterMs: 100 }],
  ['a conflict is retried without noise', { error: api(409, 'Conflict') }, { next: 'retry', quiet: true }],
  ['a refused write of a former leader is no error', { error: new NotLeader() }, { next: 'retry', quiet: true }],
  [
    'any other error backs off, and is told',
    { error: new Error('bug') },
    { next: 'retry', result: 'error', quiet: false },
  ],
  ['Retry-After is the least delay', { error: api(429, 'TooManyRequests', 7) }, { next: 'retry', afterMs: 7000 }],
  ['a child that failed for now is retried', { failures: [api(503, 'X')] }, { next: 'retry' }],
  ['a child that did not get an answer is retried', { failures: [api(0, 'Unreachable')] }, { next: 'retry' }],
  [
    'a child that is refused is tried again in 30 s',
    { failures: [api(403, 'Forbidden')] },
    { next: 'later', afterMs: 30_000 },
  ],
  [
    'a child that has been refused for long is tried again when that long has passed again',
    { failures: [api(403, 'Forbidden')], refusedForMs: 240_000 },
    { next: 'later', afterMs: 240_000, refused: true },
  ],
  [
    'however long a child has been refused, it is tried again every quarter of an hour',
    { failures: [api(403, 'Forbidden')], refusedForMs: 86_400_000 },
    { next: 'later', afterMs: 900_000 },
  ],
  [
    'a refused child does not delay what is due sooner',
    { failures: [api(409, 'NotOurs')], result: at(5) },
    { next: 'later', afterMs: 5000 },
  ],
  [
    'a status that waits for its turn brings the object up then',
    { statusDelayMs: 900, result: at(60) },
    { afterMs: 900 },
  ],
  ['a missing kind is waited for, not asked for', { failures: [api(404, 'KindMissing')] }, { next: 'rest' }],
  [
    'a kind that cannot be read is waited for, not asked for',
    { failures: [api(500, 'KindNotReadable')] },
    { next: 'rest' },
  ],
  [
    'what needs a kind that cannot be read rests, and is told',
    { error: api(403, 'KindNotReadable') },
    { next: 'terminal', result: 'error', quiet: false },
  ],
];

test.each(cases)('after a pass: %s', (_sentence, outcome, expected) => {
  expect(verdictOf({ failures: [], now, ...outcome })).toMatchObject(expected);
});

test('a time that is none is a bug that is told, not a pass without end (runtime/t13_nan)', () => {
  const result = { requeueAt: new Date('garbage') };
  expect(() => verdictOf({ failures: [], result, now })).toThrow('requeueAt is not a time');
});

describe('messages', () => {
  test('an API error carries the message of the server and nothing of bodies and headers', () => {
    expect(String(new ApiError(403, 'Forbidden', 'exceeded quota'))).toBe('ApiError: exceeded quota');
  });
});
