/** AP-6: what Steward says of schedules is what Velero does, by the module that Velero reads them with. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askVeleroCron, type CronAnswer } from '../../hack/testbed/upstream/velerocron.ts';
import { CronSchedule } from '../../src/api/cron.ts';
import { type Cron, nextRun, offsetSpans, parseCron } from '../../src/domain/time/cron.ts';
import { schedule } from './api/support/corpus.ts';

const HOUR = 3_600_000;
const COUNT = 8;

const zone = fc.constantFrom(
  'Europe/Berlin',
  'America/New_York',
  'Europe/London',
  'Australia/Sydney',
  'Asia/Kolkata',
  'UTC',
);
/** Near changes of clocks as often as far from them. */
const after = fc.oneof(
  fc.date({ min: new Date('2026-01-01'), max: new Date('2036-01-01'), noInvalidDate: true }),
  fc
    .constantFrom('2027-03-27T12:00:00Z', '2027-10-30T12:00:00Z', '2027-03-13T12:00:00Z', '2027-11-06T12:00:00Z')
    .map(text => new Date(text)),
);

const ask = (questions: readonly { schedule: string; zone: string; after: Date }[]): Promise<CronAnswer[]> =>
  askVeleroCron(
    questions.map(({ schedule: text, zone: tz, after: from }) => ({
      schedule: `CRON_TZ=${tz} ${text}`,
      after: from,
      count: COUNT,
    })),
    console.log,
  );

describe('a schedule that admission lets in', () => {
  it('is one that Velero takes, and runs when Steward says, but for the hour after clocks go forward (AP-6)', async () => {
    const cases = fc
      .sample(fc.record({ schedule, zone, after }), { seed: 20261128, numRuns: 6000 })
      .filter(each => CronSchedule.safeParse(each.schedule).success);
    expect(cases.length).toBeGreaterThan(2000);
    const answers = await ask(cases);
    const wrong = cases.flatMap((each, index) => {
      const { error, runs = [] } = answers[index] ?? {};
      if (error !== undefined) return { ...each, error };
      const theirs = runs.map(text => new Date(text)).filter(run => !isLate(run, each.zone));
      const last = theirs.at(-1);
      const ours = last === undefined ? [] : runsUntil(parseCron(each.schedule), each.zone, each.after, last);
      const late = new Set(runs.map(text => Date.parse(text)).filter(run => isLate(new Date(run), each.zone)));
      const missing = ours.filter(run => !late.has(run));
      return JSON.stringify(missing) === JSON.stringify(theirs.map(Number)) ? [] : { ...each, runs, ours };
    });
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  it('has one day field at most: with two, Velero wants both to match where its former cron took either', async () => {
    const [answer] = await ask([{ schedule: '0 1 13 * 5', zone: 'UTC', after: new Date('2026-11-01T00:00:00Z') }]);
    expect(answer?.runs?.slice(0, 2)).toEqual(['2026-11-13T01:00:00Z', '2027-08-13T01:00:00Z']);
    expect(CronSchedule.safeParse('0 1 13 * 5').success).toBe(false);
  });

  it('runs after the change of clocks where its local time is skipped; Steward does not count on it', async () => {
    const question = { schedule: '30 2 * * *', zone: 'Europe/Berlin', after: new Date('2027-03-27T12:00:00Z') };
    const [answer] = await ask([question]);
    expect(answer?.runs?.slice(0, 2)).toEqual(['2027-03-28T01:30:00Z', '2027-03-29T00:30:00Z']);
    expect(nextRun(parseCron(question.schedule), question.zone, question.after)).toEqual(
      new Date('2027-03-29T00:30:00Z'),
    );
  });
});

/** Within the two hours after clocks went forward. */
function isLate(run: Date, tz: string): boolean {
  const spans = [...offsetSpans(tz, new Date(run.getTime() - 2 * HOUR), run)];
  const [before, now] = [spans.at(-2), spans.at(-1)];
  return before !== undefined && now !== undefined && now.offset > before.offset;
}

function runsUntil(cron: Cron, tz: string, from: Date, last: Date): number[] {
  const found: number[] = [];
  for (let at = nextRun(cron, tz, from); at <= last; at = nextRun(cron, tz, at)) found.push(at.getTime());
  return found;
}
