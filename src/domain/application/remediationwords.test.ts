import { expect, test } from 'vitest';
import { ProductRemediation } from '../../api/productremediation.ts';
import { LADDER } from './remediation.fixtures.ts';
import { remediationInWords } from './remediationwords.ts';

const ladder = ProductRemediation.parse(LADDER);

test('AP-4: a dry run says of each trouble what would be done, until a person is called', () => {
  expect(remediationInWords(ladder, 'Expert', '17').join('\n')).toBe(
    `
dry run of remediation; at Expert at any hour (AP-4):
  if probe transaction fails, and nothing helps:
     after 5 minutes, rung restart: would restart postgresql@17-main.service; at most 3 in 1 hour.
     after 10 minutes, rung restart: would restart postgresql@17-main.service; at most 3 in 1 hour.
     after 15 minutes, rung restart: would restart postgresql@17-main.service; at most 3 in 1 hour.
     after 20 minutes, rung reboot: would restart the VM; at most 1 in 24 hours.
     after 30 minutes, rung person: would call a person; at most 1 in 4 hours.
  if ManagedVMFileSystemFull fires, and nothing helps:
     after 0 minutes, rung space: would free space: vacuum the journal, clean the package cache, remove rotated logs, and no file of a database; at most 1 in 6 hours.
     after 10 minutes, rung person: would call a person; at most 1 in 4 hours.`.slice(1),
  );
});

test('AP-3: at Basic it has nothing to say but that it is not included', () => {
  expect(remediationInWords(ladder, 'Basic', '17')).toEqual([
    'dry run of remediation; at Basic not included (AP-3, AP-4); trouble is an incident, billed by effort (GE-3):',
  ]);
});
