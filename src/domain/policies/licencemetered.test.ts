import { describe, expect, test } from 'vitest';
import type { ApplicationLicence } from '../../api/applicationlicence.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { OperatingSystem } from '../../api/operatingsystem.ts';
import { application, product } from '../application/product.fixtures.ts';
import { licenceMetered } from './licencemetered.ts';

const NOW = new Date('2026-11-30T12:00:00Z');
const BEFORE = '2026-11-01T00:00:00Z';
const system = { spec: { defaults: { cpu: 2 } } } as unknown as OperatingSystem;
const vm = (sizing?: object) => ({ metadata: { name: 'shop-db' }, spec: { sizing } }) as unknown as ManagedVM;

function metered(
  licence: object | undefined,
  managedVM = vm({ cpu: 4 }),
  before?: ApplicationLicence,
  installed = true,
) {
  const order = application();
  order.status = { ...(installed && { installed: BEFORE }), ...(before && { licence: before }) };
  const { verdict, licence: said } = licenceMetered({
    ...{ application: order, product: product({ licence }).spec, managedVM, operatingSystem: system, now: NOW },
  });
  return { said, verdict: `${verdict.status}/${verdict.reason}`, message: verdict.message };
}

describe('the licence of an application is metered (AP-1)', () => {
  test.each([
    ['PerVM', 1, '1 VM'],
    ['PerInstance', 1, '1 installation'],
    ['PerVCPU', 4, '4 virtual CPUs'],
  ] as const)('%s', (metric, amount, words) => {
    expect(metered({ commercial: { metric } })).toEqual({
      said: { metric, amount, billed: true, at: '2026-11-30T12:00:00Z' },
      verdict: 'True/Metered',
      message: `${words} since 2026-11-30T12:00:00Z, billed beside the service.`,
    });
  });

  test('by the CPUs that the VM has, ordered or by the defaults of its system', () => {
    const amount = (machine: ManagedVM) => metered({ commercial: { metric: 'PerVCPU' } }, machine).said?.amount;
    expect([amount(vm({ cpu: 8 })), amount(vm())]).toEqual([8, 2]);
  });

  test('stands still while it is the same, and says since when it is another', () => {
    const before = { metric: 'PerVCPU', amount: 4, billed: true, at: BEFORE } as const;
    const licence = { commercial: { metric: 'PerVCPU' } };
    expect(metered(licence, vm({ cpu: 4 }), before).said).toEqual(before);
    expect(metered(licence, vm({ cpu: 6 }), before).said).toMatchObject({ amount: 6, at: '2026-11-30T12:00:00Z' });
    expect(metered({ commercial: { metric: 'PerVCPU', billed: false } }, vm({ cpu: 4 }), before)).toMatchObject({
      said: { billed: false, at: '2026-11-30T12:00:00Z' },
      message: '4 virtual CPUs since 2026-11-30T12:00:00Z, not billed beside the service.',
    });
  });

  test('is never guessed: what was metered stays where the CPUs cannot be counted', () => {
    const before = { metric: 'PerVCPU', amount: 4, billed: true, at: BEFORE } as const;
    expect(metered({ commercial: { metric: 'PerVCPU' } }, vm({ instanceType: 'u1.medium' }), before)).toMatchObject({
      ...{ said: before, verdict: 'Unknown/NotCounted' },
    });
  });

  test('is not where it is free, named or not, and not before all of it was installed', () => {
    const free = metered({ spdx: 'PostgreSQL' });
    expect(free).toEqual({
      ...{ said: undefined, verdict: 'Unknown/NotIncluded' },
      message: 'Its licence is free (PostgreSQL), so nothing of it is metered.',
    });
    expect(metered(undefined).verdict).toBe('Unknown/NotIncluded');
    expect(metered({ commercial: { metric: 'PerVM' } }, vm(), undefined, false)).toMatchObject({
      ...{ said: undefined, verdict: 'Unknown/NotProvisioned' },
    });
  });
});
