import { describe, expect, it } from 'vitest';
import { idsIn, type Requirement, requirementsPage } from '../../hack/generate/requirements.ts';

const claimed: Requirement = { id: 'MO-7', en: 'Windows.', de: 'Windows.', state: 'works', page: 'spec/managedvm.md' };
const citing = [
  { file: 'src/domain/machine/order.ts', ids: ['MO-7'] },
  { file: 'src/domain/machine/order.test.ts', ids: ['MO-7'] },
];

describe('the page of requirements', () => {
  it('has a row that begins with the id, and names code, tests and page', () => {
    const row = requirementsPage([claimed], citing)
      .split('\n')
      .find(line => line.startsWith('| MO-7 |'));
    expect(row).toContain('`src/domain/machine`');
    expect(row).toContain('`src/domain/machine/order.test.ts`');
    expect(row).toContain('(spec/managedvm.md)');
  });

  it('is not made when the last test that cites a kept promise is gone', () => {
    expect(() => requirementsPage([claimed], citing.slice(0, 1))).toThrow('MO-7 claims "works", but no test cites it');
  });

  it('is not made of a promise that is kept partly and does not say what is lacking', () => {
    expect(() => requirementsPage([{ ...claimed, state: 'partly' }], citing)).toThrow('lacks');
  });

  it('is not made when something cites a requirement that does not exist', () => {
    expect(() => requirementsPage([claimed], [...citing, { file: 'a.ts', ids: ['MO-17'] }])).toThrow('MO-17 in a.ts');
  });

  it('reads ids as whole words', () => {
    expect(idsIn('MO-1, MO-12 (AP-6) and XMO-3, GE-9; MO-1')).toEqual(['MO-1', 'MO-12', 'AP-6', 'GE-9']);
  });
});
