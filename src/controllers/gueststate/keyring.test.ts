import { expect, it, vi } from 'vitest';
import { fingerprintOfLine } from '../../domain/machine/sshkeys.ts';
import { newKeys } from '../../guest/transport/scriptedguest.fixtures.ts';
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
  return { call, keyring: new Keyring({ call } as unknown as Transport, 'steward-system') };
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
  const keyring = new Keyring({ call } as unknown as Transport, 'steward-system');
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
