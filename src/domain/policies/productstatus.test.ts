import { describe, expect, it } from 'vitest';
import type { OperatingSystem } from '../../api/operatingsystem.ts';
import { product } from '../application/product.fixtures.ts';
import { assessProduct, type ProductFacts } from './productstatus.ts';

const now = new Date('2026-11-30T12:00:00Z');

function system(name: string, endOfSupport: string): OperatingSystem {
  return { metadata: { name }, spec: { lifeCycle: { endOfSupport } } } as unknown as OperatingSystem;
}
const SYSTEMS = [system('debian-12', '2026-07-11'), system('debian-13', '2028-08-09'), system('long', '2040-01-01')];
const line = (name: string, on: string, more: object = {}) => ({
  ...{ name, endOfSupport: '2029-11-08', operatingSystems: [{ name: on }], ...more },
});

function assess(spec: object = {}, facts: Partial<ProductFacts> = {}) {
  const systemNamed = (name: string) => SYSTEMS.find(({ metadata }) => metadata.name === name);
  return assessProduct({ product: product(spec), applications: 3, systemNamed, now, ...facts });
}
const says = (type: string, ...given: Parameters<typeof assess>) =>
  assess(...given).conditions.find(condition => condition.type === type);

describe('AP-1: a Product', () => {
  it('that can be carried out is Ready, says what can be ordered and counts its orders', () => {
    const { status } = assess();
    expect(status).toEqual({ observedGeneration: 1, applications: 3 });
    expect(says('Ready')).toEqual({
      ...{ type: 'Ready', status: 'True', reason: 'Offered' },
      message: 'It can be ordered at Basic, Advanced, Expert in line 17, with 0 parameters and 0 modules.',
    });
  });

  it('with faults is not, and names each', () => {
    const { conditions } = assess({ conflicts: ['postgresql'], modules: [{ name: 'a' }] });
    expect(conditions.slice(0, 2)).toMatchObject([
      { type: 'Ready', status: 'False', reason: 'InvalidProduct' },
      { type: 'Stalled', status: 'True', reason: 'InvalidProduct' },
    ]);
    expect(conditions[0]?.message).toBe(
      'Nothing of it is carried out for 2 faults: spec.conflicts: a Product does not conflict with itself. spec.modules: modules are extensions of PostgreSQL, and no step of it makes interface.database.',
    );
  });

  it('with more faults than a message holds is told as many as it holds', () => {
    const steps = Array.from({ length: 40 }, (_, at) => ({ name: `w${at}`, waitFor: { probe: 'nowhere' } }));
    expect(says('Ready', { steps })?.message).toHaveLength(1024);
  });

  it('that was stored under another schema names the field', () => {
    const stored = { ...product(), spec: { ...product().spec, lines: 'none' } } as unknown as ProductFacts['product'];
    expect(says('Ready', {}, { product: stored })).toMatchObject({ status: 'False', reason: 'InvalidProduct' });
    expect(says('Ready', {}, { product: stored })?.message).toMatch(/^spec\.lines: /);
  });

  it('whose lines are all blocked is withdrawn', () => {
    const lines = [line('17', 'debian-13', { blocked: 'data loss' })];
    expect(says('Ready', { lines })).toMatchObject({ status: 'False', reason: 'Withdrawn' });
    expect(says('Supported', { lines })).toMatchObject({ status: 'Unknown', message: 'No line is offered.' });
  });

  it('guesses nothing while systems or orders cannot be read', () => {
    const unreadable = { kind: 'OperatingSystem', namespace: '', why: 'forbidden' };
    expect(assess({}, { unreadable }).conditions.map(({ type, status }) => `${type}=${status}`)).toEqual([
      ...['Ready=Unknown', 'Stalled=True', 'Supported=Unknown'],
    ]);
  });
});

describe('AP-14: the support of a Product', () => {
  it('is that of its lines on each system, by whose date comes first (GE-9)', () => {
    const lines = [line('17', 'debian-13'), line('16', 'long'), line('15', 'debian-12'), line('14', 'arch')];
    expect(says('Supported', { lines })).toEqual({
      ...{ type: 'Supported', status: 'True', reason: 'LineSupported' },
      message:
        "Supported: 17 on debian-13 until 2028-08-10T00:00:00Z (the support of OperatingSystem debian-13), 16 on long until 2029-11-09T00:00:00Z (the vendor's support, 2029-11-08). Not any more: 15 on debian-12 until 2026-07-12T00:00:00Z (the support of OperatingSystem debian-12). Not in the catalogue of systems: 14 on arch.",
    });
  });

  it('is by the dates of the distribution where the Product says so', () => {
    const on = { operatingSystems: [{ name: 'long', endOfSupport: '2030-06-30' }] };
    const spec = { supportedBy: 'Distribution', lines: [line('1.26', 'long', { endOfSupport: '2025-04-23', ...on })] };
    expect(says('Supported', spec)?.message).toBe(
      "Supported: 1.26 on long until 2030-07-01T00:00:00Z (the distribution's support, 2030-06-30).",
    );
  });

  it.each([
    ['2027-05-30T00:00:00Z', 'True', 'LineSupported', '2027-06-03T00:00:00.000Z'],
    ['2027-06-03T00:00:00Z', 'True', 'SupportEndsSoon', '2027-11-30T00:00:00.000Z'],
    ['2027-11-29T23:59:59Z', 'True', 'SupportEndsSoon', '2027-11-30T00:00:00.000Z'],
    ['2027-11-30T00:00:00Z', 'False', 'SupportEnded', undefined],
  ])('of one line that ends with 2027-11-29 reads at %s %s/%s', (at, status, reason, edge) => {
    const spec = { lines: [line('17', 'long', { endOfSupport: '2027-11-29' })] };
    expect(says('Supported', spec, { now: new Date(at) })).toMatchObject({ status, reason });
    expect(assess(spec, { now: new Date(at) }).nextEdge?.toISOString()).toBe(edge);
  });

  it('is not known of a system that is not in the catalogue', () => {
    expect(says('Supported', { lines: [line('17', 'arch')] })).toMatchObject({
      ...{ status: 'Unknown', reason: 'OperatingSystemNotFound' },
      message: 'Not in the catalogue of systems: 17 on arch.',
    });
  });
});
