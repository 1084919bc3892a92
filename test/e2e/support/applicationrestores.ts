/** What every application of the catalogue whose data are dumped shows in a real Debian guest when they are to be restored. */
import { expect, test } from 'vitest';
import { isRestored, restore } from '../../../src/api/restore.ts';
import { agreeToChange } from '../../integration/support/agreement.ts';
import type { Any } from '../../integration/support/api.ts';
import { eventually } from '../../integration/support/eventually.ts';
import type { OrderOf, Place, Updated } from './applicationupdates.ts';
import { BOOT, kubectl, kubectlWith } from './guests.ts';

/** Between two looks at what takes minutes. Milliseconds. */
const LOOK = 3_000;
/** What is written before the dump, and after it: above all that other tests write. */
const [KEPT, LOST] = [1_000_000_001, 1_000_000_002];

/** `client`: how a client in the guest comes in by the binding, and what it is told. */
type Served = { readonly client: (of: (field: string) => string) => string; readonly served: string };

/** `place` is asked when the tests run. */
export function tellRestores(
  place: () => Place,
  { vm, order }: OrderOf,
  { writes, written }: Pick<Updated, 'writes' | 'written'>,
  { client, served }: Served,
  works: Record<string, string>,
): void {
  const inGuest = (command: string) => place().guests.asRoot(vm, command);
  const store = `/var/lib/steward/dumps/${order}`;
  const write = async (number: number) =>
    inGuest(`export i=${number}; ${writes(await place().applications.binding(order))}`);
  const numbers = async () => (await inGuest(written?.(await place().applications.binding(order)) ?? '')).split('\n');

  /** A dump that begins now, which the operator knows. */
  async function dumped(): Promise<void> {
    const newest = () => inGuest(`ls -d ${store}/dump-* 2> /dev/null | sort | tail -n 1`);
    const before = await newest();
    // A timer may have begun a proof, which it then leaves alone.
    const dump = `rm -f ${store}/last ${store}/failed; systemctl start steward-backup-${order}.service`;
    await eventually(async () => expect(await inGuest(dump).then(newest)).not.toBe(before), BOOT, LOOK);
    const at = Number((await newest()).split('-').at(-1)) * 1000;
    await eventually(
      async () => {
        const [known = ''] = (await place().applications.found(order)).status.backup?.dumps ?? [];
        expect(Date.parse(known)).toBe(at);
      },
      BOOT,
      LOOK,
    );
  }

  /** Both sides agree to the change that it has made. */
  async function agreed(name: string): Promise<void> {
    const { api, namespace } = place().guests;
    const change = await eventually(
      async () => {
        const { status } = await api.get(restore, namespace, name);
        expect(status?.change?.uid, status?.message).toEqual(expect.any(String));
        return status.change.name;
      },
      BOOT,
      LOOK,
    );
    const bed = {
      api,
      kubectl: (args: readonly string[], input?: string) =>
        input === undefined ? kubectl(...args) : kubectlWith(args, JSON.parse(input)),
    };
    await agreeToChange(bed, namespace, change, BOOT);
  }

  async function over(name: string): Promise<Any> {
    const { api, namespace } = place().guests;
    return eventually(
      async () => {
        const found = await api.get(restore, namespace, name);
        const { phase, message } = found.status ?? {};
        expect(isRestored(phase), `${phase}: ${message}`).toBe(true);
        return found;
      },
      BOOT,
      LOOK,
    );
  }

  test('AP-13: has its data of a dump again by a Restore that is agreed to, in a time that is recorded, and lets in who has its binding', async () => {
    const { api, namespace } = place().guests;
    await write(KEPT);
    await dumped();
    await write(LOST);
    expect(await numbers()).toEqual(expect.arrayContaining([`${KEPT}`, `${LOST}`]));
    const { metadata } = await api.create(restore, {
      ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'Restore', metadata: { name: 'again', namespace } },
      spec: {
        ...{ managedApplicationRef: order, point: { latest: 'Good' }, target: { inPlace: true } },
        ...{ reason: 'a row too many', requestedBy: 'testbed-admin' },
      },
    } as Any);
    await agreed('again');
    const { status } = await over('again');
    expect(status.phase, status.message).toBe('Succeeded');
    console.log(`as the order itself has it: ${JSON.stringify(status.recoveryTime)}: ${status.message}`);
    expect(status.recoveryTime.seconds).toEqual(expect.any(Number));
    const there = await numbers();
    expect([there.includes(`${KEPT}`), there.includes(`${LOST}`)]).toEqual([true, false]);
    expect(await inGuest(client(await place().applications.binding(order)))).toBe(served);
    expect(await inGuest(`find /etc /var -maxdepth 5 -name 'before-restore-${metadata.uid}*'`)).not.toBe('');
    await place().applications.says(order, works);
  });
}
