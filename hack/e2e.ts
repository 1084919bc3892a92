/**
 * End-to-end tests. On a real node, with guests that boot: `npm run e2e -- --node [--sample] [FILE…]`; `--sample` is the life of a guest, with a
 * chapter for each promise, and leaves out what takes long: the alerts' own delays, an older Debian and the twenty guests.
 * `npm run e2e -- --guest`: Steward's hands in the guests, on each Debian; ends with the counts.
 * `npm run e2e -- --patching`: the package managers of guests, and then windows that open, in which guests are patched and everything goes wrong
 * that can; needs root. Ends with the counts.
 * `npm run e2e -- --applications [NAME…]`: applications of the catalogue in guests that boot; NAME: only those, with all that is told of them. Ends
 * with the counts.
 * `npm run e2e -- --incidents [FILE…]`: trouble in guests that boot and in an application there: noticed, mended or handed to a person, and written
 * down; FILE: `incidents`, `applicationincidents`. Ends with the counts.
 * `npm run e2e -- --vm [NAME…]`: the VM that customers order, on guests that boot: networks, disks, operations on request; NAME: only those. Ends with the
 * counts.
 * `npm run e2e -- --restore`: a ManagedVM that KubeVirt clones and restores, alone.
 * `npm run e2e -- --packages [FILE…]`: the package managers of guests, over packages that the tests make; needs root. Ends with the counts.
 * `npm run e2e -- --backup [FILE…]`: the traps of the real Velero, on a control plane, and without FILE the full circle too, on a real node: a guest is
 * backed up by schedule, lost with its disks, restored and read. Ends with the counts.
 * `npm run e2e -- --argocd [--sample] [FILE…]`: catalogue and orders in Git, by the real Argo CD, on a control plane.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runOnNode } from './steward/onnode.ts';
import { BoxUnavailable } from './testbed/node/box/box.ts';
import { type Tally, tallyOf, vitestReport } from './verify/report.ts';

/** What each promise shows on the guest whose life is told (test/e2e/life); the other files take long. */
const SAMPLE = ['test/e2e/life.test.ts'];
/** Files of test/argocd that end within minutes. */
const ARGOCD_SAMPLE = ['sync'];

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'boolean', default: false },
    sample: { type: 'boolean', default: false },
    guest: { type: 'boolean', default: false },
    patching: { type: 'boolean', default: false },
    applications: { type: 'boolean', default: false },
    incidents: { type: 'boolean', default: false },
    vm: { type: 'boolean', default: false },
    restore: { type: 'boolean', default: false },
    packages: { type: 'boolean', default: false },
    backup: { type: 'boolean', default: false },
    argocd: { type: 'boolean', default: false },
    /** Where vitest writes its report as JSON. */
    report: { type: 'string' },
  },
});

async function test(): Promise<number> {
  if (flags.argocd) return vitest('argocd', positionals.length === 0 && flags.sample ? ARGOCD_SAMPLE : positionals);
  if (flags.guest) return counted(onGuests('test/e2e/guest.test.ts'));
  if (flags.applications) return counted(...applications(positionals));
  if (flags.incidents) return counted(...troubles(positionals));
  if (flags.vm) return counted(...machines(positionals));
  if (flags.patching) return counted(managers([]), onGuests('test/e2e/patching.test.ts'));
  if (flags.packages) return counted(managers(positionals));
  if (flags.backup) return counted(backups(positionals), ...(positionals.length === 0 ? [circle] : []));
  if (flags.node || flags.restore) return onNode();
  console.error(
    'Say --node, --guest, --patching, --applications, --incidents, --vm or --restore, which need a real node, so root, --packages, which needs root, --backup or --argocd. `npm run integration` runs the tests on a control plane.',
  );
  return 2;
}

function onNode(): Promise<number> {
  const asked = [...positionals, ...(flags.restore ? ['restore'] : [])];
  const files = asked.length === 0 && flags.sample ? SAMPLE : asked;
  return runOnNode(commandFor('e2e', files), console.log);
}

/** Tests that are counted: what they are about, and how they are run. The latter gives the exit code. */
type Part = { readonly about: string; readonly run: (report: string) => Promise<number> };

const onGuests = (file: string): Part => ({
  about: 'guests that boot',
  run: report => runOnNode(commandFor('e2e', [file], report), console.log),
});

const applications = (names: readonly string[]): readonly Part[] =>
  names.length === 0
    ? [onGuests('test/e2e/applications')]
    : names.map(name => onGuests(`test/e2e/applications/${name}`));

const troubles = (names: readonly string[]): readonly Part[] =>
  (names.length === 0 ? ['incidents', 'applicationincidents'] : names).map(name =>
    onGuests(`test/e2e/${name}.test.ts`),
  );

const machines = (names: readonly string[]): readonly Part[] =>
  names.length === 0 ? [onGuests('test/e2e/vm')] : names.map(name => onGuests(`test/e2e/vm/${name}`));

const circle: Part = { ...onGuests('test/e2e/backup.test.ts'), about: 'a guest that is lost and restored' };

const managers = (files: readonly string[]): Part => ({
  about: 'package managers',
  run: report => vitest('packages', files, report),
});

const backups = (files: readonly string[]): Part => ({
  about: 'backups by the real Velero',
  run: report => vitest('backup', files, report),
});

/** Says at the end how many of the cases passed. The exit code of the first part that has failed. */
async function counted(...parts: readonly Part[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'steward-e2e-'));
  try {
    const told: ({ readonly about: string; readonly code: number } & Tally)[] = [];
    let isToEnd = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (isToEnd = true));
    for (const [index, { about, run }] of parts.entries()) {
      if (isToEnd) break;
      const report = (parts.length === 1 ? flags.report : undefined) ?? join(folder, `report-${index}.json`);
      const code = await run(report);
      told.push({ about, code, ...(await tallyOf(report, code)) });
    }
    for (const failure of told.flatMap(({ failures }) => failures)) console.log(`\nFAILED ${failure}`);
    console.log('');
    if (told.length > 1)
      for (const { about, passed, failed } of told) console.log(`${about}: ${passed} passed, ${failed} failed`);
    const sum = (of: 'passed' | 'failed') => told.reduce((total, each) => total + each[of], 0);
    console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
    return told.find(({ code }) => code !== 0)?.code ?? 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function commandFor(project: string, files: readonly string[], report = flags.report): string[] {
  // Guests take their time: each case is told when it has ended.
  const reporters = report === undefined ? ['--reporter=verbose'] : vitestReport(report, 'verbose');
  return ['vitest', 'run', '--project', project, ...reporters, ...files];
}

async function vitest(project: string, files: readonly string[], report = flags.report): Promise<number> {
  const [program = '', ...args] = commandFor(project, files, report);
  const child = spawn(program, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

try {
  process.exitCode = await test();
} catch (error) {
  if (!(error instanceof BoxUnavailable)) throw error;
  console.error(`This machine cannot run a real node:\n${error.message}`);
  process.exitCode = 1;
}
