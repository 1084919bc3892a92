/** The test bed on the command line: `npm run testbed -- up | down | status | enter | in-box | build`. */
import { parseArgs } from 'node:util';
import { buildArgoCD } from './argocd/argocd.ts';
import { ensureInstallation } from './build/installation.ts';
import { ensureSeed, type Profile } from './controlplane/seed.ts';
import { buildNodeBed } from './node/bednode.ts';
import { insideBox, runInBox } from './node/box/box.ts';
import { whatIsMissing } from './node/box/prerequisites.ts';
import { down, enter, prepare, status, up, upDetached } from './resident.ts';
import { buildVelero } from './velero/velero.ts';

const usage = `Usage: npm run testbed -- <command> [--dir FOLDER]

  up [--profile node] [--no-kubevirt] [--detach]
                       start a test bed; it stays until Ctrl-C, or with --detach until \`down\`. The profile is
                       control-plane, or node: with a real node, for which it takes root
  down                 stop the test bed
  status               say whether it runs, and where
  enter [-- COMMAND]   a shell, or the command, in the box of a test bed with a real node
  in-box -- COMMAND    build what a real node is made of, then run the command in a new box, where it may start a
                       test bed with a real node
  build [--profile node] [--argocd] [--velero]
                       only build what it is made of, and the Argo CD and the Velero that tests put on it
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: {
    dir: { type: 'string' },
    profile: { type: 'string', default: 'control-plane' },
    kubevirt: { type: 'boolean', default: true },
    detach: { type: 'boolean', default: false },
    argocd: { type: 'boolean', default: false },
    velero: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string) => console.log(line);

function profileOf(name: string): Profile {
  if (name === 'control-plane' || name === 'node') return name;
  throw new Error(`There is no profile ${name}; there are control-plane and node.`);
}

/** The profile that was asked for, unless this machine cannot have it. */
async function possible(profile: Profile): Promise<Profile> {
  if (profile === 'control-plane' || insideBox()) return profile;
  const missing = await whatIsMissing();
  if (missing.length === 0) return profile;
  say(`This machine cannot run a real node, so the node is played (profile control-plane):\n${missing.join('\n')}`);
  return 'control-plane';
}

async function build(profile: Profile): Promise<void> {
  if (profile === 'node') await buildNodeBed(say);
  else await ensureSeed(await ensureInstallation(say), profile, say);
}

/** Around a real node there is a box, in which this program runs again. */
async function start(): Promise<number> {
  const profile = await possible(profileOf(values.profile));
  const options = { dir: values.dir, kubevirt: values.kubevirt, profile };
  if (values.detach) {
    await upDetached(options, say);
    return 0;
  }
  if (profile === 'control-plane' || insideBox()) {
    await up(options, say);
    return 0;
  }
  const folder = await prepare(options.dir);
  await build(profile);
  const again = ['up', '--profile', profile, '--dir', folder, ...(values.kubevirt ? [] : ['--no-kubevirt'])];
  return runInBox([process.execPath, process.argv[1] ?? '', ...again], say, [folder]);
}

async function command(): Promise<number> {
  const [name, ...rest] = positionals;
  switch (values.help ? 'help' : name) {
    case 'up':
      return start();
    case 'down':
      return (await down(values.dir, say)) ? 0 : 1;
    case 'status':
      return (await status(values.dir, say)) ? 0 : 1;
    case 'enter':
      return enter(values.dir, rest, say);
    case 'in-box':
      await build('node');
      return runInBox(rest, say);
    case 'build':
      await build(await possible(profileOf(values.profile)));
      if (values.argocd) await buildArgoCD(say);
      if (values.velero) await buildVelero(say);
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
