import { describe, expect, it } from 'vitest';
import * as backup from '../backup/childkinds.ts';
import { applied, applyProblems, type Outcome } from '../contract/outcome.ts';
import * as machine from '../machine/childkinds.ts';
import * as monitoring from '../monitoring/childkinds.ts';
import { outcome } from './assessment.fixtures.ts';

const applyProblem = (of: Outcome) =>
  [machine, monitoring, backup].flatMap(({ CHILD_KINDS }) => applyProblems<string>([of], CHILD_KINDS))[0];

const quota =
  'secrets "x" is forbidden: exceeded quota: objects, requested: secrets=1, used: secrets=5, limited: secrets=5';

const mayNotClone =
  'admission webhook "datavolume-mutate.cdi.kubevirt.io" denied the request:  User system:serviceaccount:steward-system:steward has insufficient permissions in clone source namespace golden-images';

describe('a child that cannot be applied', () => {
  it.each<[string, string, number, string, string, string, string]>([
    ['KubeVirt missing', 'VirtualMachine', 404, 'KindMissing', 'not served', 'KubeVirtNotInstalled', 'failed'],
    ['CDI missing', 'DataVolume', 404, 'KindMissing', 'not served', 'CDINotInstalled', 'failed'],
    ['Velero missing', 'Schedule', 404, 'KindMissing', 'not served', 'VeleroNotInstalled', 'failed'],
    [
      'prometheus-operator missing',
      'PrometheusRule',
      404,
      'KindMissing',
      'not served',
      'PrometheusOperatorNotInstalled',
      'failed',
    ],
    [
      'a kind of Kubernetes itself not there yet',
      'Secret',
      404,
      'KindMissing',
      'not served',
      'ApplyRetrying',
      'waiting',
    ],
    ['a foreign VirtualMachine', 'VirtualMachine', 409, 'NotOurs', 'exists', 'VirtualMachineNameTaken', 'failed'],
    ['a foreign Secret', 'Secret', 409, 'NotOurs', 'exists', 'ChildNameTaken', 'failed'],
    ['a child being deleted', 'VirtualMachine', 409, 'Terminating', 'going', 'ChildTerminating', 'waiting'],
    ['a quota', 'Secret', 403, 'Forbidden', quota, 'QuotaExceeded', 'failed'],
    [
      'a webhook',
      'VirtualMachine',
      422,
      'Invalid',
      'admission webhook "virtualmachine-validator.kubevirt.io" denied the request',
      'ApplyRefused',
      'failed',
    ],
    ['a bad request', 'VirtualMachine', 400, 'BadRequest', 'unknown field', 'ApplyRefused', 'failed'],
    ['missing rights', 'Secret', 403, 'Forbidden', 'cannot patch', 'ApplyRefused', 'failed'],
    ['a missing namespace', 'Schedule', 404, 'NotFound', 'namespaces "velero" not found', 'ApplyRefused', 'failed'],
    [
      'an image source that is not ready',
      'DataVolume',
      400,
      'BadRequest',
      'Empty source field in DataSource debian',
      'ImageSourceNotReady',
      'waiting',
    ],
    [
      'an image source that is not there, which CDI refuses when it authorises the clone',
      'DataVolume',
      400,
      '',
      'admission webhook "datavolume-mutate.cdi.kubevirt.io" denied the request: datasources.cdi.kubevirt.io "rhel-10" not found',
      'ImageSourceNotReady',
      'waiting',
    ],
    [
      'a namespace of images that is not there',
      'DataVolume',
      400,
      '',
      'admission webhook "datavolume-mutate.cdi.kubevirt.io" denied the request: namespaces "golden-images" not found',
      'ImageSourceNotReady',
      'waiting',
    ],
    ['an image that Steward may not clone', 'DataVolume', 422, '', mayNotClone, 'ImageNotPermitted', 'failed'],
    ['a conflict', 'Secret', 409, 'Conflict', 'modified', 'ApplyRetrying', 'waiting'],
    ['throttling', 'Secret', 429, 'TooManyRequests', 'slow down', 'ApplyRetrying', 'waiting'],
    ['a broken server', 'Secret', 503, 'ServiceUnavailable', 'etcd', 'ApplyRetrying', 'waiting'],
    ['no answer', 'Secret', 0, 'Unreachable', 'ECONNRESET', 'ApplyRetrying', 'waiting'],
  ])('because of %s says so (%s %s %s)', (_, kind, status, reason, message, expected, standing) => {
    expect(applyProblem(outcome(kind, 'failed', { status, reason, message }))).toMatchObject({
      reason: expected,
      standing,
    });
  });

  it("carries the webhook's words and the object", () => {
    const problem = applyProblem(
      outcome('VirtualMachine', 'failed', { status: 422, reason: 'Invalid', message: 'spec.template is wrong' }),
    );
    expect(problem?.message).toBe('VirtualMachine acme/shop-db was refused (422 Invalid): spec.template is wrong.');
  });
  it('says what the provider does for an image that Steward may not clone (MO-1)', () => {
    const error = { status: 422, reason: '', message: mayNotClone };
    expect(applyProblem(outcome('DataVolume', 'failed', error))?.message).toBe(
      "DataVolume acme/shop-db was refused: Steward may not clone images from namespace golden-images. The provider adds golden-images to imageNamespaces of Steward's Helm release.",
    );
  });

  it('without an error is tried again', () => {
    expect(applyProblem(outcome('Secret', 'failed'))).toMatchObject({ reason: 'ApplyRetrying' });
  });
});

describe('a child', () => {
  it.each([
    ['created', true],
    ['updated', true],
    ['unchanged', true],
    ['deleted', false],
    ['failed', false],
  ])('%s is in place: %s', (action, expected) => {
    expect(applyProblem(outcome('Secret', 'unchanged'))).toBeUndefined();
    expect(applied([outcome('Secret', action)], 'Secret')).toBe(expected);
  });
});
