import { expect, test } from 'vitest';
import { product } from '../../src/domain/application/product.fixtures.ts';
import { includedSection } from './catalogueincluded.ts';
import { backupSection, measuredSection, remedySection } from './cataloguekept.ts';
import { linesSection, testedSection } from './cataloguelines.ts';

const lines = [
  {
    ...{ name: '17', endOfSupport: '2029-11-08', source: 'https://example.org/dates', checkedOn: '2026-11-28' },
    operatingSystems: [{ name: 'debian-13' }, { name: 'debian-12' }],
  },
  { name: '15', endOfSupport: '2027-11-11', blocked: 'data loss', operatingSystems: [{ name: 'debian-12' }] },
];
const passed = { line: '17', operatingSystem: 'debian-13', day: '2026-11-30', command: 'npm run e2e' };

test('AP-14: a page shows every line on every system that is offered, and says of each that was not tested that it was not', () => {
  const tested = [{ ...passed, environment: 'Guest' }];
  const rows = testedSection(product({ lines, tested }).spec).split('\n').slice(-3);
  expect(rows).toEqual([
    '| 17 | debian-13 | 2026-11-30, `npm run e2e` | **not tested** |',
    '| 17 | debian-12 | **not tested** | **not tested** |',
    '| 15 | debian-12 | **not tested** | **not tested** |',
  ]);
});

test('AP-14: a page shows both dates, where they come from and when that was looked at, and which lines nobody may order', () => {
  const text = linesSection(product({ lines }).spec);
  expect(text).toContain(
    '| 17 | debian-13 | 2029-11-08 | not said | as the system has it | [vendor](https://example.org/dates), checked 2026-11-28 |',
  );
  expect(text).toContain('| 15, not to be ordered: data loss | debian-12 |');
});

test('AP-3, AP-5, AP-6: a page promises nothing that the entry does not have', () => {
  const { spec } = product();
  const text = includedSection(spec);
  expect(text).toContain('| Remediation in core hours (AP-3) | no | by people | by people |');
  expect(text).toContain('| Works, of each month | no number | no number | no number |');
  expect(text).toContain('(AP-6) | the disks of the VM | the disks of the VM | the disks of the VM |');
  expect(measuredSection(spec)).not.toContain('alert');
  expect(backupSection(spec)).toContain('no restore of them is proven');
  expect(remedySection(spec)).toBeUndefined();
});
