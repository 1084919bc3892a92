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
