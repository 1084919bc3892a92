/** AP-13 on the real KubeVirt: a guest whose file systems nobody lets go is let go by Steward, which may do that and no more. Takes seven minutes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { managedVM } from '../../src/api/managedvm.ts';
import { InstanceSubresources, VirtualMachineInstance } from '../../src/api/upstream.ts';
import { pathOf } from '../../src/runtime/api/object.ts';
import { eventually } from '../integration/support/eventually.ts';
import { BOOT, Guests, kubectl, kubectlWith } from './support/guests.ts';

const NAMESPACE = 'still';
const NAME = 'shop';

let guests: Guests;

beforeAll(async () => {
  guests = await Guests.in(NAMESPACE);
  await guests.order(NAME, { serviceLevel: 'Admin', sizing: { cpu: 1, memory: '128Mi' } });
  await guests.booted(NAME);
  await guests.reachable(NAME);
}, BOOT);

afterAll(() => guests?.close());

const isFrozen = async () =>
  (await guests.api.get(VirtualMachineInstance, NAMESPACE, NAME)).status.fsFreezeStatus === 'frozen';

test('is told as not available after six minutes, let go, and works on', async () => {
  const freeze = pathOf(InstanceSubresources, { namespace: NAMESPACE, name: NAME }, 'freeze');
  // Without a timer: as it is where KubeVirt's own has failed.
  await kubectlWith(['replace', `--raw=${freeze}`, '-f', '-'], { unfreezeTimeout: '0s' });
  await eventually(async () => expect(await isFrozen()).toBe(true), BOOT);
  await guests.reads(NAME, { Available: 'False/GuestFrozen' });
  await guests.reads(NAME, { Available: 'True/GuestAnswers' });
  expect(await isFrozen()).toBe(false);
  const [held] = (await guests.api.get(managedVM, NAMESPACE, NAME)).status.freezes;
  expect(Date.parse(held.until) - Date.parse(held.since)).toBeGreaterThan(359_000);
  expect(held.askedAt).toBeDefined();
  expect(await kubectl('-n', NAMESPACE, 'get', 'events', '-o', 'jsonpath={.items[*].reason}')).toContain('GuestThawed');
  expect(await guests.asRoot(NAME, 'echo works >/root/note && sync && cat /root/note')).toBe('works');
});
