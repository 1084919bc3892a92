import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { impersonationIn } from './impersonation.ts';

const event = {
  kind: 'Event',
  stage: 'ResponseComplete',
  requestURI: '/apis/managed.systems/v1alpha1/namespaces/acme/approvals?fieldManager=kubectl-create',
  verb: 'create',
  user: { username: 'kim' },
  impersonatedUser: { username: 'anna' },
  objectRef: { resource: 'approvals', namespace: 'acme', name: 'yes', apiGroup: 'managed.systems' },
  responseStatus: { code: 201 },
  requestReceivedTimestamp: '2026-12-01T09:00:00.123456Z',
};
const told = (change: object = {}) => impersonationIn(JSON.stringify({ ...event, ...change }));

describe('GE-6: a decision in another name is found in the audit log', () => {
  it('with who really, as whom, what and when', () => {
    expect(told()).toEqual({
      when: '2026-12-01T09:00:00.123Z',
      who: 'kim',
      as: 'anna',
      verb: 'create',
      what: 'approvals acme/yes',
    });
  });

  it('also where the name was generated', () => {
    const { name: _name, ...nameless } = event.objectRef;
    expect(told({ objectRef: nameless })?.what).toBe('approvals acme/(generated name)');
    expect(told({ objectRef: nameless, responseObject: { metadata: { name: 'yes-x2' } } })?.what).toBe(
      'approvals acme/yes-x2',
    );
  });

  it('as are acceptances, results, orders and what was written into a status', () => {
    const objectRef = { ...event.objectRef, resource: 'changerequests', subresource: 'status' };
    expect(told({ verb: 'patch', responseStatus: { code: 200 }, objectRef })?.what).toBe(
      'changerequests/status acme/yes',
    );
    expect(told({ objectRef: { ...event.objectRef, resource: 'servicerequests' } })?.what).toBe(
      'servicerequests acme/yes',
    );
  });

  it.each([
    ['was refused', { responseStatus: { code: 403 } }],
    ['was a dry run', { requestURI: `${event.requestURI}&dryRun=All` }],
    ['was only received', { stage: 'RequestReceived' }],
    ['only read', { verb: 'list' }],
    ['concerns another kind', { objectRef: { ...event.objectRef, resource: 'managedvms' } }],
    ['concerns another group', { objectRef: { ...event.objectRef, apiGroup: 'example.com' } }],
    ['was made in his own name', { impersonatedUser: undefined }],
  ])('but not what %s', (_what, change) => {
    expect(told(change)).toBeUndefined();
  });

  it('whose words cannot write into a terminal', () => {
    expect(told({ user: { username: '\u001b[2Kroot' } })?.who).toBe(' [2Kroot');
  });

  it('and whatever else is in a log, only what is no JSON throws, as SyntaxError', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        impersonationIn(JSON.stringify({ impersonatedUser: value, objectRef: value, user: value }));
      }),
    );
    expect(() => impersonationIn('{"impersonatedUser"')).toThrow(SyntaxError);
  });
});
