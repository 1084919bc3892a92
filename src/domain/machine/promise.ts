import type { ManagedVM } from '../../api/managedvm.ts';
import { earliest } from '../contract/condition.ts';
import { customerWaits, nextCustomerWait } from '../contract/customerwait.ts';
import { bounded } from '../contract/excerpt.ts';
import type { Carried, Said, ServicePromise } from '../contract/promise.ts';
import { machineChildren } from './children.ts';
import { systemEnd } from './endoflife.ts';
import { toldOfEnd } from './endoflifewords.ts';
import type { OfMachine } from './facts.ts';
import { recordFirstBoot } from './firstboot/delivery.ts';
import { freezesOf, nextThaw } from './freezes.ts';
import { nextNewRoot, nextStepOf } from './newroot.ts';
import type { Observed } from './observed.ts';
import { machineObstacles } from './obstacles.ts';
import { orderProblem } from './order.ts';
import { provisioned } from './provisioned.ts';
import { CONDITIONS, type ConditionType, REASONS, type Reason, type Verdict } from './reasons.ts';
import { restartPending } from './restartpending.ts';
import { machineStatus } from './status.ts';
import { supported } from './supported.ts';
import { type MachineView, machineView } from './view.ts';

/** The machine as ordered: with its disks, its first boot and a supported system (MO-1, MO-7, MO-8). */
export const machine: ServicePromise<OfMachine, ConditionType, Reason> = {
  conditions: CONDITIONS,
  reasons: REASONS,
  children: machineChildren,
  assess,
};

function assess({ managedVM, facts, outcomes, now }: Carried<OfMachine>): Said<ConditionType, Reason> {
  const observed = facts.machine;
  const view = machineView(managedVM, observed, now);
  const firstBoot = recordFirstBoot({ managedVM, observed, outcomes, disks: view.disks });
  const freezes = freezesOf(managedVM, observed, now, observed.thawAsked ? now : undefined);
  const newRoot = nextNewRoot(managedVM, observed, now);
  const waits = customerWaits(observed.changeRequests, managedVM, now);
  const end = systemEnd(managedVM, observed, now);
  const support = supported(observed, now) ?? unsupported(managedVM, observed);
  const { provisioning, running } = machineObstacles({ managedVM, observed, outcomes, ...view });
  return {
    conditions: {
      Supported: { ...support, message: bounded(`${support.message}${toldOfEnd(end.record)}`) },
      Provisioned: provisioned(observed, view.disks, provisioning),
      AgentConnected: view.agent,
      RestartPending: restartPending(managedVM, observed, view.changes, now),
    },
    findings: [...provisioning, ...running],
    status: {
      ...machineStatus({ managedVM, observed, firstBoot, now, ...view }),
      ...(waits.length > 0 && { waitingForCustomer: waits }),
      ...(newRoot && { newRoot }),
      ...(end.record && { endOfLife: end.record }),
      ...(freezes.length > 0 && { freezes: [...freezes] }),
    },
    whenReady: whenReady(view),
    nextEdge: earliest(
      nextCustomerWait(observed.changeRequests, now),
      nextThaw(freezes),
      end.nextEdge,
      nextStepOf(managedVM.status?.newRoot, newRoot, now),
    ),
  };
}

function unsupported(managedVM: ManagedVM, observed: Observed): Verdict {
  const message = orderProblem(managedVM, observed)?.message ?? 'The operating system is not known.';
  return { status: 'Unknown', reason: 'OperatingSystemNotFound', message };
}

function whenReady({ state, disks, changes }: MachineView): string {
  const filled = disks.filter(disk => disk.filled).length;
  const later =
    changes.length === 0 ? '' : ` ${changes.length} changed settings wait for a restart: see RestartPending.`;
  return `${state.message} ${filled} of ${disks.length} disks are filled.${later}`;
}
