import { describe, expect, it } from 'vitest';
import type { ConditionInput } from '../contract/condition.ts';
import { managedVM } from './assessment.fixtures.ts';
import { cooperationReasons, orderersReasons, promisedConditions } from './conditions.ts';
import { PROMISES } from './promises.ts';
import { slaCompliant } from './sla.ts';

const counting = {
  meanings: new Map(Object.entries(promisedConditions(PROMISES))),
  cooperation: cooperationReasons(PROMISES),
};
const admin = managedVM({ serviceLevel: 'Admin' });
const sum = (order: typeof admin, ...conditions: readonly ConditionInput[]) =>
  slaCompliant(order, conditions, counting);
const reads = (type: string, status: ConditionInput['status'], reason: string) => ({
  type,
  status,
  reason,
  message: '',
});

const supported = reads('Supported', 'True', 'VendorSupported');

describe('GE-4: what waits for the customer', () => {
  it('is left out of the sum, which says so with what it counts', () => {
    expect(sum(admin, supported, reads('Provisioned', 'False', 'DiskNeedsConsent'))).toEqual({
      status: 'True',
      reason: 'PromisesKept',
      message:
        '1 of 1 promises that count at Admin are kept: Supported; 1 left out, waiting for the customer (GE-4): Provisioned (DiskNeedsConsent).',
    });
  });

  it('is every promise that a change of his holds up', () => {
    const order = managedVM({});
    expect(sum(order, supported, reads('PatchCompliant', 'False', 'WaitingForCustomer'))).toMatchObject({
      status: 'True',
      message: expect.stringContaining('waiting for the customer (GE-4): PatchCompliant (WaitingForCustomer)'),
    });
  });

  it('hides no promise that is broken beside it', () => {
    const ended = reads('Supported', 'False', 'SupportEnded');
    expect(sum(admin, ended, reads('Provisioned', 'False', 'DiskNeedsConsent'))).toMatchObject({
      status: 'False',
      message: expect.stringContaining('1 broken: Supported (SupportEnded)'),
    });
  });

  it('takes along what cannot be there before the VM is, and nothing else', () => {
    const order = managedVM({});
    const waits = [supported, reads('Provisioned', 'False', 'DiskNeedsConsent')];
    const monitored = reads('Monitored', 'Unknown', 'NotProvisioned');
    expect(sum(order, ...waits, monitored)).toMatchObject({ status: 'True' });
    expect(sum(order, ...waits, monitored, reads('Available', 'False', 'GuestLost'))).toMatchObject({
      status: 'False',
    });
    expect(sum(order, supported, reads('Provisioned', 'False', 'ImportFailed'), monitored)).toMatchObject({
      status: 'False',
      message: expect.stringContaining('1 not known: Monitored (NotProvisioned)'),
    });
  });

  it('leaves nothing to be called kept where all waits', () => {
    expect(sum(admin, reads('Provisioned', 'False', 'DiskNeedsConsent'))).toMatchObject({
      status: 'Unknown',
      reason: 'PromiseUnknown',
    });
  });

  it('is never what the provider could put right as well', () => {
    for (const reason of ['OperatingSystemNotFound', 'QuotaExceeded', 'StorageLocationNotPermitted', 'DiskLost'])
      expect(counting.cooperation.has(reason)).toBe(false);
  });

  it('calls nobody of the provider at night either', () => {
    expect(orderersReasons(PROMISES)).toEqual(expect.arrayContaining([...counting.cooperation]));
  });
});
