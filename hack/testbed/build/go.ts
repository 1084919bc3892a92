/** The Go toolchain: is it there, is it new enough, and one build with it. */
import { fileURLToPath } from 'node:url';
import { CommandFailed, run } from '../process/command.ts';
import { type Progress, spoken } from './progress.ts';
import { minimumGo } from './versions.ts';

export class GoMissing extends Error {
  override name = 'GoMissing';
}

const wanted = `Go ${minimumGo.major}.${minimumGo.minor} or newer`;
const remedy = `The test bed builds Kubernetes and KubeVirt from source with ${wanted}: https://go.dev/dl`;

/** Folder of one of the test bed's own Go modules. */
export function moduleFolder(name: string): string {
  return fileURLToPath(new URL(`../go/${name}`, import.meta.url));
}

/** Throws {@link GoMissing} with what to do when there is no Go toolchain, or one too old that may not fetch a newer one. */
export async function requireGo(): Promise<void> {
  const version = await run('go', ['env', 'GOVERSION'], { cwd: moduleFolder('tools') }).catch((error: unknown) => {
    const reason = error instanceof CommandFailed ? error.message : String(error);
    throw new GoMissing(reason.includes('ENOENT') ? `There is no \`go\` command. ${remedy}` : `${reason}\n${remedy}`);
  });
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
  const enough = Number(major) === minimumGo.major && Number(minor) >= minimumGo.minor;
  if (!enough) throw new GoMissing(`This is ${version.trim()}. ${remedy}`);
}

export type GoBuild = {
  readonly module: string;
  readonly packages: readonly string[];
  /** Folder the programs go to. */
  readonly output: string;
  readonly linkerFlags?: readonly string[];
  readonly tags?: readonly string[];
  /** What stands before the command line to run it somewhere else, for example in a build box with Debian's libraries. */
  readonly within?: readonly string[];
  /** Flags for the C compiler, for packages that are partly C; without them nothing of C is built and the programs are static. */
  readonly cFlags?: string;
  /** Path of the program that ends the build together with this process. */
  readonly tether?: string | undefined;
  /** About how many packages a build from an empty cache compiles. */
  readonly expectedPackages: number;
};

/** Builds stripped programs; says every ten seconds how far it is. */
export async function goBuild(build: GoBuild, progress: Progress): Promise<void> {
  const started = Date.now();
  let compiled = 0;
  const report = () =>
    progress(
      `  ${build.module}: ${spoken(Date.now() - started)}, ${compiled} of about ${build.expectedPackages} packages compiled`,
    );
  const timer = setInterval(report, 10_000);
  const linkerFlags = ['-s', '-w', ...(build.linkerFlags ?? [])].join(' ');
  const command = [
    ...(build.within ?? []),
    'go',
    'build',
    '-v',
    '-trimpath',
    '-ldflags',
    linkerFlags,
    '-tags',
    (build.tags ?? []).join(','),
    '-o',
    `${build.output}/`,
    ...build.packages,
  ];
  const [program = 'go', ...args] = build.tether === undefined ? command : [build.tether, `${process.pid}`, ...command];
  const { cFlags } = build;
  const c = cFlags === undefined ? { CGO_ENABLED: '0' } : { CGO_ENABLED: '1', CGO_CFLAGS: `-O2 ${cFlags}` };
  try {
    await run(program, args, {
      cwd: moduleFolder(build.module),
      env: { ...process.env, ...c, GOFLAGS: '-buildvcs=false', GOWORK: 'off' },
      onErrorLine: line => {
        if (!line.includes(' ')) compiled += 1;
      },
    });
  } finally {
    clearInterval(timer);
  }
}

/** The folder of a module's sources, downloaded when needed. Throws when its checksum is not the pinned one. */
export async function moduleSources(module: string, sum: string): Promise<string> {
  const answer: unknown = JSON.parse(
    await run('go', ['mod', 'download', '-json', module], { cwd: moduleFolder('tools') }),
  );
  const { Dir: folder, Sum: actual } = answer as { Dir?: string; Sum?: string };
  if (folder === undefined || actual !== sum) throw new Error(`${module} has checksum ${actual}, pinned is ${sum}`);
  return folder;
}
