import { describe, expect, test } from 'vitest';
import { keySecretName } from '../../domain/contract/child.ts';
import { printsOf } from '../../domain/machine/guestkeys.ts';
import { privateKeyPEM, publicKeyLine } from '../../domain/machine/sshkeys.ts';
import { managedVM, UID } from '../../domain/managedvm/assessment.fixtures.ts';
import { ApiError, NotLeader } from '../../runtime/api/errors.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { moveKeys } from './keymove.ts';
import { dropKeys, generateKeyPair, type KeyContext } from './keys.ts';

const PLACES = { namespace: 'keys', migrateFrom: 'system' };

type Data = Readonly<Record<string, string>>;
type Stored = KubeObject & { readonly data: Data };
/** Secrets by `namespace/name`. */
type Secrets = ReadonlyMap<string, Stored>;

function newKeys(): Data {
  const pairs = { provider: generateKeyPair(), host: generateKeyPair() };
  const texts = Object.entries(pairs).flatMap(([name, pair]) => [
    [`${name}-key`, privateKeyPEM(pair, name)],
    [`${name}-key.pub`, publicKeyLine(pair.publicKey, name)],
  ]);
  return Object.fromEntries(texts.map(([name = '', text = '']) => [name, Buffer.from(text).toString('base64')]));
}

function secret(namespace: string, data: Data, generation = 1): [string, Stored] {
  const name = keySecretName(UID, generation);
  const metadata = { namespace, name, uid: `${namespace}-${name}`, labels: { 'managed.systems/owner-uid': UID } };
  return [`${namespace}/${name}`, { apiVersion: 'v1', kind: 'Secret', metadata, data }];
}

const given = (data: Data) => {
  const line = (field: string) => Buffer.from(data[field] ?? '', 'base64').toString();
  return printsOf({ providerPublicKey: line('provider-key.pub'), hostPublicKey: line('host-key.pub') });
};

/** PLAYED: an API server with these Secrets, and a cache that has seen them, or `seen`. It dies when it has written `writes` times. */
function played(stored: Secrets, keys = given(data), { seen = stored, writes = Number.POSITIVE_INFINITY } = {}) {
  const [api, cache, events] = [new Map(stored), new Map(seen), [] as string[]];
  let left = writes;
  const write = (change: () => void) => {
    if (left === 0) throw new NotLeader();
    left -= 1;
    change();
  };
  const keyOf = ({ metadata }: KubeObject) => `${metadata.namespace}/${metadata.name}`;
  const context = {
    object: managedVM({}, { status: { keys } }),
    read: {
      get: (_: unknown, key: { namespace: string; name: string }) => cache.get(`${key.namespace}/${key.name}`),
      byIndex: () => [...cache.values()],
    },
    live: async (object: KubeObject) => api.get(keyOf(object)),
    createOnce: async (object: Stored) => {
      const key = keyOf(object);
      const known = cache.get(key) ?? api.get(key);
      if (known === undefined) write(() => void [api, cache].map(each => each.set(key, object)));
      return known ?? object;
    },
    deleteChild: async (object: KubeObject) => write(() => void [api, cache].map(each => each.delete(keyOf(object)))),
    event: (_: string, reason: string, message: string) => void events.push(`${reason}: ${message}`),
  } as unknown as KeyContext;
  return { context, api, events };
}

const data = newKeys();
const [home, former] = [secret('keys', data), secret('system', data)];
const dataOf = (api: Secrets) => Object.fromEntries([...api].map(([key, { data }]) => [key, data]));
const moved = { [home[0]]: data };

describe('keys are moved by copies that are proved (MO-8, design 5)', () => {
  test.each([0, 1, 2])('cut off after write %i, the key is never nowhere, and the next pass ends it', async writes => {
    const first = played(new Map([former]), given(data), { writes });
    await moveKeys(first.context, PLACES).catch(error => expect(error).toBeInstanceOf(NotLeader));
    expect(Object.values(dataOf(first.api))).toContainEqual(data);
    const second = played(first.api);
    await moveKeys(second.context, PLACES);
    expect(dataOf(second.api)).toEqual(moved);
    expect(await moveKeys(played(second.api).context, PLACES)).toEqual([]);
  });

  test('every generation that is stored comes along, as a Secret that nobody changes', async () => {
    const next = { ...newKeys(), 'host-key': data['host-key'] ?? '', 'host-key.pub': data['host-key.pub'] ?? '' };
    const { context, api } = played(new Map([former, secret('system', next, 2)]));
    const outcomes = await moveKeys(context, PLACES);
    expect(outcomes.map(({ child, action }) => `${action} ${child.namespace}/${child.name}`)).toEqual([
      `moved ${former[0]}`,
      `moved ${former[0]}-2`,
    ]);
    expect(dataOf(api)).toEqual({ ...moved, [`${home[0]}-2`]: next });
    expect(api.get(home[0])).toMatchObject({ immutable: true, metadata: { name: keySecretName(UID) } });
  });

  test('what a watch still shows, and is gone, is not brought back: it might be taken for a key that a restore brought', async () => {
    const { context, api } = played(new Map(), given(data), { seen: new Map([former]) });
    expect(await moveKeys(context, PLACES)).toEqual([]);
    expect(dataOf(api)).toEqual({});
  });

  test('a copy that a watch still shows, and is gone, is no proof: the former Secret stays', async () => {
    const { context, api } = played(new Map([former]), given(data), { seen: new Map([home, former]) });
    expect(await moveKeys(context, PLACES)).toMatchObject([
      { action: 'failed', child: { namespace: 'keys' }, error: { reason: 'NotOurs' } },
    ]);
    expect(dataOf(api)).toEqual({ [former[0]]: data });
  });

  test('a copy with the same public keys and another private one is no proof either', async () => {
    const half = secret('keys', { ...data, 'provider-key': newKeys()['provider-key'] ?? '' });
    const { context, api } = played(new Map([half, former]));
    expect(await moveKeys(context, PLACES)).toMatchObject([{ action: 'failed' }]);
    expect(dataOf(api)).toEqual({ [half[0]]: half[1].data, [former[0]]: data });
  });

  test.each<[string, Secrets, string]>([
    ['of which the other place holds others', new Map([secret('keys', newKeys()), former]), 'holds other keys'],
    ['that are not those that the guest was given', new Map([secret('system', newKeys())]), 'are not those that'],
  ])('a person is told of keys %s, and nothing is written', async (_, secrets, told) => {
    const { context, api, events } = played(secrets, given(data), { writes: 0 });
    expect(await moveKeys(context, PLACES)).toEqual([]);
    expect(api).toEqual(secrets);
    expect(events).toEqual([expect.stringMatching(new RegExp(`^KeysNotMoved: Secret .* ${told}`))]);
  });

  test('a refusal is told as the outcome of that Secret', async () => {
    const { context } = played(new Map([former]));
    const refused = { ...context, createOnce: () => Promise.reject(new ApiError(403, 'Forbidden', 'no')) };
    expect(await moveKeys(refused, PLACES)).toMatchObject([
      { action: 'failed', child: { namespace: 'keys' }, error: { status: 403 } },
    ]);
  });

  test('where none are to be moved, nothing is asked', async () => {
    const { context } = played(new Map([home]));
    expect(await moveKeys(context, { namespace: 'keys', migrateFrom: undefined })).toEqual([]);
  });

  test('a former key that goes for good goes first from where it would be moved', async () => {
    const gone = secret('system', data);
    const { context, api } = played(new Map([home, gone]), given(data), { writes: 1 });
    await expect(dropKeys(context, PLACES, [1])).rejects.toThrow(NotLeader);
    expect(dataOf(api)).toEqual(moved);
  });
});
