import { describe, expect, test } from 'vitest';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { OperatingSystem } from '../../api/operatingsystem.ts';
import { application, product } from './product.fixtures.ts';
import { type OrderFacts, refusalOf } from './refusal.ts';

const NOW = new Date('2026-12-01T12:00:00Z');
const vm = (serviceLevel = 'MonitoringAndPatching', operatingSystem = 'debian-13') =>
  ({ metadata: { name: 'shop-db', namespace: 'acme' }, spec: { serviceLevel, operatingSystem } }) as ManagedVM;
const system = (family = 'Linux') =>
  ({ spec: { family, lifeCycle: { endOfSupport: '2030-06-30' } } }) as unknown as OperatingSystem;
const facts = (change: Partial<OrderFacts> = {}): OrderFacts => ({
  ...{ product: product().spec, productFaults: [], managedVM: vm(), operatingSystem: system(), earlier: [] },
  ...{ agreed: undefined, ...change },
});
/** One that was on the VM before. */
const beside = (name: string, conflicts?: string[]): OrderFacts['earlier'][number] => ({
  application: { ...application({ product: name }), metadata: { namespace: 'acme', name: `shop-${name}` } },
  product: product(conflicts && { conflicts }, name).spec,
});
const ended = [{ name: '17', endOfSupport: '2026-11-12', operatingSystems: [{ name: 'debian-13' }] }];

describe('an order of an application is refused (AP-7, AP-8, GE-9, GE-10)', () => {
  test.each([
    ['without such a Product (AP-8)', {}, { product: undefined }, 'ProductNotFound', /no Product postgresql/],
    ['of a Product that is wrong', {}, { productFaults: ['spec.steps: x.'] }, 'ProductNotReady', /spec\.steps: x/],
    ['on a VM at Admin (AP-7)', {}, { managedVM: vm('Admin') }, 'LevelTooLow', /AP-7/],
    ['on a VM that is not there', {}, { managedVM: undefined }, 'ManagedVMNotFound', /no ManagedVM shop-db/],
    ['on Windows', {}, { operatingSystem: system('Windows') }, 'SystemNotOffered', /Windows/],
    [
      'on a system that the line is not offered on',
      {},
      { managedVM: vm(undefined, 'sles-15') },
      'SystemNotOffered',
      /sles-15/,
    ],
    [
      'at a level that is not offered',
      {},
      { product: product({ levels: ['Basic'] }).spec },
      'LevelNotOffered',
      /Expert/,
    ],
    [
      'by agreement only, without one (AP-8)',
      {},
      { product: product({ agreement: 'ByAgreement' }).spec },
      'NotAgreed',
      /AP-8/,
    ],
    ['of a line that there is not', { line: '9' }, {}, 'LineNotOffered', /not in 9/],
    [
      'of a line that has ended (GE-9)',
      {},
      { product: product({ lines: ended }).spec },
      'LineEnded',
      /2026-11-13T00:00:00Z/,
    ],
    [
      'of a line that the provider has blocked',
      {},
      { product: product({ lines: [{ ...product().spec.lines[0], blocked: 'it loses data' }] }).spec },
      'LineBlocked',
      /it loses data/,
    ],
    ['beside one of the same product', {}, { earlier: [beside('postgresql')] }, 'Conflict', /shop-postgresql/],
    [
      'beside one that its Product conflicts with',
      {},
      { product: product({ conflicts: ['pgpool'] }).spec, earlier: [beside('nginx'), beside('pgpool')] },
      'Conflict',
      /shop-pgpool/,
    ],
    [
      'beside one whose Product conflicts with it',
      {},
      { earlier: [beside('nginx', ['mariadb']), beside('pgpool', ['postgresql'])] },
      'Conflict',
      /shop-pgpool/,
    ],
    ['with a module that is not supported (GE-10)', { modules: ['timescaledb'] }, {}, 'ModuleNotSupported', /GE-10/],
    [
      'with a module that was not agreed (GE-10)',
      { modules: ['plpython'] },
      { product: product({ modules: [{ name: 'plpython', supported: 'OnRequest' }] }).spec },
      'ModuleNotAgreed',
      /GE-10/,
    ],
  ] as const)('%s', (_, spec, change, reason, message) => {
    const refusal = refusalOf(application(spec), facts(change as Partial<OrderFacts>), NOW);
    expect(refusal).toMatchObject({ standing: 'failed', reason, message: expect.stringMatching(message) });
  });

  test('and not beside one that neither Product names, nor one whose Product is gone', () => {
    const earlier = [beside('nginx', ['mariadb']), { ...beside('pgpool'), product: undefined }];
    expect(refusalOf(application(), facts({ earlier }), NOW)).toBeUndefined();
  });

  test('and otherwise not; by agreement where the Contract names it (AP-8)', () => {
    expect(refusalOf(application(), facts(), NOW)).toBeUndefined();
    const agreed = facts({ product: product({ agreement: 'ByAgreement' }).spec, agreed: ['postgresql'] });
    expect(refusalOf(application(), agreed, NOW)).toBeUndefined();
  });

  test('what is installed stays when its line ends or is blocked', () => {
    const installed = application();
    installed.status = { plan: { revision: 'sha256:1', since: '2026-01-01T00:00:00Z' } };
    expect(refusalOf(installed, facts({ product: product({ lines: ended }).spec }), NOW)).toBeUndefined();
  });
});
