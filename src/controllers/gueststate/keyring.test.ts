import { describe, expect, it, vi } from 'vitest';
import { KEY_PLACES } from '../../domain/machine/keymove.ts';
import { fingerprintOfLine } from '../../domain/machine/sshkeys.ts';
import { newKeys } from '../../guest/transport/scriptedguest.fixtures.ts';
import { ApiError } from '../../runtime/api/errors.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { Keyring } from './keyring.ts';
import { guestRecordController } from './record.ts';
import type { Shards } from './shards.ts';

const [provider, host] = [newKeys(), newKeys()];
const given = { provider: fingerprintOfLine(provider.publicKey), host: fingerprintOfLine(host.publicKey) };
const base64 = (text: string) => Buffer.from(text).toString('base64');
const data = {
  'provider-key': base64(provider.privateKey),
  'provider-key.pub': base64(provider.publicKey),
  'host-key.pub': base64(host.publicKey),
};

/** How often the Secret was read. */
function ring() {
  const call = vi.fn(async () => ({ status: 200, value: { data } }));
  return { call, keyring: new Keyring({ call } as unknown as Transport, KEY_PLACES) };
}

it('reads the keys of a VM once, and none of them where they are not those that the guest was given (MO-8)', async () => {
  const { call, keyring } = ring();
  for (let look = 0; look < 3; look += 1) expect(await keyring.keysOf('uid', given)).toMatchObject({ kind: 'Ready' });
  expect(call).toHaveBeenCalledOnce();
  expect(await keyring.keysOf('uid', { ...given, host: given.provider })).toEqual({ kind: 'KeysDiffer' });
});

it('keeps no key of a VM that is gone (MO-8)', async () => {
  const { call, keyring } = ring();
  await keyring.keysOf('uid', given);
  const shards = { source: () => ({}) } as unknown as Shards;
  guestRecordController(shards, keyring).forget?.('uid');
  await keyring.keysOf('uid', given);
  expect(call).toHaveBeenCalledTimes(2);
});

it('has the next and the former keys that fit, each by its name, and leaves out what is lost or another (MO-8)', async () => {
  const later = newKeys();
  const secrets = new Map([
    ['managedvm-uid', data],
    [
      'managedvm-uid-3',
      { ...data, 'provider-key': base64(later.privateKey), 'provider-key.pub': base64(later.publicKey) },
    ],
  ]);
  const call = vi.fn(async ({ path }: { path: string }) => ({
    status: 200,
    value: { data: secrets.get(path.split('/').at(-1) ?? '') ?? {} },
  }));
  const keyring = new Keyring({ call } as unknown as Transport, KEY_PLACES);
  const print = fingerprintOfLine(later.publicKey);
  const former = [
    { provider: given.provider, generation: 1 },
    { provider: given.provider, generation: 2 },
  ];
  expect(await keyring.keysOf('uid', { ...given, next: { provider: print, generation: 3 }, former: [] })).toMatchObject(
    {
      keys: { present: { providerPrivateKey: provider.privateKey }, next: { providerPrivateKey: later.privateKey } },
    },
  );
  const promoted = { host: given.host, provider: print, generation: 3 };
  expect(await keyring.keysOf('uid', { ...promoted, former })).toMatchObject({
    keys: {
      present: { providerPrivateKey: later.privateKey },
      former: [{ providerPrivateKey: provider.privateKey }, {}],
    },
  });
  const lost = { provider: 'SHA256:another', generation: 2 };
  expect(await keyring.keysOf('uid', { ...promoted, next: lost, former: [lost] })).toMatchObject({
    keys: { next: undefined, former: [] },
  });
});

describe('while keys are moved to another namespace (design 5)', () => {
  const places = { namespace: 'steward-keys', migrateFrom: 'steward-system' };
  const others = newKeys();
  const foreign = { ...data, 'provider-key': base64(others.privateKey), 'provider-key.pub': base64(others.publicKey) };
  /** `asked`: what happens to the Secrets after so many reads. */
  const found = async (secrets: Map<string, object>, asked: (reads: number) => void = () => {}) => {
    let reads = 0;
    const call = async ({ path }: { path: string }) => {
      const stored = secrets.get(path.split('/')[4] ?? '');
      reads += 1;
      asked(reads);
      if (stored === undefined) throw new ApiError(404, 'NotFound', 'not found');
      return { status: 200, value: { data: stored } };
    };
    return (await new Keyring({ call } as unknown as Transport, places).keysOf('uid', given)).kind;
  };

  it.each<[string, [string, object][], string]>([
    ['not yet moved', [['steward-system', data]], 'Ready'],
    ['moved', [['steward-keys', data]], 'Ready'],
    ['in neither place', [], 'KeysMissing'],
    [
      'others lie where they are to be',
      [
        ['steward-system', data],
        ['steward-keys', foreign],
      ],
      'Ready',
    ],
    [
      'others lie where they were',
      [
        ['steward-system', foreign],
        ['steward-keys', data],
      ],
      'Ready',
    ],
    ['others alone', [['steward-system', foreign]], 'KeysDiffer'],
  ])('%s: %s', async (_, secrets, kind) => {
    expect(await found(new Map(secrets))).toBe(kind);
  });

  it('finds keys whose copy is made, and that go, between its two reads', async () => {
    const secrets = new Map<string, object>();
    const copied = (reads: number) => void (reads === 1 && secrets.set('steward-keys', data));
    expect(await found(secrets, copied)).toBe('Ready');
  });
});
