import { expect, test } from 'vitest';
import { type ApplicationPlan, planIn, sealed } from './applicationplan.ts';

const backup = {
  ...{ engine: 'Valkey' as const, everyHours: 24, proveEveryDays: 7, keep: 2 },
  ...{ dumpMinutes: 60, proofMinutes: 60 },
};
const plan: ApplicationPlan = {
  ...{ application: 'shop', uid: 'uid', present: true, steps: [], probes: [], versionOf: 'valkey-server', backup },
};

test('AP-13: a plan without folders is the same text, and so of the same revision, as before there were any', () => {
  expect(sealed(plan).text).toBe(
    '{"application":"shop","uid":"uid","present":true,"steps":[],"probes":[],"versionOf":"valkey-server","backup":{"engine":"Valkey","everyHours":24,"proveEveryDays":7,"keep":2,"dumpMinutes":60,"proofMinutes":60}}',
  );
});

test('AP-13: a plan is none that can be carried out where its engine, or more of how it dumps, is not known to this version', () => {
  const files: ApplicationPlan = { ...plan, backup: { ...backup, engine: 'Files', folders: ['/var/www'] } };
  const { text } = sealed(files);
  expect(planIn(text)).toEqual(files);
  expect(planIn(text.replace('Files', 'Tapes'))).toBeUndefined();
  expect(planIn(text.replace('"folders"', '"places"'))).toBeUndefined();
});
