import { describe, expect, it } from 'vitest';
import type { Run } from '../measure.ts';
import { spelled, standingsOf, tableOf } from './standings.ts';

const run = (contestant: string, seconds: number, count = 100): Run => ({
  ...{ contestant, seconds, count, webhooks: false, writes: 8 * count, reads: 0, calls: {} },
  ...{ cpuSeconds: 0.4, memoryMB: { ready: 50, after: 60, peak: 70 }, load: 1 },
});

describe('standings', () => {
  it('compare each run with the raw client of its own round, so that a slow round counts for both', () => {
    const rounds = [
      [run('raw', 1), run('Steward', 1.1)],
      [run('Steward', 11), run('raw', 10)],
      [run('raw', 2), run('Steward', 3)],
    ];
    const standings = standingsOf(rounds, 'raw');
    expect(standings.find(({ contestant }) => contestant === 'Steward')?.ratio).toEqual({
      ...{ median: 1.1, least: 1.1, most: 1.5 },
    });
    expect(standings.find(({ contestant }) => contestant === 'raw')?.ratio.most).toBe(1);
  });

  it('never compare runs of different sizes, and leave out what has nothing to be compared with', () => {
    expect(standingsOf([[run('raw', 1, 100), run('Steward', 9, 1000)]], 'raw')).toHaveLength(1);
  });

  it('count per ManagedVM and per call', () => {
    const [standing] = standingsOf([[run('raw', 1)]], 'raw');
    expect(standing).toMatchObject({ writesEach: { median: 8 }, cpuMsPerCall: { median: 0.5 } });
  });

  it('are a table with one line per contestant', () => {
    const table = tableOf(standingsOf([[run('raw', 1), run('Steward', 1.1)]], 'raw'));
    expect(table.split('\n')).toHaveLength(4);
    expect(table).toContain('| 100 | no | Steward | 1 | 1.10 | 8.00 | 0.00 | 0.50 | 50, 60, 70 |');
  });

  it('name a spread only where there is one', () => {
    expect(spelled({ median: 1, least: 1, most: 1 }, 2)).toBe('1.00');
    expect(spelled({ median: 1.1, least: 1, most: 1.25 }, 2)).toBe('1.10 (1.00–1.25)');
  });
});
