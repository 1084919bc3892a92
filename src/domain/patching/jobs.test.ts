import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cronJobName, cronJobOf, OPENS_AT } from './jobs.ts';
import { at } from './run.fixtures.ts';

const policy = { name: 'standard', uid: '22222222-bbbb', suspended: false };
const opening = { policy, start: at('02:00'), cutoff: at('03:30'), end: at('04:00') };
const pod = {
  spec: {
    serviceAccountName: 'steward-patch',
    containers: [{ name: 'steward', args: ['patch'], env: [{ name: 'POD_NAME' }] }],
  },
};
const settings = { namespace: 'steward-system', pod, shards: 2, parallel: 50 };
const made = (change: object = {}, standing?: string, now = at('01:00')) =>
  cronJobOf({ ...opening, ...change }, settings, standing, now);

describe('the CronJob of a policy', () => {
  it('fires at the one minute at which the window opens, in UTC, and not after its cutoff (MO-3)', () => {
    expect(made()).toMatchObject({
      metadata: { namespace: 'steward-system', annotations: { [OPENS_AT]: '2026-12-02T02:00:00Z' } },
      spec: {
        schedule: '0 2 2 12 *',
        timeZone: 'Etc/UTC',
        concurrencyPolicy: 'Forbid',
        startingDeadlineSeconds: 5400,
        suspend: false,
      },
    });
  });

  it('follows its runs until they are given up, in as many shards as there are, and no Pod is begun again by itself', () => {
    expect(made().spec.jobTemplate.spec).toMatchObject({
      ...{ completionMode: 'Indexed', completions: 2, parallelism: 2, backoffLimit: 0, podReplacementPolicy: 'Failed' },
      ...{ activeDeadlineSeconds: 9600, template: { spec: { restartPolicy: 'Never' } } },
      podFailurePolicy: {
        rules: [{ action: 'FailJob', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
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

  it('fires soon where it is made in an open window, and is not moved while it fires', () => {
    expect(made({}, undefined, at('02:10')).spec.schedule).toBe('11 2 2 12 *');
    expect(made({}, '11 2 2 12 *', at('02:11')).spec.schedule).toBe('11 2 2 12 *');
  });

  it('rests while its policy does', () => {
    expect(made({ policy: { ...policy, suspended: true } }).spec.suspend).toBe(true);
  });

  it('has a name of its own that Jobs can be named after, whatever its policy is called', () => {
    const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,60}[a-z0-9])?$/);
    fc.assert(
      fc.property(label, fc.uuid(), (name, uid) => {
        expect(cronJobName({ ...policy, name, uid })).toMatch(/^[a-z0-9][-a-z0-9]{0,50}[a-z0-9]$/);
      }),
    );
    expect(cronJobName(policy)).not.toBe(cronJobName({ ...policy, uid: 'another' }));
  });
});
