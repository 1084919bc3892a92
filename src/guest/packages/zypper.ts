import type { Scan } from '../../domain/patching/update.ts';
import { type Answer, all, answered, errorsOf, only, readAnswer, systemOf } from './answer.ts';
import type { PackageFamily } from './family.ts';
import { SYSTEMD_REBOOT } from './reboot.ts';
import { type About, isComplete, readBack, readInstall, readPreflight, readUpdate, severityOf } from './rpm.ts';
import { zypperInstallScript, zypperPreflightScript, zypperReadBackScript, zypperScanScript } from './zypperscripts.ts';

/** SUSE Linux Enterprise and openSUSE Leap, by zypper. */
export const zypper: PackageFamily = {
  scanScript: zypperScanScript,
  readScan,
  preflightScript: zypperPreflightScript,
  readPreflight: text => readPreflight(text, standsInTheWay),
  installScript: zypperInstallScript,
  readInstall: (text, exitCode) => readInstall(text, exitCode, meaningOf),
  readBackScript: zypperReadBackScript,
  readBack,
  rebootScript: () => SYSTEMD_REBOOT,
};

function readScan(text: string, at: Date): Scan | undefined {
  const answer = readAnswer(text);
  const system = answer && systemOf(answer);
  if (answer === undefined || system === undefined) return undefined;
  const tells = new Set(all(answer, 'tells').map(line => line.text));
  const patches = new Map(all(answer, 'advisory').map(({ words }) => [words[0] ?? '', readPatch(words)]));
  const affected = all(answer, 'affects').map(({ words: [patch = '', of = ''] }) => ({
    of,
    patch: patches.get(patch),
  }));
  const hindered = new Set(all(answer, 'hindered').map(line => line.text));
  const hindrance = only(answer, 'locks')?.[0] === '0' ? 'Removes' : 'Held';
  const updates = all(answer, 'update').map(({ words }) => {
    const [name = '', architecture = ''] = words;
    const about = affected.flatMap(({ of, patch }) =>
      patch !== undefined && (of === name || of === `${name}.${architecture}`) ? [patch] : [],
    );
    const update = readUpdate(words, tells, about);
    return update && hindered.has(`${name} ${architecture}`) ? ({ ...update, hindrance } as const) : update;
  });
  if (!updates.every(update => update !== undefined)) return undefined;
  return {
    ...{ at, system, updates },
    rebootPending: answered(only(answer, 'reboot')?.[0]),
    complete: isComplete(answer),
  };
}

/** `NAME category severity time`: seconds since 1970, or `-`. */
function readPatch([id = '', category = '', severity = '', time = '']: readonly string[]): About {
  const issued = /^\d{1,10}$/.test(time)
    ? { issued: new Date(Number(time) * 1000).toISOString().replace('.000Z', 'Z') }
    : {};
  return { advisory: { id, severity: severityOf(severity), ...issued }, security: category === 'security' };
}

function standsInTheWay(answer: Answer): readonly string[] {
  if (all(answer, 'locked').length === 0 || all(answer, 'lock').length > 0) return [];
  return [`The package manager is in use: ${errorsOf(answer).at(-1) ?? 'zypper says no more'}.`];
}

/** Exit statuses of zypper (its manual page, EXIT CODES): those from 100 on tell of what was done. */
function meaningOf(exit: number): string | undefined {
  switch (exit) {
    case 0:
    // A restart is due: what the guest says of it is read apart.
    case 102:
    // zypper itself was updated, and would do more in a second run: our versions are named, so there is no more.
    case 103:
      return undefined;
    case 104:
      return 'zypper found a package or version not there (status 104)';
    case 105:
      return 'zypper was ended by a signal (status 105)';
    case 106:
      return 'zypper left out a repository that it could not read (status 106)';
    case 107:
      return "a package's script failed (status 107)";
    case 7:
      return 'the package manager was in use (status 7)';
    case 8:
      return 'zypper did not install all of it (status 8)';
    default:
      return `zypper ended with status ${exit}`;
  }
}
