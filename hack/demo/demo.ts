/**
 * The main job, from an empty cluster to promises kept: `npm run demo [-- --once] [-- --profile control-plane]`. On a real node, with
 * guests that boot, where this machine can have one; else on a control plane whose node is played, and it says why.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runOnNode } from '../steward/onnode.ts';
import { whatIsMissing } from '../testbed/node/box/prerequisites.ts';
import { demonstrateControlPlane } from './controlplanedemo.ts';

const { values: flags } = parseArgs({
  options: { once: { type: 'boolean', default: false }, profile: { type: 'string', default: 'node' } },
});

async function demonstrate(): Promise<number> {
  if (flags.profile !== 'node') return demonstrateControlPlane(flags.once);
  const missing = await whatIsMissing();
  if (missing.length > 0) {
    console.log(`This machine cannot run a real node, so the node is played:\n${missing.join('\n')}\n`);
    return demonstrateControlPlane(flags.once);
  }
  const program = join(import.meta.dirname, 'guestdemo.ts');
  return runOnNode([process.execPath, program, ...(flags.once ? ['--once'] : [])], console.log);
}

process.exitCode = await demonstrate();
