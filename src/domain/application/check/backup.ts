import type { ProductSpec } from '../../../api/product.ts';

type Backup = NonNullable<ProductSpec['backup']>;

/** What is wrong with the backup of a Product. */
export function backupFaults(spec: ProductSpec): readonly string[] {
  const { backup } = spec;
  if (backup === undefined) return [];
  return backup.engine === 'Files' ? folderFaults(backup) : engineFaults(backup, spec);
}

function engineFaults({ engine }: Backup, { steps, probes }: ProductSpec): readonly string[] {
  const engines: readonly (string | undefined)[] = [
    ...steps.map(({ database }) => database?.engine),
    ...probes.map(({ sql, keyValue }) => (keyValue === undefined ? sql?.engine : 'Valkey')),
  ];
  return engines.includes(engine)
    ? []
    : [`spec.backup.engine: no step and no probe is of ${engine}, so that there is none to dump.`];
}

/** Where nothing is anybody's data, where a unit of its own sees nothing, and where the dumps are themselves. */
const NO_DATA = [
  ...['/proc', '/sys', '/dev', '/run', '/var/run', '/tmp', '/var/tmp', '/home', '/root'],
  ...['/var/lib/steward', '/var/lib/steward-prove'],
];

function folderFaults({ folders = [] }: Backup): readonly string[] {
  return folders.flatMap(folder => {
    const at = `spec.backup.folders: ${folder}`;
    const other = folders.find(each => each !== folder && isIn(folder, each));
    return [
      ...(folder.split('/').some(part => part === '.' || part === '..') ? [`${at} has . or .. in it.`] : []),
      ...(NO_DATA.some(each => isIn(folder, each) || isIn(each, folder))
        ? [`${at} is, is in or holds a folder whose contents are not dumped: one of ${NO_DATA.join(', ')}.`]
        : []),
      ...(other === undefined ? [] : [`${at} is in ${other}, and would be dumped twice.`]),
    ];
  });
}

const isIn = (folder: string, other: string): boolean => `${folder}/`.startsWith(`${other}/`);
