import { describe, expect, test } from 'vitest';
import { firmwareUUID } from '../../src/domain/machine/identity.ts';
import type { Seen } from '../faults/cluster/world.ts';
import { olderOperators } from '../faults/mutants/older.ts';
import { differences, pictureOf } from '../faults/picture.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

function life(
  scope: string,
  uid: string,
  key: string,
  more: { readonly cpu?: number; readonly hostKey?: string } = {},
) {
  const labels = { 'managed.systems/owner-namespace': scope, 'managed.systems/owner-uid': uid };
  const at = '2026-01-02T03:04:05Z';
  const metadata = { name: 'vm', namespace: scope, uid, resourceVersion: uid.slice(0, 4), creationTimestamp: at };
  const seen: Seen[] = [
    { kind: 'ManagedVM', object: { metadata: { ...metadata, generation: 1 } as Seen['object']['metadata'], spec: {} } },
    {
      kind: 'VirtualMachine',
      object: {
        metadata: { ...metadata, uid: `${uid.slice(0, -1)}9`, labels },
        spec: { cpu: more.cpu ?? 1, uuid: firmwareUUID(uid) },
      },
    },
    {
      kind: 'Secret',
      object: {
        metadata: { name: `managedvm-${uid}`, namespace: 'steward-keys', labels },
        data: { key: base64(`ssh-ed25519 ${key} me`) },
      },
    },
    {
      kind: 'Secret',
      object: {
        metadata: { name: 'vm-first-boot', namespace: scope, labels },
        data: { userdata: base64(`keys: [ssh-ed25519 ${more.hostKey ?? key}]`) },
      },
    },
  ];
  return { scope, seen };
}

const one = life('f-0001', '11111111-1111-1111-1111-111111111111', 'AAAA');
const picture = ({ scope, seen }: ReturnType<typeof life>) => pictureOf(scope, seen);

describe('the oracle of the fault runs', () => {
  test('two lives that end alike look alike, whatever their ids, times, keys and namespace', () => {
    const other = life('f-0002', '22222222-2222-2222-2222-222222222222', 'BBBB');
    expect(differences(picture(one), picture(other))).toEqual([]);
  });

  test('whether a first boot was seen is no part of how a life ends, other conditions are', () => {
    const reading = (firstBoot: object | undefined, ...conditions: { type: string; message: string }[]) => {
      const [vm, ...others] = one.seen;
      const status = { ...(firstBoot && { firstBoot }), conditions };
      return pictureOf(one.scope, vm ? [{ ...vm, object: { ...vm.object, status } }, ...others] : []);
    };
    const ready = (more: string) => ({ type: 'Ready', message: `It runs.${more}` });
    const seen = reading(
      { users: [] },
      ready(' 2 changed settings have not reached the guest: see Configured.'),
      { type: 'Configured', message: 'Outdated.' },
      { type: 'SLACompliant', message: 'Broken.' },
    );
    expect(differences(seen, reading(undefined, ready('')))).toEqual([]);
    expect(differences(seen, reading(undefined, ready(' Not.')))).not.toEqual([]);
  });

  test.each([
    ['hashed otherwise', { 'managed.systems/mark': `v0-${'a'.repeat(22)}` }],
    ['set no marks', {}],
  ])('what one that %s has left of the keys is a difference, but not after it ran', (past, left) => {
    const marked = (annotations: Record<string, string>) =>
      pictureOf(
        one.scope,
        one.seen.map(({ kind, object: { metadata, ...rest } }) => ({
          kind,
          object: {
            ...rest,
            metadata: metadata.name.startsWith('managedvm-') ? { ...metadata, annotations } : metadata,
          },
        })),
      );
    const [expected, actual] = [marked({ 'managed.systems/mark': `v1-${'b'.repeat(22)}` }), marked(left)];
    const reading = olderOperators.find(({ name }) => name.includes(past))?.reading ?? (line => line);
    expect(differences(expected, actual)).not.toEqual([]);
    expect(differences(expected.map(reading), actual.map(reading))).toEqual([]);
  });

  test.each([
    ['a child with another content', life('f-0001', '11111111-1111-1111-1111-111111111111', 'AAAA', { cpu: 2 }).seen],
    ['a child that is missing', one.seen.slice(0, 3)],
    ['a child that is there twice', [...one.seen, ...one.seen.slice(1, 2)]],
    [
      'a guest that got another key than the one that is kept',
      life('f-0001', '11111111-1111-1111-1111-111111111111', 'AAAA', { hostKey: 'CCCC' }).seen,
    ],
    [
      'a child of an owner that is not there',
      one.seen.map(({ kind, object }) =>
        kind === 'VirtualMachine'
          ? { kind, object: JSON.parse(JSON.stringify(object).replaceAll('11111111-', '33333333-')) }
          : { kind, object },
      ),
    ],
  ])('%s is a difference', (_name, seen) => {
    expect(differences(picture(one), pictureOf(one.scope, seen))).not.toEqual([]);
  });
});
