import { expect, test } from 'vitest';
import type { ApplicationPlan } from '../contract/applicationplan.ts';
import { packagesOfApplications, withoutHeldFor } from './heldfor.ts';
import type { Scan, Update } from './update.ts';

const plan = (name: string, designated: boolean, present = true): ApplicationPlan => {
  const update = { version: '2', ports: [], withinSeconds: 1 };
  return {
    ...{ application: name, uid: name, present, probes: [], versionOf: name },
    steps: [{ type: 'package', name: 'packages', packages: [name], ...(designated && { update }) }],
  };
};

test('AP-2: what is held back for an application with a designated version is nothing that the system lacks (MO-3)', () => {
  const update = (name: string, hindrance?: Update['hindrance']) => ({ package: name, hindrance }) as Update;
  const updates = [update('shop', 'Held'), update('wiki', 'Held'), update('gone', 'Held'), update('mail', 'Held')];
  const scan = { updates: [...updates, update('other'), update('shop')] } as unknown as Scan;
  const packages = packagesOfApplications([plan('shop', true), plan('wiki', false), plan('gone', true, false)]);
  expect(withoutHeldFor(packages, scan).updates.map(({ package: name }) => name)).toEqual([
    ...['wiki', 'gone', 'mail', 'other', 'shop'],
  ]);
  expect(withoutHeldFor(new Set(), scan)).toBe(scan);
});
