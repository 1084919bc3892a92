import type { Scan } from '../../domain/patching/update.ts';
import { type Answer, all, answered, only, readAnswer, systemOf } from './answer.ts';
import { dnfInstallScript, dnfPreflightScript, dnfReadBackScript, dnfScanScript } from './dnfscripts.ts';
import type { PackageFamily } from './family.ts';
import { SYSTEMD_REBOOT } from './reboot.ts';
import { type About, isComplete, readBack, readInstall, readPreflight, readUpdate, severityOf } from './rpm.ts';

/** RHEL and what is built from it, by dnf 4. */
export const dnf: PackageFamily = {
  scanScript: dnfScanScript,
  readScan,
  preflightScript: dnfPreflightScript,
  readPreflight: text => readPreflight(text, standsInTheWay),
  installScript: dnfInstallScript,
  readInstall: (text, exitCode) =>
    readInstall(text, exitCode, exit => (exit === 0 ? undefined : `dnf ended with status ${exit}`)),
  readBackScript: dnfReadBackScript,
  readBack,
  rebootScript: () => SYSTEMD_REBOOT,
};

function readScan(text: string, at: Date): Scan | undefined {
  const answer = readAnswer(text);
  const system = answer && systemOf(answer);
  if (answer === undefined || system === undefined) return undefined;
  // The folder of a repository is its name and a hash of its address.
  const tells = new Set(all(answer, 'tells').map(line => line.text.replace(/-[0-9a-f]{16}$/, '')));
  const advisories = all(answer, 'advisory').flatMap(({ words }) => readAdvisory(words) ?? []);
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
    complete: isComplete(answer),
  };
}

/** `ID Important/Sec. name-version-release.arch 2026-11-02`: whatever version it mended, it is about each update of that package. */
function readAdvisory([id = '', kind = '', nevra = '', day = '']: readonly string[]):
  | (About & { readonly of: string })
  | undefined {
  const [, name, architecture] = /^(.+)-[^-]+-[^-]+\.([^.]+)$/.exec(nevra) ?? [];
  if (name === undefined || !/^\d{4}-\d\d-\d\d$/.test(day)) return undefined;
  const issued = Number.isNaN(Date.parse(day)) ? {} : { issued: `${day}T00:00:00Z` };
  const [grave = ''] = kind.split('/');
  const advisory = { id, severity: severityOf(grave), ...issued };
  return { of: `${name} ${architecture}`, advisory, security: kind.endsWith('/Sec.') };
}

function standsInTheWay(answer: Answer): readonly string[] {
  if (all(answer, 'fifth').length > 0) return ['The guest has dnf 5, by which Steward does not patch yet.'];
  const [releasever] = only(answer, 'releasever') ?? [];
  const version = systemOf(answer)?.version ?? '';
  const major = (word: string) => word.split('.')[0];
  if (releasever === undefined || major(releasever) === major(version)) return [];
  return [
    `dnf takes packages of release ${releasever}, and the guest is ${version}: a major release is never changed by patching (GE-11).`,
  ];
}
