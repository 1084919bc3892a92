/** The test bed on the command line: `npm run testbed -- up | down | status | build`. */
import { parseArgs } from 'node:util';
import { ensureInstallation } from './binaries.ts';
import { down, status, up, upDetached } from './resident.ts';
import { ensureSeed } from './seed.ts';

const usage = `Usage: npm run testbed -- <command> [--dir FOLDER]

  up [--no-kubevirt] [--detach]  start a test bed; it stays until Ctrl-C, or with --detach until \`down\`
  down                           stop the test bed
  status                         say whether it runs, and where
  build                          only build what it is made of
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: {
    dir: { type: 'string' },
    kubevirt: { type: 'boolean', default: true },
    detach: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string) => console.log(line);

async function command(): Promise<number> {
  const options = { dir: values.dir, kubevirt: values.kubevirt };
  switch (values.help ? 'help' : positionals[0]) {
    case 'up':
      await (values.detach ? upDetached(options, say) : up(options, say));
      return 0;
    case 'down':
      return (await down(options.dir, say)) ? 0 : 1;
    case 'status':
      return (await status(options.dir, say)) ? 0 : 1;
    case 'build':
      await ensureSeed(await ensureInstallation(say), say);
      return 0;
    default:
      console.error(usage);
      return values.help ? 0 : 2;
  }
}

try {
  process.exitCode = await command();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof Error && error.cause instanceof Error) console.error(error.cause.message);
  process.exitCode = 1;
}
