import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Bucket } from './bucket.ts';
import { type PlayedBucket, startPlayedBucket } from './playedbucket.fixtures.ts';

const now = () => new Date('2026-12-01T12:00:00Z');
const place = { name: 'records', region: 'us-east-1', now, timeoutMs: 5_000, limitBytes: 1_000 };
const secret = 'never-in-a-message';
const credentials = async () => ({ accessKeyId: 'key', secretAccessKey: secret });

let store: PlayedBucket;
let bucket: Bucket;

beforeEach(async () => {
  store = await startPlayedBucket();
  bucket = new Bucket({ ...place, endpoint: store.endpoint, credentials });
});
afterEach(async () => {
  await bucket.close();
  await store.close();
});

describe('a bucket', () => {
  it('takes a text where nothing lies, another in the place of what was read, and nothing in the place of what was not', async () => {
    expect(await bucket.get('a/b')).toBeUndefined();
    expect(await bucket.put('a/b', 'one', undefined)).toBe(true);
    expect(await bucket.put('a/b', 'two', undefined)).toBe(false);
    const one = await bucket.get('a/b');
    expect(one?.text).toBe('one');
    expect(await bucket.put('a/b', 'two', one)).toBe(true);
    expect(await bucket.put('a/b', 'three', one)).toBe(false);
    expect(store.objects).toEqual(new Map([['/records/a/b', 'two']]));
    store.objects.clear();
    expect(await bucket.put('a/b', 'three', one), 'gone since').toBe(false);
  });

  it('is told of by what it does, not by what it says: another write at the same time is no error', async () => {
    store.refusals.push({ status: 409, code: 'ConditionalRequestConflict' });
    expect(await bucket.put('a', 'one', undefined)).toBe(false);
    expect(await bucket.put('a', 'one', undefined)).toBe(true);
  });

  it.each([
    ['403 AccessDenied', 'AccessDenied', 403],
    ['403 SignatureDoesNotMatch', 'SignatureDoesNotMatch', 403],
    ['404 NoSuchBucket', 'NoSuchBucket', 404],
    ['404', undefined, 404],
    ['500 InternalError', 'InternalError', 500],
    ['501 NotImplemented', 'NotImplemented', 501],
    ['503 SlowDown', 'SlowDown', 503],
    ['301 PermanentRedirect', 'PermanentRedirect', 301],
  ])(
    'throws what it is refused with, and takes it neither for nothing nor for done: %s',
    async (words, code, status) => {
      const refusal = code === undefined ? { status } : { status, code };
      store.refusals.push(refusal, refusal);
      const where = `of bucket records at ${store.endpoint.host}: the store refuses it with ${words}`;
      await expect(bucket.get('a')).rejects.toThrow(`GET a ${where}`);
      await expect(bucket.put('a', 'x', undefined)).rejects.toMatchObject({ message: `PUT a ${where}`, status, code });
      expect(store.objects.size).toBe(0);
    },
  );

  it('says both clocks where they differ', async () => {
    const date = 'Tue, 01 Dec 2026 12:20:00 GMT';
    store.refusals.push({ status: 403, code: 'RequestTimeTooSkewed', headers: { date } });
    await expect(bucket.get('a')).rejects.toThrow(
      /RequestTimeTooSkewed: its clock says 2026-12-01T12:20:00.000Z, ours 2026-12-01T12:00:00.000Z$/,
    );
  });

  it('reads no more than it may, and takes no word of a refusal that is none', async () => {
    store.objects.set('/records/a', 'x'.repeat(1_001));
    await expect(bucket.get('a')).rejects.toThrow('its answer is larger than 1000 bytes');
    store.refusals.push({ status: 403, code: 'a<b>\n' });
    await expect(bucket.get('a')).rejects.toThrow(/refuses it with 403$/);
  });

  it('asks nobody any more once it is closed', async () => {
    await bucket.close();
    await expect(bucket.put('a', 'x', undefined)).rejects.toThrow('PUT a of bucket records');
    expect(store.requests).toEqual([]);
  });

  it('says that it cannot be reached, and never its secret', async () => {
    await store.close();
    const error = await bucket.get('a').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 0, message: expect.stringMatching(/cannot be reached \(ECONNREFUSED\)$/) });
    expect(JSON.stringify(error) + String(error)).not.toContain(secret);
  });
});
