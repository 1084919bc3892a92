import type { Scan } from '../../domain/patching/update.ts';
import { type Answer, all, answered, only, readAnswer, systemOf } from './answer.ts';
import { dnf4 } from './dnf4.ts';
import { dnf5 } from './dnf5.ts';
import { type Dnf, dnfScripts } from './dnfscripts.ts';
import type { PackageFamily } from './family.ts';
import { SYSTEMD_REBOOT } from './reboot.ts';
import { type About, isComplete, readBack, readInstall, readPreflight, readUpdate } from './rpm.ts';

export const DNF_SCRIPTS = dnfScripts({ '4': dnf4, '5': dnf5 });

/** RHEL, Fedora and what is built from them, by dnf 4 or dnf 5: whichever the guest says that it has. */
export const dnf: PackageFamily = {
  scanScript: DNF_SCRIPTS.scan,
  readScan,
  preflightScript: DNF_SCRIPTS.preflight,
  readPreflight: text => readPreflight(text, standsInTheWay),
  installScript: DNF_SCRIPTS.install,
  readInstall: (text, exitCode) => readInstall(text, exitCode, meaningOf),
  readBackScript: DNF_SCRIPTS.readBack,
  readBack,
  rebootScript: () => SYSTEMD_REBOOT,
};

function readScan(text: string, at: Date): Scan | undefined {
  const answer = readAnswer(text);
  const system = answer && systemOf(answer);
  if (answer === undefined || system === undefined) return undefined;
  const generation = generationOf(answer);
  // The folder of a repository is its name and a hash of its address.
  const tells = new Set(all(answer, 'tells').map(line => line.text.replace(/-[0-9a-f]{16}$/, '')));
  const advisories = all(answer, 'advisory').flatMap(({ words }) => aboutPackage(words, generation));
  const about = Map.groupBy(advisories, each => each.of);
  const held = new Set(all(answer, 'held').map(line => line.text));
  const updates = all(answer, 'update').map(({ words }) => {
    const [name = '', architecture = ''] = words;
    const update = readUpdate(words, tells, about.get(`${name} ${architecture}`) ?? []);
    return update && held.has(`${name} ${architecture}`) ? { ...update, hindrance: 'Held' as const } : update;
  });
  if (!updates.every(update => update !== undefined)) return undefined;
  return {
    ...{ at, system, updates },
    rebootPending: answered(only(answer, 'reboot')?.[0]),
    complete: generation !== undefined && isComplete(answer),
  };
}

/** What the guest says that it has; undefined: one that Steward has never met. */
function generationOf(answer: Answer): Dnf | undefined {
  const [number] = only(answer, 'dnf') ?? [];
  return number === '4' ? dnf4 : number === '5' ? dnf5 : undefined;
}

/** Whatever version an advisory mended, it is about each update of that package. */
function aboutPackage(
  words: readonly string[],
  generation: Dnf | undefined,
): readonly (About & { readonly of: string })[] {
  const [, name, architecture] = /^(.+)-[^-]+-[^-]+\.([^.]+)$/.exec(words[2] ?? '') ?? [];
  const about = generation?.readAdvisory(words);
  return name === undefined || about === undefined ? [] : [{ ...about, of: `${name} ${architecture}` }];
}

function standsInTheWay(answer: Answer): readonly string[] {
  if (generationOf(answer) === undefined)
    return ['The guest has neither dnf 4 nor dnf 5: Steward patches by no other.'];
  const [releasever] = only(answer, 'releasever') ?? [];
  const version = systemOf(answer)?.version ?? '';
  const major = (word: string) => word.split('.')[0];
  if (releasever === undefined || major(releasever) === major(version)) return [];
  return [
    `dnf takes packages of release ${releasever}, and the guest is ${version}: a major release is never changed by patching (GE-11).`,
  ];
}

/** 200 is dnf 4's own (its manual page, exit_on_lock); Steward gives it for dnf 5 too. */
function meaningOf(exit: number): string | undefined {
  if (exit === 0) return undefined;
  return exit === 200 ? 'the package manager was in use (status 200)' : `dnf ended with status ${exit}`;
}
