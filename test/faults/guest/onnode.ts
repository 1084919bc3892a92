/** The sample of the faults that a real guest shows, in the box of the test bed: `node onnode.ts FILE`, to which it writes its tallies. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CUSTOMER, catalogue, guest, newKeyPair } from '../../../hack/steward/guestorders.ts';
import { loginsOf } from '../../../hack/steward/logins.ts';
import { type Service, startService } from '../../../hack/steward/service.ts';
import { inGuest, type Login } from '../../../hack/steward/ssh.ts';
import { run } from '../../../hack/testbed/process/command.ts';
import { dialAddress } from '../../../src/guest/transport/dial.ts';
import type { Tally } from '../tally.ts';
import { crowds, cuts, type Ground, kills, pauses, reboots, runCases, undisturbed } from './cases.ts';
import { linesOf, type Place } from './place.ts';
import { timed } from './timed.ts';

const NAMESPACE = 'faults';
const NAME = 'guest';
/** A case takes an emulated guest seconds: cuts and moments are few. */
const GRAIN = 1_500;

const say = (line: string) => console.log(`    ${line}`);
const service = await startService(say);
try {
  const tallies = await onRealGuest(await bootedGuest(service));
  await writeFile(process.argv[2] ?? '', JSON.stringify(tallies));
} finally {
  await service.stop();
}

/** A guest that lets the provider in, and that nobody but these cases works in. */
async function bootedGuest({ bed, client }: Service): Promise<Login> {
  const env = { ...process.env, KUBECONFIG: bed.adminKubeconfig };
  const scale = ['-n', 'steward-system', 'scale', 'deployment/steward-guest', '--replicas=0'];
  await run(bed.binaries.kubectl, scale, { env });
  for (const system of catalogue) await client.create('/apis/managed.systems/v1alpha1/operatingsystems', system);
  await client.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  const key = newKeyPair(CUSTOMER);
  const order = guest(NAMESPACE, NAME, key.publicKey, { serviceLevel: 'Admin' });
  await client.create(`/apis/managed.systems/v1alpha1/namespaces/${NAMESPACE}/managedvms`, order);
  say('waiting for the guest');
  return patiently(async () => {
    const { provider } = await loginsOf(client, NAMESPACE, NAME, key.privateKey);
    await inGuest(provider, 'cloud-init status --wait');
    return provider;
  });
}

/** Until the guest can be asked: it may be booting. */
async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let left = 600; ; left -= 1) {
    try {
      return await ask();
    } catch (error) {
      if (left === 0) throw error;
      await sleep(2_000);
    }
  }
}

async function onRealGuest(login: Login): Promise<Tally[]> {
  const counter = '/var/lib/steward/effects';
  const asRoot = (command: string) => inGuest(login, `sudo sh -c '${command}'`);
  const place: Place = {
    ...{ dial: dialAddress(login.address), login, counter },
    effects: async id => linesOf(await patiently(() => asRoot(`cat ${counter} 2>/dev/null || true`)), id),
    close: async () => {},
  };
  const folder = await mkdtemp(join(tmpdir(), 'steward-guest-ledger-'));
  const ground: Ground = { place, folder, grain: GRAIN };
  await asRoot('mkdir -p /var/lib/steward');
  try {
    const { deeds, ...bytes } = await undisturbed(ground);
    say(`without faults: ${bytes.up} bytes from the worker, ${bytes.down} from the guest, ${deeds} deeds`);
    const every = <Case>(number: number, cases: readonly Case[]) => cases.filter((_, index) => index % number === 0);
    return [
      await timed(11, 'connection cut (real guest)', () => runCases(ground, cuts(ground, bytes))),
      await timed(12, 'worker killed (real guest)', () => runCases(ground, every(3, kills(deeds)))),
      await timed(13, 'worker paused, two workers (real guest)', () =>
        runCases(ground, [...every(4, pauses(deeds)), ...crowds.slice(0, 1)]),
      ),
      await timed(14, 'guest rebooted amid a step (real guest)', () => runCases(ground, reboots)),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
