/**
 * End-to-end tests on a real node, with guests that boot: `npm run e2e -- --node [--sample] [FILE…]`. `--sample` leaves out what takes long:
 * the alerts' own delays, and the twenty guests. `npm run e2e -- --restore`: a ManagedVM that KubeVirt clones and restores, alone.
 */
import { parseArgs } from 'node:util';
import { runOnNode } from './steward/onnode.ts';
import { BoxUnavailable } from './testbed/node/box/box.ts';
import { vitestReport } from './verify/report.ts';

/** Files of test/e2e that end within minutes. */
const SAMPLE = ['life', 'resilience'];

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'boolean', default: false },
    sample: { type: 'boolean', default: false },
    restore: { type: 'boolean', default: false },
    /** Where vitest writes its report as JSON. */
    report: { type: 'string' },
  },
});

async function test(): Promise<number> {
  if (!flags.node && !flags.restore) {
    console.error(
      'Say --node: these tests need a real node, so root. `npm run integration` runs those on a control plane.',
    );
    return 2;
  }
  const asked = [...positionals, ...(flags.restore ? ['restore'] : [])];
  const files = asked.length === 0 && flags.sample ? SAMPLE : asked;
  const report = flags.report === undefined ? [] : vitestReport(flags.report);
  return runOnNode(['vitest', 'run', '--project', 'e2e', ...report, ...files], console.log);
}

try {
  process.exitCode = await test();
} catch (error) {
  if (!(error instanceof BoxUnavailable)) throw error;
  console.error(`This machine cannot run a real node:\n${error.message}`);
  process.exitCode = 1;
}
