import type { Child, LiveObject, RenderInput } from './child.ts';

export type VirtualMachineInput = RenderInput & {
  /** Live DataVolumes by disk name: a root disk that exists stays the root disk, whatever the catalogue says now. */
  readonly liveDataVolumes?: Readonly<Record<string, LiveObject>>;
};

/** The KubeVirt VirtualMachine of a ManagedVM. */
export function renderVirtualMachine(_input: VirtualMachineInput): Child {
  throw new Error('not yet');
}
