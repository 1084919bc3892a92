import type { ManagedVM } from '../../api/managedvm.ts';
import { BackupStorageLocation, DownloadRequest, VeleroBackup } from '../../api/upstream.ts';
import { type Answered, answeredRequest } from '../../domain/backup/downloadrequest.ts';
import type { Contents } from '../../domain/backup/inspections.ts';
import type * as velero from '../../domain/backup/velero.ts';
import { readVolumes } from '../../domain/backup/volumeinfos.ts';
import { OWNER_UID_LABEL } from '../../domain/contract/child.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { messageOf } from '../../runtime/http/exchange.ts';
import { getJSON } from '../../runtime/http/getjson.ts';
import type { Asked, PolledSource, Reader } from '../../runtime/pass/controller.ts';
import type { Settings } from '../settings.ts';

const EVERY_MS = 1_000;
/** Stores that are asked at the same time. */
const AT_ONCE = 16;
const TIMEOUT_MS = 10_000;
/** Of a thousand volumes it is a tenth of that. */
const LIMIT_BYTES = 8 * 1024 * 1024;
/** For so long what was read is kept for a status that waits for its turn to be written. */
const KEPT_MS = 600_000;
const FIRST_RETRY_MS = 15_000;
const LONGEST_RETRY_MS = 3_600_000;

/** What backups hold, as far as it has been read in the object store. */
export type BackupContents = {
  /** Follows the answers of Velero to DownloadRequests into the store. */
  readonly source: PolledSource<ManagedVM & KubeObject>;
  /** Of the Backup of that UID; undefined: nothing has come yet. */
  of(uid: string): Contents | undefined;
};

type Question = Answered & { readonly request: string; readonly owner: string };
type Answer = { readonly contents: Contents; readonly request: string; readonly tries: number; readonly at: number };

/** Only in memory: what matters of it stands in the status, and who starts anew asks anew. */
export function backupContentsOf({ veleroNamespace: namespace }: Pick<Settings, 'veleroNamespace'>): BackupContents {
  const answers = new Map<string, Answer>();

  const open = (read: Reader): readonly Question[] =>
    read.list<velero.DownloadRequest & KubeObject>(DownloadRequest, { namespace }).flatMap(request => {
      const answered = answeredRequest(request);
      const { uid = '', labels } = request.metadata;
      if (answered === undefined || answers.get(answered.backup.uid)?.request === uid) return [];
      return [{ ...answered, request: uid, owner: labels?.[OWNER_UID_LABEL] ?? '' }];
    });

  const follow = async ({ backup, url, request }: Question, now: Date, signal: AbortSignal, asked: Asked) => {
    const tries = 1 + (answers.get(backup.uid)?.tries ?? 0);
    const contents = await read(url, certificatesFor(backup, namespace, asked.read), signal).catch(
      (error: unknown): Contents => ({
        failure: messageOf(error),
        retryAt: new Date(now.getTime() + Math.min(FIRST_RETRY_MS * 2 ** (tries - 1), LONGEST_RETRY_MS)),
      }),
    );
    if (!signal.aborted) answers.set(backup.uid, { contents, request, tries, at: asked.monotonic() });
  };

  return {
    of: uid => answers.get(uid)?.contents,
    source: {
      ...{ name: 'contents of backups', everyMs: EVERY_MS },
      ask: async (now, signal, asked) => {
        for (const [uid, { contents, at }] of answers) {
          if (asked.monotonic() - at > ('volumes' in contents ? KEPT_MS : 2 * LONGEST_RETRY_MS)) answers.delete(uid);
        }
        const questions = open(asked.read).slice(0, AT_ONCE);
        await Promise.all(questions.map(question => follow(question, now, signal, asked)));
        const owners = new Set(questions.map(({ owner }) => owner));
        return ({ metadata }) => owners.has(metadata.uid ?? '');
      },
    },
  };
}

async function read(url: URL, ca: string | undefined, signal: AbortSignal): Promise<Contents> {
  const document = await getJSON(url, { ca, gzip: true, timeoutMs: TIMEOUT_MS, limitBytes: LIMIT_BYTES, signal });
  return { volumes: readVolumes(document) };
}

/** Those that the provider gave Velero for the store, if any. */
function certificatesFor({ name }: Answered['backup'], namespace: string, read: Reader): string | undefined {
  const backup = read.get<velero.VeleroBackup & KubeObject>(VeleroBackup, { namespace, name });
  const place = { namespace, name: backup?.spec?.storageLocation ?? '' };
  const location = read.get<velero.BackupStorageLocation & KubeObject>(BackupStorageLocation, place);
  const certificates = location?.spec?.objectStorage?.caCert;
  return certificates === undefined ? undefined : Buffer.from(certificates, 'base64').toString('utf8');
}
