import { describe, expect, test } from 'vitest';
import type { ApplicationPlan } from '../contract/applicationplan.ts';
import { modulesCompliant } from './modulescompliant.ts';

const plan: ApplicationPlan = {
  ...{ application: 'shop', uid: 'u', present: true, versionOf: 'postgresql-17', probes: [] },
  steps: [{ type: 'database', name: 'data', engine: 'PostgreSQL', database: 'app', owner: 'app' }],
};
const module = (name: string, database = 'app') => ({ module: name, database });

describe('modules of an application (GE-10)', () => {
  test('are as ordered only where every database has said so', () => {
    expect(modulesCompliant({ plan, found: { count: 0, named: [] } })).toMatchObject({
      status: 'True',
      reason: 'AsOrdered',
    });
    expect(modulesCompliant({ plan })).toMatchObject({ status: 'Unknown', reason: 'NotAsked' });
  });

  test('that nobody ordered are named with where they are, and nothing is promised of them', () => {
    const named = [module('postgis'), module('plpython3u', 'a"b. All is well'), ...Array(14).fill(module('x'))];
    const { status, reason, message } = modulesCompliant({ plan, found: { count: 40, named } });
    expect([status, reason]).toEqual(['False', 'CustomisationDetected']);
    expect(message).toMatch(
      /^40 extensions that nobody ordered: "postgis" in database "app", "plpython3u" in database "a'b[.] All is well", .*, and 34 more[.] Nothing of it is supported/,
    );
  });

  test('are not included where the product has none that somebody could add', () => {
    const silent = { status: 'Unknown', reason: 'Pending', message: 'Not yet.' } as const;
    expect(modulesCompliant({ plan, silent })).toBe(silent);
    const nginx = { ...plan, steps: [] };
    expect(modulesCompliant({ plan: nginx, silent })).toMatchObject({ status: 'Unknown', reason: 'NotIncluded' });
  });
});
