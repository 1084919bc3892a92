import { expect, it } from 'vitest';
import { managedVMOf } from '../domain/managedvm/rendering.fixtures.ts';
import { patchMembers } from './patchmembers.ts';

const { part } = patchMembers('members', () => [{ namespace: '', name: 'standard' }]);
const spec = { serviceLevel: 'AdvancedMonitoringAndPatching', operatingSystem: 'debian-13' };

function seen(kind: 'PatchPolicy' | 'ClusterPatchPolicy') {
  const status = { patching: { policy: { kind, name: 'standard' }, provenBy: 'standard' } };
  return part?.({ ...managedVMOf(spec), status });
}

it('MO-11: whether a VM has rings of its own concerns who proves its patches', () => {
  expect(seen('PatchPolicy')).not.toEqual(seen('ClusterPatchPolicy'));
  expect(seen('PatchPolicy')).toEqual(seen('PatchPolicy'));
});
