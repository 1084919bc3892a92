/** How the data of an application are dumped in its guest, and each dump proven (AP-6, AP-13; docs/adr/0178). */
import type { PlanProbe } from '../../domain/contract/applicationplan.ts';
import type { BackupPlan } from '../../domain/contract/backupplan.ts';
import { TEXTFILE_FOLDER } from '../settings/nodeexporter.ts';
import type { GuestFile, Setting } from '../settings/setting.ts';
import { base64, sha256 } from '../settings/words.ts';
import { BACKUP_GROUND, BACKUP_MAIN, COMPARE, PROVE_MAIN } from './backupscript.ts';
import { DUMP_FILES, foldersOf, PROVE_FILES } from './filesbackup.ts';
import { DUMP_MARIADB, PROVE_MARIADB } from './mariadbbackup.ts';
import { whole } from './planwords.ts';
import { DUMP_POSTGRESQL, PROVE_POSTGRESQL } from './postgresqlbackup.ts';
import { MOST_DUMPS } from './readbackup.ts';
import { DUMP_VALKEY, loginOf, PROVE_VALKEY } from './valkeybackup.ts';

type Scripts = Pick<Setting, 'look' | 'heal' | 'units' | 'files'>;

/** Functions of each engine, for the script that dumps and for the one that proves. */
const ENGINES: Readonly<Record<BackupPlan['engine'], { readonly dump: string; readonly prove: string }>> = {
  PostgreSQL: { dump: DUMP_POSTGRESQL, prove: PROVE_POSTGRESQL },
  MariaDB: { dump: DUMP_MARIADB, prove: PROVE_MARIADB },
  Valkey: { dump: DUMP_VALKEY, prove: PROVE_VALKEY },
  Files: { dump: DUMP_FILES, prove: PROVE_FILES },
};

/** What a second instance may take: Valkey has all of its data there. */
const MEMORY: Readonly<Record<BackupPlan['engine'], string>> = {
  ...{ PostgreSQL: '1G', MariaDB: '1G', Valkey: '80%', Files: '1G' },
};

/** Account of the second instance. */
export const PROVER = 'steward-prove';

export const dumpsOf = (application: string): string => `/var/lib/steward/dumps/${application}`;
const linkOf = (application: string): string => `${TEXTFILE_FOLDER}/steward-backup-${application}.prom`;
const metricsOf = (application: string): string => `/run/steward-backup-${application}/metrics`;
const JOBS = ['backup', 'prove'] as const;
const timersOf = (application: string): readonly string[] => JOBS.map(what => `steward-${what}-${application}.timer`);

function pathsOf(application: string, what: (typeof JOBS)[number]) {
  const name = `steward-${what}-${application}`;
  const unit = `/etc/systemd/system/${name}`;
  return { program: `/usr/local/sbin/${name}`, service: `${unit}.service`, timer: `${unit}.timer` };
}

export function backupThere(application: string, backup: BackupPlan, probes: readonly PlanProbe[]): Scripts {
  const files = filesOf(application, backup, probes);
  const timers = timersOf(application);
  return {
    files,
    units: timers,
    look: [
      ...files.map(({ path, content }) => `same ${path} ${sha256(content)} || differs "${path} is another"`),
      `look_system_user ${PROVER}`,
      ...timers.map(timer => `look_timer ${timer}`),
    ].join('\n'),
    heal: [
      'before=$did',
      `heal_system_user ${PROVER} /nonexistent`,
      ...files.map(({ path, content, permissions }) => `put ${path} ${permissions} ${base64(content)}`),
      `heal_backup ${metricsOf(application)} ${linkOf(application)} ${timers.join(' ')}`,
    ].join('\n'),
  };
}

/** Of an application that goes, and of one whose Product has no backup any more. Dumps stay, as data do. */
export function backupGone(application: string): Scripts {
  const paths = [...JOBS.flatMap(what => Object.values(pathsOf(application, what))), linkOf(application)];
  return {
    look: `look_no_probes - ${paths.join(' ')}`,
    heal: [
      ...timersOf(application).map(timer => `stop_timer ${timer}`),
      `heal_no_probes none.timer ${paths.join(' ')}`,
    ].join('\n'),
  };
}

function filesOf(application: string, backup: BackupPlan, probes: readonly PlanProbe[]): readonly GuestFile[] {
  const { dump, prove } = ENGINES[backup.engine];
  const dumping: Job = { what: 'backup', minutes: backup.dumpMinutes, words: 'Dumps the data', memory: '2G' };
  const proving: Job = {
    what: 'prove',
    minutes: backup.proofMinutes,
    words: 'Restores the newest dump',
    memory: MEMORY[backup.engine],
  };
  const every = whole(backup.everyHours, 168) * 3600;
  const proveEvery = whole(backup.proveEveryDays, 31) * 86_400;
  return [
    ...jobOf(application, dumping, '', [
      `every=${every}\nkeep=${whole(backup.keep, 14)}`,
      ...[given(backup, probes), BACKUP_GROUND, dump, BACKUP_MAIN],
    ]),
    ...jobOf(application, proving, SANDBOX, [`every=${proveEvery}`, BACKUP_GROUND, COMPARE, prove, PROVE_MAIN]),
  ];
}

/** What an engine takes besides of the plan. */
function given(backup: BackupPlan, probes: readonly PlanProbe[]): string {
  switch (backup.engine) {
    case 'Valkey':
      return loginOf(probes);
    case 'Files':
      return foldersOf(backup);
    default:
      return '';
  }
}

type Job = {
  readonly what: (typeof JOBS)[number];
  readonly minutes: number;
  readonly words: string;
  readonly memory: string;
};

function jobOf(application: string, job: Job, more: string, script: readonly string[]): readonly GuestFile[] {
  const { what, minutes, words, memory } = job;
  const { program, service, timer } = pathsOf(application, what);
  return [
    {
      path: program,
      permissions: '0755',
      content: `#!/bin/sh\n# By Steward: ${words.toLowerCase()} of the managed application ${application} (AP-13).\napplication=${application}\n${script.join('\n')}`,
    },
    {
      path: service,
      permissions: '0644',
      content: `# By Steward.
[Unit]
Description=${words} of the managed application ${application}

[Service]
Type=oneshot
ExecStart=${program}
TimeoutStartSec=${whole(minutes, 1440)}min
RuntimeDirectory=steward-backup-${application}
RuntimeDirectoryPreserve=yes
Nice=19
IOSchedulingClass=idle
MemoryMax=${memory}
NoNewPrivileges=yes
ProtectHome=yes
PrivateTmp=yes
${more}`,
    },
    {
      path: timer,
      permissions: '0644',
      content: `# By Steward.
[Unit]
Description=${words} of the managed application ${application} when it is due

[Timer]
OnBootSec=10min
OnActiveSec=2min
OnUnitInactiveSec=15min

[Install]
WantedBy=timers.target
`,
    },
  ];
}

/** While a dump is restored, functions of the customer run: they reach nothing, and all that is left of it ends with the unit. */
const SANDBOX = `PrivateNetwork=yes
PrivateDevices=yes
ProtectSystem=strict
ReadWritePaths=/var/lib /run
RestrictSUIDSGID=yes
`;

/** What a record must be to be told: words of ours, and none of them long. */
const N = '[0-9]{1,15}';
const WORDS = '[A-Za-z0-9+/=]{4,320}';
const RECORDS = {
  last: `${N}( ${N}){5}`,
  failed: `${N} ${WORDS}`,
  proven: `${N}( ${N}){4}`,
  unproven: `${N} ${N} (differs|failed) ${WORDS}`,
} as const;

export const LOOK_BACKUPS = `
look_timer() {
  running "$1" "$1"
  if [ "$enabled" != enabled ]; then differs "$1 does not start with the system"; fi
}

# tell_backup APPLICATION FOLDER: what the records of its dumps and proofs say.
tell_backup() {
  ${Object.entries(RECORDS)
    .map(([name, pattern]) => `tell_record "$1" ${name} "$2" '${pattern}'`)
    .join('\n  ')}
  dumps=
  for each in "$R$2"/dump-*; do
    at=\${each##*/dump-}
    case "$at" in *[!0-9]*|???????????*) continue;; esac
    if [ -f "$each/MANIFEST" ]; then dumps="$at $dumps"; fi
  done
  dumps=$(printf %s "$dumps" | cut -d ' ' -f 1-${MOST_DUMPS})
  if [ -n "$dumps" ]; then line backup "$1" dumps $dumps; fi
  tell_kept "$1"
}
tell_record() {
  record=$(limit 2 head -c 600 -- "$R$3/$2" < /dev/null | head -n 1 | grep -E -x -e "$4")
  if [ -n "$record" ]; then line backup "$1" "$2" "$record"; fi
}
`;

export const HEAL_BACKUPS = `
# heal_backup METRICS LINK TIMERS…
heal_backup() {
  if [ "$did" != "$before" ]; then systemctl daemon-reload; fi
  link_metrics "$1" "$2"
  shift 2
  for each in "$@"; do start "$each"; done
}
`;
