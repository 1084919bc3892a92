import { parseCron } from '../time/cron.ts';
import type { Window } from './window.ts';

const MINUTE = 60_000;

/** A nightly window of two hours in Berlin, with what a test changes about it. */
export function windowOfTest({
  schedule = '30 2 * * *',
  ...rest
}: Partial<Window> & { schedule?: string } = {}): Window {
  return {
    ...{ name: 'nightly', cron: parseCron(schedule), timeZone: 'Europe/Berlin' },
    ...{ durationMs: 120 * MINUTE, cutoffMs: 30 * MINUTE, exclusions: [] },
    ...rest,
  };
}
