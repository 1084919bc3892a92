/** `npm run bench`: how fast Steward is beside a client that only writes. `--quick` counts requests and is judged; `--report FILE` writes JSON. */
import { parseArgs } from 'node:util';
import { conclude } from './checks.ts';
import { quick } from './quick.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, report: { type: 'string' } } });
if (values.quick !== true) {
  console.error('usage: npm run bench -- --quick [--report FILE]');
  process.exit(2);
}
process.exitCode = await conclude(await quick(), values.report);
