import { describe, expect, test } from 'vitest';
import { product } from './product.fixtures.ts';
import { supported, supportedUntil } from './supported.ts';

const lines = [
  {
    ...{ name: '17', endOfSupport: '2029-11-08' },
    operatingSystems: [{ name: 'debian-13', endOfSupport: '2028-08-09' }, { name: 'debian-12' }],
  },
];
const vendor = product({ lines }).spec;
const distribution = product({ lines, supportedBy: 'Distribution' }).spec;
const [line] = vendor.lines;

const at = (day: string) => new Date(`${day}T00:00:00Z`);
const said = (spec: typeof vendor, now: string) => supported(spec, '17', 'debian-13', undefined, at(now));

describe('how long a line is supported (AP-14, GE-9)', () => {
  test.each([
    ['2029-05-12', 'True/Supported', '2029-05-13'],
    ['2029-05-13', 'True/SupportEndsSoon', '2029-08-11'],
    ['2029-08-11', 'True/SupportEndsSoon', '2029-11-09'],
    ['2029-11-09', 'False/SupportEnded', undefined],
  ])('at %s by the vendor: %s, until %s', (now, verdict, edge) => {
    const { status, reason, message, nextEdge } = said(vendor, now);
    expect(`${status}/${reason}`).toBe(verdict);
    expect(nextEdge?.toISOString().slice(0, 10)).toBe(edge);
    expect(message).toContain('2029-11-09T00:00:00Z');
  });

  test('whose clock decides, the Product says; a system that has no date of its own has the vendor’s', () => {
    if (line === undefined) throw new Error('no line');
    expect(supportedUntil(distribution, line, 'debian-13', undefined).at).toEqual(at('2028-08-10'));
    expect(supportedUntil(distribution, line, 'debian-12', undefined).at).toEqual(at('2029-11-09'));
  });

  test('the system that ends first ends it', () => {
    if (line === undefined) throw new Error('no line');
    const system = { spec: { lifeCycle: { endOfSupport: '2027-01-01' } } } as never;
    expect(supportedUntil(vendor, line, 'debian-13', system)).toEqual({
      at: at('2027-01-02'),
      by: 'the support of OperatingSystem debian-13',
    });
  });

  test('of a line without dates it is not known', () => {
    expect(supported(vendor, '18', 'debian-13', undefined, at('2027-01-01'))).toMatchObject({ status: 'Unknown' });
  });
});
