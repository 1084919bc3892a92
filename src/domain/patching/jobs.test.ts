import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cronJobOf, extraOpenings, lookAgainAt, nameOf, OPENS_AT, STARTS_AT, startOf } from './jobs.ts';
import { at, OCCURRENCE, runSpec } from './run.fixtures.ts';

const policy = { name: 'standard', uid: '22222222-bbbb', suspended: false };
const opening = { policy, start: at('02:00'), cutoff: at('03:30'), end: at('04:00') };
const pod = {
  spec: {
    serviceAccountName: 'steward-patch',
    containers: [{ name: 'steward', args: ['patch'], env: [{ name: 'POD_NAME' }] }],
  },
};
const settings = { namespace: 'steward-system', pod, shards: 2, parallel: 50 };
const made = (change: object = {}, startsAt = opening.start) =>
  cronJobOf({ ...opening, ...change }, settings, startsAt);
const suspended = { ...opening, policy: { ...policy, suspended: true } };
const told = (startsAt: string, startedAt?: string) => ({
  ...{ opensAt: '2026-12-02T02:00:00Z', startsAt: `2026-12-02T${startsAt}Z` },
  startedAt: startedAt && `2026-12-02T${startedAt}Z`,
});
const clock = (date: Date) => date.toISOString().slice(11, 19);

describe('the CronJob of a policy', () => {
  it('fires at the one minute at which the window opens, in UTC, and not after its cutoff (MO-3)', () => {
    expect(made()).toMatchObject({
      metadata: {
        namespace: 'steward-system',
        annotations: { [OPENS_AT]: '2026-12-02T02:00:00Z', [STARTS_AT]: '2026-12-02T02:00:00Z' },
      },
      spec: {
        schedule: '0 2 2 12 *',
        timeZone: 'Etc/UTC',
        concurrencyPolicy: 'Forbid',
        startingDeadlineSeconds: 5400,
        suspend: false,
      },
    });
  });

  it('follows its runs until they are given up, in as many shards as there are, and begins a Pod again that was lost', () => {
    expect(made().spec.jobTemplate.spec).toMatchObject({
      ...{ completionMode: 'Indexed', completions: 2, parallelism: 2, podReplacementPolicy: 'Failed' },
      ...{ activeDeadlineSeconds: 9600, backoffLimitPerIndex: 5, ttlSecondsAfterFinished: 604_800 },
      template: { spec: { restartPolicy: 'Never' } },
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
    });
  });

  it('runs the Pod of the chart, and tells it whose runs it follows and until when', () => {
    const [container] = made().spec.jobTemplate.spec.template.spec.containers;
    expect(container).toEqual({
      ...{ name: 'steward', args: ['patch'] },
      env: [
        { name: 'POD_NAME' },
        { name: 'STEWARD_PATCH_POLICY', value: '22222222-bbbb' },
        { name: 'STEWARD_PATCH_UNTIL', value: '2026-12-02T03:30:00Z' },
        { name: 'STEWARD_PATCH_SHARDS', value: '2' },
        { name: 'STEWARD_PATCH_PARALLEL', value: '50' },
      ],
    });
  });

  it.each([
    ['before its window, at its opening', opening, undefined, '01:00:00', '02:00:00', '02:03:00'],
    [
      'right before, for it would come too late, a minute after',
      opening,
      undefined,
      '01:59:40',
      '02:01:00',
      '02:04:00',
    ],
    ['in the open window, soon', opening, undefined, '02:10:00', '02:11:00', '02:14:00'],
    ['where it is about to, when it was told', opening, told('02:11:00'), '02:12:00', '02:11:00', '02:14:00'],
    ['where nothing was started, soon again', opening, told('02:11:00'), '02:14:00', '02:15:00', '02:18:00'],
    ['where it was started, no second time', opening, told('02:11:00', '02:11:00'), '02:30:00', '02:11:00', '04:00:00'],
    ['told by whom it is not clear, when it should', opening, told('23:00:00'), '01:00:00', '02:00:00', '02:03:00'],
    ['told something that is no time, when it should', opening, told('soon'), '01:00:00', '02:00:00', '02:03:00'],
    ['while suspended, not at all', suspended, told('02:00:00'), '03:00:00', '02:00:00', '04:00:00'],
    ['near the end, and is looked at when it closes', opening, undefined, '03:58:00', '03:59:00', '04:00:00'],
  ] as const)('starts its Job, made %s', (_, of, standing, now, starts, looked) => {
    const startsAt = startOf(of, standing, new Date(`2026-12-02T${now}Z`));
    expect(clock(startsAt)).toBe(starts);
    expect(clock(lookAgainAt(of, startsAt, standing))).toBe(looked);
  });

  it('is of one opening: what it was told for another counts for nothing', () => {
    const before = { ...told('02:11:00', '02:11:00'), opensAt: '2026-12-01T02:00:00Z' };
    expect(clock(startOf(opening, before, at('02:20')))).toBe('02:21:00');
  });

  it('rests while its policy does', () => {
    expect(made({ policy: { ...policy, suspended: true } }).spec.suspend).toBe(true);
  });

  it('has a name of its own that Jobs can be named after, whatever its policy is called', () => {
    const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,60}[a-z0-9])?$/);
    fc.assert(
      fc.property(label, fc.uuid(), (name, uid) => {
        expect(nameOf({ ...opening, policy: { ...policy, name, uid } })).toMatch(/^[a-z0-9][-a-z0-9]{0,50}[a-z0-9]$/);
      }),
    );
    expect(nameOf(opening)).not.toBe(nameOf({ ...opening, policy: { ...policy, uid: 'another' } }));
  });

  it('are more where runs were ordered or a window was postponed: one for each such opening, of the runs that are open (MO-2, GE-4)', () => {
    const run = (start: string, end: string, ended?: string) => {
      const spec = {
        ...runSpec(),
        occurrence: { ...OCCURRENCE, start: `2026-12-02T${start}:00Z`, end: `2026-12-02T${end}:00Z` },
      };
      return { spec, status: { phase: 'Planned', ...(ended && { ended }) } } as const;
    };
    const runs = [
      run('02:00', '04:00'),
      run('11:00', '15:00'),
      run('11:00', '15:00'),
      run('10:00', '14:00'),
      run('06:00', '08:00', 'x'),
    ];
    const extra = extraOpenings(policy, runs, opening);
    expect(extra.map(({ start, end }) => [clock(start), clock(end)])).toEqual([
      ['10:00:00', '14:00:00'],
      ['11:00:00', '15:00:00'],
    ]);
    expect(new Set([opening, ...extra].map(nameOf)).size).toBe(3);
    const many = Array.from({ length: 20 }, (_, index) => run(`10:${index + 10}`, `14:${index + 10}`));
    expect(extraOpenings(policy, many, undefined)).toHaveLength(8);
  });
});
