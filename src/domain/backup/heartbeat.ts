import { instant } from '../contract/condition.ts';
import type { Verdict } from './reasons.ts';
import { type Answer, answerTo } from './serverstatusrequest.ts';
import type { BackupStorageLocation, ServerStatusRequest } from './velero.ts';

/** What is known of Velero's server by asking it. Velero deletes what it has answered five minutes later, and is asked anew. */
export type Heartbeat = {
  /** Its last answer, also when the question has gone. */
  readonly answer?: Answer;
  /** Since when a question waits. */
  readonly askedAt?: Date;
};

/** A living server answers within seconds, and looks at each storage location once a minute where nobody has set it otherwise. */
const SILENCE_MS = 600_000;

/** What is known when these questions are there; `before`: what was known. */
export function heard(before: Heartbeat, requests: readonly ServerStatusRequest[]): Heartbeat {
  const answers = [before.answer, ...requests.map(answerTo)].filter(answer => answer !== undefined);
  const answer = answers.reduce<Answer | undefined>(
    (last, next) => (last && last.at >= next.at ? last : next),
    undefined,
  );
  const waiting = requests
    .filter(request => answerTo(request) === undefined)
    .map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? ''))
    .filter(time => time > 0);
  return { ...(answer && { answer }), ...(waiting.length > 0 && { askedAt: new Date(Math.min(...waiting)) }) };
}

/** Why Velero, as it is, makes no backup that could be restored from there; undefined: nothing is known against it. */
export function veleroObstacle(heartbeat: Heartbeat, location: BackupStorageLocation, now: Date): Verdict | undefined {
  return silence(heartbeat, location, now) ?? missingPlugin(heartbeat.answer, location);
}

/** One that has never shown itself is told as StorageLocationNotValidated. */
function silence(
  { answer, askedAt }: Heartbeat,
  { metadata, status }: BackupStorageLocation,
  now: Date,
): Verdict | undefined {
  if (answer === undefined && askedAt === undefined) return undefined;
  const signs = [answer?.at.getTime() ?? 0, Date.parse(status?.lastValidationTime ?? '') || 0];
  const last = Math.max(...signs);
  if (last === 0 || now.getTime() - Math.max(last, askedAt?.getTime() ?? 0) < SILENCE_MS) return undefined;
  const message = `Velero gives no sign of life since ${instant(new Date(last))}: it neither says its status nor looks at BackupStorageLocation ${metadata.name}, so no backups are made.`;
  return { status: 'False', reason: 'VeleroSilent', message };
}

function missingPlugin(answer: Answer | undefined, { spec }: BackupStorageLocation): Verdict | undefined {
  if (answer === undefined) return undefined;
  const store = qualified(spec?.provider ?? '');
  const lacks = [
    ...(store === '' || answer.plugins.some(({ kind, name }) => kind === 'ObjectStore' && name === store)
      ? []
      : [`none for the object store ${store}, so it reaches no backup there`]),
    ...(answer.plugins.some(({ name }) => name.startsWith('kubevirt-velero-plugin/'))
      ? []
      : ['no kubevirt-velero-plugin, so what belongs to a VM is not brought along']),
  ];
  if (lacks.length === 0) return undefined;
  const message = `Velero ${answer.version ?? 'of an unknown version'} lacks plug-ins: ${lacks.join('; ')}.`;
  return { status: 'False', reason: 'VeleroPluginMissing', message };
}

/** As Velero completes the name of a provider (its persistence/object_store.go). */
function qualified(provider: string): string {
  return provider === '' || provider.includes('/') ? provider : `velero.io/${provider}`;
}
