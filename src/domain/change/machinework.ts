/** What the plan of an order says that KubeVirt does to a machine in one step (MO-2). */
import type { ChangeRequestSpec } from '../../api/changerequest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { ServiceRequestSpec } from '../../api/servicerequest.ts';
import { virtualMachineName } from '../contract/child.ts';
import { cut } from '../contract/excerpt.ts';

export type MachineService = 'ForcedStop' | 'LiveMigration' | 'Snapshot';
type Work = Pick<ChangeRequestSpec, 'title' | 'plan' | 'operation' | 'risk' | 'wayBack'>;

export function machineWork(service: MachineService, { target }: ServiceRequestSpec, managedVM: ManagedVM): Work {
  const { what, ...work } = WORK[service](`VirtualMachine ${virtualMachineName(managedVM)}`);
  return { title: cut(`${what} of ${target.kind} ${target.name}`, 120), operation: service, ...work };
}

type Words = (machine: string) => Pick<Work, 'plan' | 'risk' | 'wayBack'> & { readonly what: string };

const WORK: Readonly<Record<MachineService, Words>> = {
  ForcedStop: machine => ({
    what: 'Stop by force',
    plan: [
      cut(
        `Steward has the instance of ${machine} that runs then ended without the shutdown of its guest, as a loss of power would.`,
        500,
      ),
      'Where spec.powerState is Running the next instance starts; where it is Stopped the VM stays off.',
    ],
    risk: {
      rating: 'Medium',
      reasons: [
        'What the guest has not written to its disks is lost; file systems and databases recover at the next start.',
      ],
    },
    wayBack: 'None: what was not written is lost. Disks stay as they are.',
  }),
  LiveMigration: machine => ({
    what: 'Live migration',
    plan: [cut(`Steward has KubeVirt move the guest of ${machine} to another node while it runs, once.`, 500)],
    risk: { rating: 'Low', reasons: ['The guest stands still for a moment at the end of the move.'] },
    wayBack: 'Another live migration. Where the move fails the guest stays where it is.',
  }),
  Snapshot: machine => ({
    what: 'Snapshot',
    plan: [
      cut(
        `Steward has KubeVirt make one VirtualMachineSnapshot of ${machine}, with all of its disks; where the agent answers the file systems are held still for it.`,
        500,
      ),
      'It stays until somebody deletes it, and takes room where the disks lie. It is no backup.',
    ],
    risk: { rating: 'Low', reasons: ['Writes wait for seconds while the file systems are held still.'] },
    wayBack: 'The VirtualMachineSnapshot is deleted.',
  }),
};
