import { describe, expect, it } from 'vitest';
import { atMost } from '../checks.ts';
import { mergedRows, type SeenRow, scaleTable, verdictOf } from './table.ts';

const row = (id: string, seen: string, measured = 1): SeenRow => ({
  ...{ id, figure: `figure ${id}`, before: 'minutes', goal: 'p99 ≤ 1 s', how: 'in this process', date: '2026-11-28' },
  ...{ seen, checks: [atMost('p99 in seconds', measured, 1)] },
});

describe('the table of what grows', () => {
  it('says of each row what was, what shall be, what was seen, and whether that is enough', () => {
    expect(scaleTable([row('a', '0.4 s', 0.4), row('b', '2 s', 2)]).split('\n')).toEqual([
      '| figure | before | goal | seen | verdict |',
      '| --- | --- | --- | --- | --- |',
      '| figure a | minutes | p99 ≤ 1 s | 0.4 s | met |',
      '| figure b | minutes | p99 ≤ 1 s | 2 s | missed: p99 in seconds 2 (at most 1) |',
    ]);
  });

  it('takes a row without a check for not measured, never for met', () => {
    expect(verdictOf([])).toBe('not measured');
  });

  it('keeps what was not measured anew, in the order of the list, and drops rows that are no more', () => {
    const merged = mergedRows(
      [{ id: 'a' }, { id: 'b' }, { id: 'c' }],
      [row('gone', 'x'), row('b', 'old'), row('a', 'old')],
      [row('b', 'new')],
    );
    expect(merged.map(({ id, seen }) => `${id} ${seen}`)).toEqual(['a old', 'b new']);
  });
});
