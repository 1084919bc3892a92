import { describe, expect, test } from 'vitest';
import { classes } from '../faults/classes.ts';
import { currentCrds } from '../faults/cluster/crds.ts';
import {
  defaultedFields,
  FUTURE_FIELD,
  hasValue,
  loose,
  optionalFields,
  withFuture,
  withoutFields,
  withoutValues,
} from '../faults/cluster/schemas.ts';
import { SOAK } from '../faults/soak/soak.ts';

const crds = await currentCrds();
const managedVM = crds.get('ManagedVM');
if (managedVM === undefined) throw new Error('no CRD of ManagedVM');
const specOf = (crd: typeof managedVM) => crd.spec.versions[0]?.schema.openAPIV3Schema.properties?.spec;

describe('schemas of other versions', () => {
  test('fields that an order may leave out are found at every depth, required ones are not', () => {
    const fields = optionalFields(managedVM).map(path => path.join('.'));
    expect(fields).toEqual(expect.arrayContaining(['powerState', 'sizing', 'sizing.cpu', 'backupPolicyRef.kind']));
    expect(fields).not.toContain('serviceLevel');
    expect(fields).not.toContain('backupPolicyRef.name');
    expect(defaultedFields(managedVM)).toEqual(expect.arrayContaining([['powerState'], ['disks'], ['networks']]));
  });

  test('an older schema lacks the field, and every rule that may name it', () => {
    const older = withoutFields(managedVM, [['sizing', 'memory']]);
    expect(Object.keys(specOf(older)?.properties?.sizing?.properties ?? {})).toEqual([
      'instanceType',
      'cpu',
      'topology',
    ]);
    expect(JSON.stringify(older)).not.toContain('x-kubernetes-validations');
    expect(JSON.stringify(older)).not.toContain('selectableFields');
    expect(() => withoutFields(managedVM, [['nothing']])).toThrow('no such field');
  });

  test('a later schema has a default of its own, and one that validates nothing has no field at all', () => {
    expect(specOf(withFuture(managedVM))?.properties?.[FUTURE_FIELD]).toEqual({ type: 'string', default: 'later' });
    expect(specOf(loose(managedVM))?.properties).toBeUndefined();
    expect(loose(managedVM).spec.versions[0]?.schema.openAPIV3Schema.required).toBeUndefined();
  });

  test('an order loses just the field', () => {
    const order = { spec: { sizing: { cpu: 1, memory: '1Gi' }, services: ['a'] } };
    const less = withoutValues(order, [['sizing', 'memory']]);
    expect(less).toEqual({ spec: { sizing: { cpu: 1 }, services: ['a'] } });
    expect([hasValue(order, ['sizing', 'memory']), hasValue(less, ['sizing', 'memory'])]).toEqual([true, false]);
    expect(hasValue(undefined, ['sizing'])).toBe(false);
  });
});

test('there are sixteen classes, numbered without a gap', () => {
  const ids = [...classes.map(({ id }) => id), SOAK.id].sort((a, b) => a - b);
  expect(ids).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
});
