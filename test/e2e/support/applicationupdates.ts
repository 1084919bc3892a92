/** What every application of the catalogue shows in a real Debian guest when its distribution has a new version, and when that does not work. */
import { expect, test } from 'vitest';
import { shellWord } from '../../../src/guest/shellword.ts';
import { eventually } from '../../integration/support/eventually.ts';
import type { Applications } from './applications.ts';
import { BOOT, type Guests } from './guests.ts';

export type Updated = {
  /** The package by which its version is told, and commands that break it, run in its unpacked folder. */
  readonly package: string;
  readonly broken: string;
  /** How a client in the guest writes the number `$i` by the binding. */
  readonly writes: (of: (field: string) => string) => string;
  /** How all that are there are read, a line each; absent: it keeps nothing of its clients. */
  readonly written?: (of: (field: string) => string) => string;
};

export type Place = { readonly guests: Guests; readonly applications: Applications };
export type OrderOf = { readonly product: string; readonly line: string; readonly vm: string; readonly order: string };

/** Between two looks at what takes minutes. Milliseconds. */
const LOOK = 3_000;
/** Its files are those of the client below. */
const FOLDER = '/run/writing';

/** `place` is asked when the tests run; a window of the order is open by then. */
export function tellUpdates(
  place: () => Place,
  { product, line, vm, order }: OrderOf,
  updated: Updated,
  works: Record<string, string>,
): void {
  const inGuest = (command: string) => place().guests.asRoot(vm, command);
  const lines = async (name: string) =>
    (await inGuest(`cat ${FOLDER}/${name} 2> /dev/null || true`)).split('\n').filter(Boolean);

  /** It writes on and on, as somebody who is not root, and notes what it was told is written. */
  async function beginToWrite(): Promise<void> {
    const of = await place().applications.binding(order);
    const write = updated.writes(of);
    const script = [
      `i=0; while [ ! -e ${FOLDER}/enough ]; do i=$((i + 1)); export i`,
      `if setpriv --reuid=nobody --regid=nogroup --clear-groups -- sh -c ${shellWord(write)} > /dev/null 2>&1 < /dev/null`,
      `then echo $i >> ${FOLDER}/told; else echo $i >> ${FOLDER}/refused; sleep 0.2; fi; done`,
    ].join('\n');
    await inGuest(`mkdir ${FOLDER} && printf %s ${shellWord(script)} > ${FOLDER}/script`);
    await inGuest(`systemd-run --quiet --unit=writing sh ${FOLDER}/script`);
    await eventually(async () => expect(await lines('told')).not.toEqual([]), BOOT, LOOK);
  }

  async function stopWriting(): Promise<void> {
    const before = (await lines('told')).length;
    await eventually(async () => expect((await lines('told')).length).toBeGreaterThan(before), BOOT, LOOK);
    await inGuest(`touch ${FOLDER}/enough; while systemctl is-active --quiet writing.service; do sleep 1; done`);
  }

  async function loseNothing(): Promise<void> {
    const [told, refused] = [await lines('told'), await lines('refused')];
    expect(refused.length).toBeGreaterThan(0);
    console.log(`${told.length} writes were acknowledged, ${refused.length} refused`);
    if (updated.written === undefined) return;
    const there = new Set((await inGuest(updated.written(await place().applications.binding(order)))).split('\n'));
    expect(told.filter(number => !there.has(number))).toEqual([]);
  }

  /** The update to that version is over as told. */
  const ended = async (version: string, verdict: string, outcome: string) => {
    const { status } = await place().applications.says(order, { ...works, UpdatesCompliant: verdict });
    expect(status.updates[0]).toMatchObject({ to: version, outcome });
    return status;
  };

  test('AP-2: is brought to the designated version in a window, with its interface closed, while a client writes', async () => {
    const { applications } = place();
    await beginToWrite();
    const version = await applications.release(updated.package, '+good');
    await applications.designate(product, line, version);
    const status = await ended(version, 'True/UpToDate', 'Updated');
    expect(status.version).toBe(version);
    expect(await inGuest('nft list tables')).not.toContain('steward_closed');
  });

  test('AP-2: a version that does not work is taken back, and no write is lost that the client was told of', async () => {
    const { applications } = place();
    const version = await applications.release(updated.package, '+later', updated.broken);
    await applications.designate(product, line, version);
    const status = await ended(version, 'False/RolledBack', 'RolledBack');
    expect(status.version).toMatch(/[+]good$/);
    expect(await inGuest('nft list tables')).not.toContain('steward_closed');
    await stopWriting();
    await loseNothing();
  });
}
