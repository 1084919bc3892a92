import { describe, expect, it } from 'vitest';
import { linesOfIncident } from './loglines.ts';

const line = (at: string) => ({ at, event: 'oom_kill', text: `killed at ${at}` });
const detected = new Date('2026-11-30T10:00:00Z');

describe('MO-12: the lines of the log that an incident keeps', () => {
  it('are those from a quarter of an hour before it was detected on', () => {
    const told = [line('2026-11-30T10:01:00Z'), line('2026-11-30T09:45:00Z'), line('2026-11-30T09:44:59Z')];
    expect(linesOfIncident(undefined, told, detected)).toEqual(told.slice(0, 2));
  });

  it('are waited for where none was seen', () => {
    expect(linesOfIncident(undefined, undefined, detected)).toBeUndefined();
    expect(linesOfIncident(undefined, [line('2026-11-29T10:00:00Z')], detected)).toBeUndefined();
  });

  it('do not change when the log goes on', () => {
    const kept = [line('2026-11-30T09:59:00Z')];
    expect(linesOfIncident(kept, [line('2026-11-30T11:00:00Z')], detected)).toBe(kept);
  });
});
