import type { ProductSpec } from '../../src/api/product.ts';
import type { ProductBackup } from '../../src/api/productbackup.ts';
import type { ProductProbe } from '../../src/api/productprobes.ts';
import type { ProductRung } from '../../src/api/productremediation.ts';
import { PROBE_INTERVAL_SECONDS } from '../../src/domain/application/probemetrics.ts';
import { actionWords, ENTITLEMENT } from '../../src/domain/application/remediationwords.ts';
import { restoreEngine } from '../../src/domain/contract/applicationplan.ts';
import { every } from './catalogueincluded.ts';
import { bullets, code, table } from './markdown.ts';

/** How it is known that it works, and how fast (AP-5, AP-11). */
export function measuredSection({ probes, monitoring }: ProductSpec): string {
  const { exporter, indicators = [] } = monitoring ?? {};
  const metrics = (exporter?.metrics ?? []).map(code).join(', ');
  const told = indicators.map(({ name, says }) => [name, says]);
  return [
    `## How it is measured
Every ${PROBE_INTERVAL_SECONDS} seconds, in its VM. It works while all of these succeed (AP-11):
${bullets(probes.map(probe => `\`${probe.name}\` ${probeWords(probe)}, within ${probe.timeoutSeconds} seconds.`))}`,
    ...(metrics === ''
      ? []
      : [`At Advanced and Expert these are read besides, and each that is missing is an alert (AP-5): ${metrics}.`]),
    ...(told.length === 0
      ? []
      : [
          `Told where it is so ([what is done then](../runbooks/ManagedApplicationIndicator.md)):\n\n${table(['indicator', 'what it says'], told)}`,
        ]),
  ].join('\n\n');
}

function probeWords({ sql, keyValue, tcp, http, command }: ProductProbe): string {
  if (sql !== undefined)
    return sql.transaction ? "writes, reads and deletes a row of the provider's" : `asks ${sql.engine} for an answer`;
  if (keyValue !== undefined) return "sets, reads and deletes a key of the provider's";
  if (tcp !== undefined) return `connects to port ${tcp.port}`;
  if (http !== undefined) return `asks port ${http.port} for \`${http.path}\` and expects ${http.status}`;
  return `runs a command of its own, ${code(command?.run[0] ?? '')}`;
}

/** By which means an engine's data are dumped, and how that a dump can be restored is proven. */
const METHODS: Readonly<Record<ProductBackup['engine'], readonly [dump: string, proof: string]>> = {
  PostgreSQL: [
    '`pg_dump` of each database, with the rows and a sum of each table counted in the same snapshot',
    'restored into a second server in the VM, and every table counted again',
  ],
  MariaDB: [
    '`mariadb-dump` of each database in one transaction, with the rows of each table counted at the same instant',
    'restored into a second server in the VM, and every table counted again',
  ],
  Valkey: [
    '`BGSAVE`, checked by `valkey-check-rdb`',
    'loaded by a second server in the VM, and the keys that do not expire counted again',
  ],
  Files: [
    '`tar` of each folder, with the size, owner, mode and SHA-256 of each file read a second time while nothing changed',
    'unpacked into a second place in the VM that nothing serves, and each file of it counted and hashed again',
  ],
};

/** How its data are backed up and the backups proven (AP-6, AP-13). */
export function backupSection({ backup }: ProductSpec): string {
  if (backup === undefined)
    return `## Backup and restore
The backup policy of the VM saves its disks (AP-6). Its data are not dumped apart from that, and no restore of them is proven apart from that of the VM.`;
  const [dump, proof] = METHODS[backup.engine];
  const folders = (backup.folders ?? []).map(code).join(', ');
  return `## Backup and restore
${bullets([
  `Dumped ${every(backup.everyHours, 'hour')}: ${dump}.${folders && ` Its folders are ${folders}.`} ${backup.keep === 1 ? 'One dump stays' : `${backup.keep} dumps stay`} in the VM; older ones are in its backups, which your backup policy makes.`,
  `Proven ${every(backup.proveEveryDays, 'day')}: the newest dump is ${proof} (AP-13).`,
  'What was dumped and proven last, and when, stands in the status of your order.',
  ...(restoreEngine(backup.engine) === undefined
    ? []
    : [
        'Restored on request: a [Restore](../spec/restore.md#of-an-application) brings all data back to a dump, compares them with it before anybody is let in, and keeps those of before.',
      ]),
])}`;
}

/** What would be done where it does not work (AP-3, AP-4, GE-3). */
export function remedySection({ remediation, levels, lines }: ProductSpec): string | undefined {
  if (remediation === undefined) return undefined;
  const line = lines[0]?.name ?? '';
  const rows = remediation.map(rung => [
    rung.name,
    triggerWords(rung),
    actionWords(rung, line),
    limit(rung),
    against(rung),
  ]);
  return `## When it does not work
${bullets(levels.map(level => `${level}: ${ENTITLEMENT[level]}.`))}

Of these the first is taken whose cause is there, that nothing forbids and whose limit is not reached. Steward checks and decides it, and carries out nothing of it so far: people do.

${table(['rung', 'where', 'what', 'at most, and then nothing for', 'not while'], rows)}`;
}

function triggerWords({ trigger: { probes = [], forMinutes, alerts = [] } }: ProductRung): string {
  return [
    ...(probes.length > 0 ? [`${probes.map(code).join(' or ')} fails for ${forMinutes} minutes`] : []),
    ...alerts.map(alert => `[${alert}](../runbooks/${alert}.md)`),
  ].join(', or ');
}

const limit = ({ maxPer: { count, hours }, cooldownMinutes }: ProductRung): string =>
  `${count} in ${hours} ${hours === 1 ? 'hour' : 'hours'}; ${cooldownMinutes} minutes`;

const FORBIDDING = {
  WindowOpen: 'a window is open',
  RunActive: 'a run works in the VM',
  DiskFull: 'a file system is full to 95 %',
  EngineRecovering: 'the server recovers',
  RestoreInProgress: 'a restore runs',
  OtherApplicationHealthy: 'another application in the VM works',
} as const;

const against = ({ forbiddenWhen = [] }: ProductRung): string => forbiddenWhen.map(each => FORBIDDING[each]).join(', ');
