import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RecordPageSpec } from '../../api/recordpage.ts';
import { madeStream, STREAM } from '../../domain/record/stream.fixtures.ts';
import { type PlayedBucket, startPlayedBucket } from '../../runtime/http/playedbucket.fixtures.ts';
import { ExportBucket } from './exportbucket.ts';
import { ExportFolder } from './exportfolder.ts';
import { RecordExport } from './recordexport.ts';

const { lines, head, keys } = madeStream(4);
const key = keys[0];
const FILE = `${STREAM}/000000000001.jsonl`;

/** The first page of the stream, with so many records. */
function page(records: number): RecordPageSpec {
  const entries = lines.slice(0, records);
  return { stream: STREAM, number: 1, first: 1, head: { ...head, key: key.id }, entries };
}
const textOf = (records: number) =>
  lines
    .slice(0, records)
    .map(line => `${line}\n`)
    .join('');
const headAt = (sequence: number) => ({ stream: STREAM, sequence, hash: 'f'.repeat(64) });

let root: string;
let played: PlayedBucket[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'export-'));
  played = [];
  writeFileSync(join(root, 'AWS_ACCESS_KEY_ID'), 'key\n');
  writeFileSync(join(root, 'AWS_SECRET_ACCESS_KEY'), 'secret\n');
});
afterEach(async () => {
  for (const bucket of played) await bucket.close();
  rmSync(root, { recursive: true });
});

async function bucket({ deaf = false } = {}) {
  const store = await startPlayedBucket({ deaf });
  played.push(store);
  const settings = { endpoint: store.endpoint, name: 'b', region: 'us-east-1', prefix: 'records/', credentials: root };
  const exported = new RecordExport(new ExportBucket(settings, () => new Date()));
  return { store, exported, put: (path: string, text: string) => void store.objects.set(`/b/records/${path}`, text) };
}

function folder() {
  const put = async (path: string, text: string) => {
    await mkdir(join(root, 'records', dirname(path)), { recursive: true });
    await writeFile(join(root, 'records', path), text);
  };
  return { exported: new RecordExport(new ExportFolder(join(root, 'records'))), put };
}

describe.each([
  ['a folder', async () => folder()],
  ['a bucket', () => bucket()],
  ['a bucket that knows no conditions', () => bucket({ deaf: true })],
])('the export to %s (MO-16)', (_what, make) => {
  it('grows, and says what it holds', async () => {
    const { exported } = await make();
    expect([await exported.head(STREAM), await exported.holds(page(2))]).toEqual([undefined, false]);
    for (const records of [2, 3]) {
      await exported.write(page(records));
      await exported.writeHead(headAt(records), key.id);
      await exported.writeKey(key);
      expect([await exported.head(STREAM), await exported.holds(page(records))]).toEqual([headAt(records), true]);
    }
    expect(await exported.holds(page(4))).toBe(false);
  });

  it('never overwrites other records, more records, another key, or a head that is further', async () => {
    const { exported, put } = await make();
    await put(FILE, textOf(3).replace('Stopped', 'Running'));
    await expect(exported.write(page(3))).rejects.toThrow('holds other records than the page 1');
    await put(FILE, textOf(3));
    await expect(exported.write(page(2))).rejects.toThrow('holds other records than the page 1');
    await exported.writeHead(headAt(3), key.id);
    await expect(exported.writeHead(headAt(2), key.id)).rejects.toThrow('ends with 3, and here with 2');
    await put(`keys/${key.id}.pem`, 'another');
    await expect(exported.writeKey(key)).rejects.toThrow('holds something else than that key');
    expect([await exported.head(STREAM), await exported.holds(page(3))]).toEqual([headAt(3), true]);
  });
});

describe('two writers that both believe that they lead, and a bucket (MO-16)', () => {
  /** While the first is about to write, the second has written so many records. */
  async function race(records: number) {
    const { store, exported, put } = await bucket();
    store.before = () => {
      store.before = () => {};
      put(FILE, textOf(records));
    };
    return { write: exported.write(page(3)), lies: () => store.objects.get(`/b/records/${FILE}`) };
  }

  it('the one that has less overwrites nothing, and stops', async () => {
    const { write, lies } = await race(4);
    await expect(write).rejects.toThrow('holds other records');
    expect(lies()).toBe(textOf(4));
  });

  it('the one that has more adds it to what the other has written', async () => {
    const { write, lies } = await race(2);
    await write;
    expect(lies()).toBe(textOf(3));
  });

  it('where the store knows no conditions, what was overwritten by another is found by reading back', async () => {
    const { store, exported, put } = await bucket({ deaf: true });
    store.after = () => put(FILE, textOf(4));
    await expect(exported.write(page(3))).rejects.toThrow('holds other records');
    expect(store.objects.get(`/b/records/${FILE}`)).toBe(textOf(4));
  });
});

describe('a bucket that refuses (MO-16)', () => {
  it('holds nothing up for ever: what was refused is written the next time', async () => {
    const { store, exported } = await bucket();
    store.refusals.push({ status: 503, code: 'SlowDown' });
    await expect(exported.write(page(3))).rejects.toThrow('503 SlowDown');
    await exported.write(page(3));
    expect(await exported.holds(page(3))).toBe(true);
  });

  it('is not taken for an empty one', async () => {
    const { store, exported } = await bucket();
    store.refusals.push({ status: 404, code: 'NoSuchBucket' }, { status: 403, code: 'AccessDenied' });
    await expect(exported.head(STREAM)).rejects.toThrow('404 NoSuchBucket');
    await expect(exported.write(page(1))).rejects.toThrow('403 AccessDenied');
    expect(store.objects.size).toBe(0);
  });

  it('takes new credentials without a restart, and says which are missing', async () => {
    const { store, exported } = await bucket();
    rmSync(join(root, 'AWS_SECRET_ACCESS_KEY'));
    await expect(exported.head(STREAM)).rejects.toThrow(
      "the Secret of the bucket's credentials has no AWS_SECRET_ACCESS_KEY",
    );
    writeFileSync(join(root, 'AWS_SECRET_ACCESS_KEY'), 'another');
    expect(await exported.head(STREAM)).toBeUndefined();
    expect(store.requests).toHaveLength(1);
  });
});
