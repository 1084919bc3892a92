/** The main job from an empty cluster to promises kept: `npm run demo [-- --once]`. */
import { parseArgs } from 'node:util';
import { demonstrateControlPlane } from './controlplanedemo.ts';

const { values: flags } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
process.exitCode = await demonstrateControlPlane(flags.once);
