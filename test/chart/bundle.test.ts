import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../../hack/bundle.ts';
import { installChart, type StewardProcess, startSteward } from '../../hack/steward/steward.ts';
import { startTestBed, type TestBed } from '../../hack/testbed/testbed.ts';
import { type Kubectl, kubectlOf } from './chart.ts';
import { operatingSystem, virtualMachine } from './objects.ts';

let bed: TestBed;
let kubectl: Kubectl;
let steward: StewardProcess | undefined;

beforeAll(async () => {
  bed = await startTestBed({ kubevirt: false, played: false });
  kubectl = kubectlOf(bed);
  await installChart(bed);
  await kubectl('create namespace acme');
});
afterAll(async () => {
  await steward?.stop('SIGKILL');
  await bed.stop();
});

describe('the bundle that the image holds', () => {
  it('works from a folder without node_modules, with the rights of the chart, and ends in order on SIGTERM', async () => {
    const program = await bundle({ outfile: join(bed.dir, 'app/steward.mjs') });
    steward = await startSteward(bed, { program });
    await steward.ready();
    const { healthURL, metricsURL } = steward;
    expect(await fetch(`${healthURL}/livez`).then(answer => answer.status)).toBe(200);
    expect(await fetch(metricsURL).then(answer => answer.text())).toContain('controller_runtime_reconcile_total');
    await kubectl('apply -f -', operatingSystem);
    await kubectl('apply -f -', virtualMachine('bundled'));
    const seen = () => kubectl('get mvm bundled -n acme -o jsonpath={.status.observedGeneration}');
    await expect.poll(seen, { timeout: 30_000 }).toBe('1');
    await steward.stop();
    expect(await steward.exited).toBe(0);
  });
});
