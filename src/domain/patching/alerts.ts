import { type Alert, describedVM, lines, SUBJECT } from '../contract/alert.ts';

/** Of a VM with such a sample: with its level where that includes monitoring, as for every promise. */
function virtualMachines(sample: string): string {
  const found = `max by (namespace, managed_vm) (${sample})`;
  return lines(describedVM(found), `or on (namespace, managed_vm) ${found}`);
}

/** What the condition PatchCompliant does not tell: how the work went (MO-14). What is overdue, its own alert tells. */
export const PATCH_ALERTS: readonly Alert[] = [
  {
    alert: 'ManagedVMPatchRunFailed',
    expr: virtualMachines('steward_patch_last_run{phase=~"Failed|Unknown|RolledBack"}'),
    for: '5m',
    severity: 'warning',
    summary: '{{ $labels.managed_vm }}: the last PatchRun failed',
    description: `The last PatchRun of ${SUBJECT} failed, was rolled back, or nobody knows how it ended; its message says why.`,
  },
  {
    alert: 'ManagedVMPatchWindowMissed',
    expr: virtualMachines('steward_patch_window_missed == 1'),
    for: '15m',
    severity: 'warning',
    summary: '{{ $labels.managed_vm }} was not patched in its window',
    description: `The last window of ${SUBJECT} closed without a PatchRun that came to its end; status.patching.missedWindow names it.`,
  },
  {
    alert: 'PatchPolicyHalted',
    expr: 'max by (kind, namespace, name, ring) (steward_patch_ring_halted) == 1',
    for: '5m',
    severity: 'warning',
    summary: '{{ $labels.kind }} {{ $labels.name }} is halted in ring {{ $labels.ring }}',
    description:
      'More VMs of ring {{ $labels.ring }} of {{ $labels.kind }} {{ $labels.name }} failed than may: no guest is begun in it and after it until spec.resume names the PatchRun that halted it.',
  },
];
