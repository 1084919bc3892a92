/**
 * The main job, from an empty cluster to promises kept: `npm run demo [-- --once [--patch] [--backup]] [-- --profile control-plane]`. On a real node, with
 * guests that boot, where this machine can have one; else on a control plane whose node is played, and it says why.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runOnNode } from '../steward/onnode.ts';
import { whatIsMissing } from '../testbed/node/box/prerequisites.ts';
import { demonstrateControlPlane } from './controlplanedemo.ts';

const { values: flags } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    patch: { type: 'boolean', default: false },
    backup: { type: 'boolean', default: false },
    profile: { type: 'string', default: 'node' },
  },
});

async function demonstrate(): Promise<number> {
  if (flags.profile !== 'node') return played();
  const missing = await whatIsMissing();
  if (missing.length > 0) {
    console.log(`This machine cannot run a real node, so the node is played:\n${missing.join('\n')}\n`);
    return played();
  }
  const program = join(import.meta.dirname, 'guestdemo.ts');
  const passed = (['once', 'patch', 'backup'] as const).filter(flag => flags[flag]).map(flag => `--${flag}`);
  return runOnNode([process.execPath, program, ...passed], console.log);
}

/** Nothing is patched or restored where nothing boots. */
async function played(): Promise<number> {
  if (!flags.patch && !flags.backup) return demonstrateControlPlane(flags.once);
  console.error('--patch and --backup take a guest that boots, and so a real node.');
  return 1;
}

process.exitCode = await demonstrate();
