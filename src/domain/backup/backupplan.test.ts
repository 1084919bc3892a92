import { describe, expect, it } from 'vitest';
import { backupPolicyOf, bounds } from './backup.fixtures.ts';
import { backupPlan, nextBackup } from './backupplan.ts';

const now = new Date('2026-11-23T12:00:00Z');
const tier = (name: string, schedule: string) => ({ name, schedule, retention: '720h' });
/** Not parsed: what is said about specs that admission refuses is tested too. */
const spec = (fields: Record<string, unknown>) => ({ ...backupPolicyOf().spec, ...fields });
const problem = (fields: Record<string, unknown>) => backupPlan(spec(fields), bounds, now).problem;

describe('a backup policy', () => {
  it.each([
    ['a daily run and 26h in Berlin, whose longest night has 25', { timeZone: 'Europe/Berlin' }],
    ['a daily run and 25h in UTC', { recoveryPointObjective: '25h' }],
    [
      'two tiers that together suffice',
      { recoveryPointObjective: '13h', tiers: [tier('night', '0 1 * * *'), tier('noon', '0 13 * * *')] },
    ],
  ])('can keep its objective with %s', (_, fields) => {
    expect(problem(fields)).toBeUndefined();
  });

  it.each([
    [
      'a gap as long as the objective, since a backup is usable only at its end',
      { recoveryPointObjective: '24h' },
      'The schedules cannot keep the recovery point objective of 24h: 24h lie between the runs of 2026-11-23T01:00:00Z and 2026-11-24T01:00:00Z (UTC).',
    ],
    [
      'the night in which clocks go back',
      { recoveryPointObjective: '25h', timeZone: 'Europe/Berlin' },
      'The schedules cannot keep the recovery point objective of 25h: 25h lie between the runs of 2027-10-30T23:00:00Z and 2027-11-01T00:00:00Z (Europe/Berlin).',
    ],
    [
      'a run at a time that clocks skip',
      { timeZone: 'Europe/Berlin', tiers: [tier('daily', '30 2 * * *')] },
      'The schedules cannot keep the recovery point objective of 26h: 47h lie between the runs of 2027-03-27T01:30:00Z and 2027-03-29T00:30:00Z (Europe/Berlin).',
    ],
    [
      'weekends',
      { recoveryPointObjective: '26h', tiers: [tier('daily', '30 1 * * 1-5')] },
      'The schedules cannot keep the recovery point objective of 26h: 72h lie between the runs of 2026-11-27T01:30:00Z and 2026-11-30T01:30:00Z (UTC).',
    ],
    [
      'hourly runs and an hour',
      { recoveryPointObjective: '1h', tiers: [tier('hourly', '0 * * * *')] },
      'The schedules cannot keep the recovery point objective of 1h: 1h lie between the runs of 2026-11-23T00:00:00Z and 2026-11-23T01:00:00Z (UTC).',
    ],
  ])('cannot because of %s', (_, fields, message) => {
    expect(problem(fields)).toEqual({ reason: 'ScheduleCannotMeetRPO', message });
  });

  it.each([
    [
      'a day between runs and an hour of retention',
      [{ ...tier('daily', '0 1 * * *'), retention: '1h' }],
      'Backups of tier daily are kept for 1h, which does not exceed the time until its next run: 24h lie between the runs of 2026-11-23T01:00:00Z and 2026-11-24T01:00:00Z (UTC).',
    ],
    [
      'a retention as long as the gap, since the next backup is usable only at its end',
      [{ ...tier('daily', '0 1 * * *'), retention: '24h' }],
      'Backups of tier daily are kept for 24h, which does not exceed the time until its next run: 24h lie between the runs of 2026-11-23T01:00:00Z and 2026-11-24T01:00:00Z (UTC).',
    ],
    [
      'the weekend of a tier beside a good one',
      [tier('daily', '0 1 * * *'), { ...tier('work', '0 12 * * 1-5'), retention: '48h' }],
      'Backups of tier work are kept for 48h, which does not exceed the time until its next run: 72h lie between the runs of 2026-11-27T12:00:00Z and 2026-11-30T12:00:00Z (UTC).',
    ],
    [
      'a single run in five years',
      [tier('daily', '0 1 * * *'), tier('leap', '0 0 29 2 *')],
      'Backups of tier leap are kept for 720h, which does not exceed the time until its next run: fewer than two runs fall into the next five years.',
    ],
  ])('AP-13: is not in force with %s, and backups are made all the same', (_, tiers, message) => {
    const plan = backupPlan(spec({ tiers }), bounds, now);
    expect(plan.problem).toEqual({ reason: 'RetentionTooShort', message });
    expect(plan.crons).toHaveLength(tiers.length);
  });

  it.each([
    [
      'runs every minute',
      'ScheduleTooFrequent',
      [tier('fast', '* * * * *')],
      'Runs of tier fast lie 1m apart; the provider allows no less than 15m.',
    ],
    [
      'keeps backups for 114 years',
      'RetentionTooLong',
      [{ ...tier('daily', '0 1 * * *'), retention: '999999h' }],
      'Backups of tier daily are to be kept for 999999h; the provider allows 87600h at most.',
    ],
  ])('AP-6: that %s is beyond the provider’s bounds, and nothing is made from it', (_, reason, tiers, message) => {
    const plan = backupPlan(spec({ tiers: [tier('good', '0 1 * * *'), ...tiers] }), bounds, now);
    expect(plan.problem).toEqual({ reason, message });
    expect(plan.crons).toEqual([]);
    expect(nextBackup(plan, now)).toBeUndefined();
  });

  it('within the bounds to the minute is in force', () => {
    const tiers = [{ ...tier('fast', '*/15 * * * *'), retention: '87600h' }];
    expect(problem({ tiers })).toBeUndefined();
    expect(backupPlan(spec({ tiers }), { ...bounds, minimumInterval: 900_001 }, now).problem?.reason).toBe(
      'ScheduleTooFrequent',
    );
  });

  it.each([
    ['InvalidTimeZone', { timeZone: 'Europe/Atlantis' }, 'spec.timeZone Europe/Atlantis is not a zone'],
    ['InvalidSchedule', { tiers: [tier('daily', '0 25 * * *')] }, 'Schedule of tier daily: "25" is not valid as hour'],
    [
      'InvalidSchedule',
      { tiers: [tier('daily', '0 1 * * *'), tier('x', '0 0 30 2 *')] },
      'Schedule of tier x: "0 0 30 2 *" never fires',
    ],
  ])('that cannot be read is %s: %j', (reason, fields, message) => {
    expect(problem(fields)?.reason).toBe(reason);
    expect(problem(fields)?.message).toContain(message);
  });

  it('says the same all day, so that a status is not written again', () => {
    const policy = spec({ recoveryPointObjective: '24h' });
    const morning = backupPlan({ ...policy }, bounds, new Date('2026-11-23T00:00:00Z'));
    const evening = backupPlan({ ...policy }, bounds, new Date('2026-11-23T23:59:59Z'));
    expect(morning).toEqual(evening);
  });

  it('is read once for all its VMs, and again when its spec is another', () => {
    const policy = spec({});
    expect(backupPlan(policy, bounds, now)).toBe(backupPlan(policy, bounds, new Date('2026-11-23T20:00:00Z')));
    expect(backupPlan({ ...policy, recoveryPointObjective: '20h' }, bounds, now).problem?.reason).toBe(
      'ScheduleCannotMeetRPO',
    );
  });

  it('must have room in its objective for the spread, where the delays of two tiers can differ', () => {
    const tiers = [tier('night', '0 1 * * *'), tier('noon', '0 13 * * *')];
    expect(problem({ tiers, recoveryPointObjective: '12h30m', spread: '29m' })).toBeUndefined();
    expect(problem({ tiers, recoveryPointObjective: '12h30m', spread: '30m' })?.message).toMatch(
      /objective of 12h30m: 12h lie between .* \(UTC\), and spec\.spread may add 30m\.$/,
    );
    expect(
      problem({ tiers: [tier('daily', '0 1 * * *')], recoveryPointObjective: '25h', spread: '2h' }),
    ).toBeUndefined();
  });

  it('runs next when the first of its tiers does', () => {
    const plan = backupPlan(spec({ tiers: [tier('weekly', '0 3 * * 0'), tier('daily', '0 1 * * *')] }), bounds, now);
    expect(nextBackup(plan, now)).toEqual(new Date('2026-11-24T01:00:00Z'));
    expect(nextBackup(backupPlan(spec({ timeZone: 'x' }), bounds, now), now)).toBeUndefined();
  });

  it('says the next run to whoever asks, in whatever order of time', () => {
    const tiers = [tier('night', '0 1 * * *'), tier('noon', '0 13 * * *')];
    const shared = backupPlan(spec({ recoveryPointObjective: '13h', tiers }), bounds, now);
    const hours = [0, 0.5, 1, 1, 25, 13, 12.99, 2, 48, 0];
    const asked = hours.map(hour => new Date(now.getTime() + hour * 3_600_000));
    const alone = asked.map(time => nextBackup({ ...shared }, time));
    expect(asked.map(time => nextBackup(shared, time))).toEqual(alone);
    expect(new Set(alone.map(String)).size).toBeGreaterThan(3);
  });

  const fourHourly = [tier('hourly', '0 */4 * * *')];
  const office = { name: 'office', schedule: '0 8 * * *', duration: '10h' };

  it('AP-13: leaves out runs in spans to be avoided, and holds its objective against what is left', () => {
    const avoid = [office];
    const plan = backupPlan(spec({ tiers: fourHourly, avoid, recoveryPointObjective: '17h' }), bounds, now);
    expect(plan.problem).toBeUndefined();
    expect(plan.withinAvoided).toBeUndefined();
    expect(plan.crons[0]?.minutesOfDay).toEqual([0, 4, 20].map(hour => hour * 60));
    expect(nextBackup(plan, now)).toEqual(new Date('2026-11-23T20:00:00Z'));
    expect(problem({ tiers: fourHourly, recoveryPointObjective: '5h' })).toBeUndefined();
    expect(problem({ tiers: fourHourly, avoid, recoveryPointObjective: '5h' })?.message).toBe(
      'The schedules cannot keep the recovery point objective of 5h: 16h lie between the runs of 2026-11-23T04:00:00Z and 2026-11-23T20:00:00Z (UTC).',
    );
  });

  it('AP-13: says which runs lie in a span that one cron cannot leave out, and makes them all', () => {
    const avoid = [{ ...office, schedule: '0 8 * * 1' }];
    const plan = backupPlan(spec({ tiers: fourHourly, avoid }), bounds, now);
    expect(plan.problem).toBeUndefined();
    expect(plan.crons[0]?.minutesOfDay).toHaveLength(6);
    expect(plan.withinAvoided).toBe(
      'Runs start within spans of spec.avoid, which one cron cannot leave out, so they are made all the same: of tier hourly those of 2026-11-23T08:00:00Z (office), 2026-11-23T12:00:00Z (office), 2026-11-23T16:00:00Z (office) and more.',
    );
    const none = [{ ...office, schedule: '0 0 * * *', duration: '24h' }];
    expect(backupPlan(spec({ avoid: none }), bounds, now).crons[0]?.minutesOfDay).toEqual([60]);
  });

  it('names a span whose schedule cannot be read', () => {
    expect(problem({ avoid: [{ ...office, schedule: '0 25 * * *' }] })).toEqual({
      reason: 'InvalidSchedule',
      message: 'Schedule of spec.avoid: "25" is not valid as hour (0 to 23).',
    });
  });
});
