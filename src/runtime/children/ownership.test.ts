import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubeObject, ObjectMeta } from '../api/object.ts';
import { appliedHash, appliedHashKey, labelled, type Making, marked, markKey, standingOf } from './ownership.ts';

const marks = { manager: 'steward', prefix: 'x.example' };
const rootKind = { group: 'x', version: 'v1', kind: 'Root', plural: 'roots', namespaced: true };
const near = { group: 'y', version: 'v1', kind: 'Disk', plural: 'disks', namespaced: true };
const owner: KubeObject = { apiVersion: 'x/v1', kind: 'Root', metadata: { name: 'o', namespace: 'ns', uid: 'owner' } };
const making: Making = { kind: near, named: (_, { metadata }) => metadata.name === 'o-disk' };
const farMaking: Making = { ...making, namespace: 'far' };

/** A child as it is made. */
function made(namespace = 'ns', name = 'o-disk', withReference = true): KubeObject {
  const desired = { apiVersion: 'y/v1', kind: 'Disk', metadata: { name, namespace } };
  const content = labelled(marks, rootKind, owner, desired, withReference);
  return marked(marks, near, owner, content, { [appliedHashKey(marks)]: appliedHash(content) });
}

type Change = { readonly [Field in keyof ObjectMeta]?: ObjectMeta[Field] | undefined };
const changed = (child: KubeObject, change: Change): KubeObject => {
  const metadata = Object.entries({ ...child.metadata, ...change }).filter(([, value]) => value !== undefined);
  return { ...child, metadata: { name: child.metadata.name, ...Object.fromEntries(metadata) } };
};
/** As a clone, or a restore with Velero's resetMetadata, leaves it: labels and annotations, and nothing else. */
const copied = (child: KubeObject, change: Change = {}): KubeObject => {
  const { name, namespace, labels, annotations } = child.metadata;
  return changed({ ...child, metadata: { name } }, {
    namespace,
    labels,
    annotations,
    ...change,
  } as Partial<ObjectMeta>);
};
const without = (child: KubeObject, annotation: string): KubeObject => {
  const { [annotation]: _, ...annotations } = child.metadata.annotations ?? {};
  return changed(child, { annotations });
};
/** As versions before marks made it. */
const unmarked = (child: KubeObject): KubeObject => without(child, markKey(marks));
const standing = (child: KubeObject, how: Making = making, wanted = false) =>
  standingOf(marks, owner, how, child, wanted);

describe('what was made for an owner (design 4)', () => {
  test.each([
    ['as it was made', made(), 'ours'],
    ['made to outlive its owner', made('ns', 'o-disk', false), 'ours'],
    ['made under a name that is no longer rendered', made('ns', 'o-former'), 'ours'],
    ['with its labels taken away', changed(made(), { labels: undefined }), 'ours'],
    ['with labels that name another owner', changed(made(), { labels: { 'x.example/owner-uid': 'other' } }), 'ours'],
    ['with its annotations taken away', changed(made(), { annotations: undefined }), 'ours'],
    ['with its reference taken away, or orphaned', changed(made(), { ownerReferences: undefined }), 'released'],
    ['restored in place under its living owner', copied(made()), 'released'],
    ['by a version without marks', unmarked(made()), 'ours'],
    ['by a version without marks, to outlive its owner', unmarked(made('ns', 'o-disk', false)), 'released'],
  ] as const)('%s', (_, child, expected) => {
    expect(standing(child)).toBe(expected);
  });

  test.each([
    ['as it was made', made('far'), 'ours'],
    ['with its labels taken away', changed(made('far'), { labels: undefined }), 'ours'],
    ['by a version without marks', unmarked(made('far')), 'ours'],
    ['without any annotation, as what is made once was', changed(made('far'), { annotations: undefined }), 'ours'],
    ['with nothing left to tell', changed(made('far'), { annotations: undefined, labels: undefined }), 'foreign'],
  ] as const)('in another namespace: %s', (_, child, expected) => {
    expect(standing(child, farMaking)).toBe(expected);
  });
});

describe('a label proves nothing (design 4): somebody else has', () => {
  const other = { ...owner, metadata: { ...owner.metadata, uid: 'former' } };
  test.each([
    ['a copy in another namespace (Velero, --namespace-mappings)', copied(made(), { namespace: 'drill' })],
    ['a copy under another name (VirtualMachineClone)', copied(made(), { name: 'o-disk-copy' })],
    ['an exported manifest under another name, references included', changed(made(), { name: 'copy', uid: 'copy' })],
    ['a copy of what was to outlive its owner', copied(made('ns', 'o-disk', false), { name: 'o-disk-copy' })],
    ['a copy in another namespace of what bears no mark', copied(unmarked(made()), { namespace: 'drill' })],
    ['a copy under another name of what bears no mark', copied(unmarked(made()), { name: 'o-disk-copy' })],
    ['an export under another name of what bears no mark', changed(unmarked(made()), { name: 'copy' })],
    ['an object with our labels only', changed(copied(made()), { annotations: undefined })],
    ['an object with an empty hash', changed(copied(made()), { annotations: { [appliedHashKey(marks)]: '' } })],
    ['a bare object of that name', changed(copied(made()), { annotations: undefined, labels: undefined })],
  ])('%s', (_, child) => {
    expect(standing(child)).toBe('foreign');
  });

  test('what a former owner of that name has left behind', () => {
    for (const child of [made('ns', 'o-disk', false), unmarked(made()), made()])
      expect(standingOf(marks, other, making, child)).toBe('foreign');
    expect(standingOf(marks, other, farMaking, made('far'))).toBe('foreign');
  });

  test('a copy with other names in other places, whatever they are', () => {
    const name = fc.string({ minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(name, name, fc.boolean(), fc.boolean(), (to, place, reference, wanted) => {
        fc.pre(to !== 'o-disk' || place !== 'ns');
        const copy = copied(made('ns', 'o-disk', reference), { name: to, namespace: place });
        expect(standing(copy, { kind: near }, wanted)).toBe('foreign');
      }),
    );
  });
});

describe('under a name that is wanted now', () => {
  test('a reference is enough, though a policy has rewritten every label and annotation', () => {
    const rewritten = changed(made(), { labels: { a: 'b' }, annotations: { [markKey(marks)]: 'x' } });
    expect(standing(rewritten, { kind: near }, true)).toBe('ours');
    expect(standing(rewritten, { kind: near })).toBe('foreign');
  });
});

test('a mark does not change the hash by which earlier versions know what they applied', () => {
  const child = made();
  expect(child.metadata.annotations?.[appliedHashKey(marks)]).toBe(
    appliedHash(changed(child, { annotations: undefined })),
  );
});
