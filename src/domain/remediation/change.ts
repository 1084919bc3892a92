/** The change by which something is mended (GE-6): pre-approved by the plan that promises it, and done within minutes or not at all. */
import type { ChangeRequestSpec } from '../../api/changerequest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { nameBetween } from '../contract/child.ts';
import { instant } from '../contract/condition.ts';
import { cut } from '../contract/excerpt.ts';
import { changeBySteward, type StewardChange } from '../contract/stewardchange.ts';
import type { WantedRemedy } from './decision.ts';

/** So long it may begin: what is wrong minutes later may be something else. Milliseconds. */
const WINDOW_MS = 10 * 60_000;
/** A guest that restarts needs longer: 25 minutes to end, 30 to be judged (src/domain/change/operation.ts). */
const RESTART_WINDOW_MS = 25 * 60_000;

/** Another for each step of an incident; the incident's uid makes the name one that nobody could take beforehand. */
export function remedyChangeName(incident: { readonly name: string; readonly uid: string }, number: number): string {
  return nameBetween('remedy-', incident.name, `-${incident.uid.slice(0, 8)}-${number}`);
}

export function remedyChange(
  { remedy, number }: WantedRemedy,
  { metadata: { name, namespace, uid = '' } }: ManagedVM,
  plan: string,
  now: Date,
): StewardChange {
  const { incident, alert } = remedy;
  const restarts = remedy.action === 'RestartGuest';
  const end = new Date(now.getTime() + (restarts ? RESTART_WINDOW_MS : WINDOW_MS));
  return changeBySteward(remedyChangeName(incident, number), namespace, {
    ...workOf(remedy, name),
    class: 'Standard',
    target: { kind: 'ManagedVM', name, uid },
    operation: restarts ? 'Restart' : 'Remedy',
    remedy,
    reason: cut(
      remedy.application === undefined
        ? `Incident ${incident.name}: ${alert} fires on ManagedVM ${name}, and its sensor confirms it (MO-6).`
        : `Incident ${incident.name}: ${alert} fires on ManagedApplication ${remedy.application.name} in ManagedVM ${name}, and its sensor confirms it (AP-3, AP-4).`,
      500,
    ),
    preApprovedBy: { kind: 'ServicePlan', name: plan },
    window: { notBefore: instant(now), notAfter: instant(end) },
  });
}

/** What its Product has against it stands in its plan. */
function workOf(remedy: WantedRemedy['remedy'], vm: string): Work {
  const work = WORK[remedy.action](remedy.unit ?? remedy.mountPoint ?? '', vm, remedy.application?.name);
  const { unless = [] } = remedy;
  if (unless.length === 0) return work;
  return {
    ...work,
    plan: [`It is not done while the guest says, or cannot say, ${unless.join(' or ')}.`, ...work.plan],
  };
}

type Work = Pick<ChangeRequestSpec, 'title' | 'plan' | 'risk' | 'wayBack'>;

const LOOK = 'Steward looks in the guest first: what it does not confirm is not done.';
const VERIFIED = 'Whether it has helped is asked of the sensor that raised the alarm.';

type Working = (to: string, vm: string, application?: string) => Work;

const WORK: Readonly<Record<WantedRemedy['remedy']['action'], Working>> = {
  Reload: (unit, vm) => ({
    title: cut(`Reload ${unit} of ManagedVM ${vm}`, 120),
    plan: [LOOK, `Where ${unit} runs it is told to read its settings anew.`, VERIFIED],
    risk: { rating: 'Low', reasons: ['It does not work, and serves on what it serves.'] },
    wayBack: 'None is needed.',
  }),
  RestartUnit: (unit, vm) => ({
    title: cut(`Restart ${unit} of ManagedVM ${vm}`, 120),
    plan: [LOOK, `Where nobody has masked ${unit}, and it neither starts nor stops, it is restarted.`, VERIFIED],
    risk: { rating: 'Low', reasons: ['It does not work; sessions that still hold end by it.'] },
    wayBack: 'None: a restart cannot be undone. Mask the unit to keep it from being restarted.',
  }),
  Look: (_, vm) => ({
    title: cut(`Look whether anything stands against a restart of ManagedVM ${vm}`, 120),
    plan: [LOOK, 'Nothing is changed.'],
    risk: { rating: 'Low', reasons: ['Nothing is changed.'] },
    wayBack: 'None is needed.',
  }),
  RestartService: (unit, vm) => ({
    title: cut(`Start service ${unit} of ManagedVM ${vm}`, 120),
    plan: [LOOK, `Where ${unit} does not run, and nobody has masked it, it is started.`, VERIFIED],
    risk: { rating: 'Low', reasons: ['The service does not run, and is to run as the order says.'] },
    wayBack: 'Stop the service, or mask it: a masked one is never started.',
  }),
  FreeSpace: (mountPoint, vm) => ({
    title: cut(`Free space on ${mountPoint} of ManagedVM ${vm}`, 120),
    plan: [
      LOOK,
      'Fetched packages, rotated logs of the operating system and the journal beyond 64 MiB are removed; no link is followed, and nothing of the customer is touched.',
      VERIFIED,
    ],
    risk: {
      rating: 'Low',
      reasons: ['Only what can be fetched again, or is a log of the system that was rotated, goes.'],
    },
    wayBack: 'None: what is removed is gone. Packages are fetched again when they are needed.',
  }),
  RestartExporter: (_, vm) => ({
    title: cut(`Start the exporter of ManagedVM ${vm} anew`, 120),
    plan: [LOOK, 'Where the exporter does not answer in the guest, it is started anew.', VERIFIED],
    risk: { rating: 'Low', reasons: ['Nothing but the sensors of the guest stands still for a moment.'] },
    wayBack: 'None is needed.',
  }),
  RestartAgent: (_, vm) => ({
    title: cut(`Start the guest agent of ManagedVM ${vm} anew`, 120),
    plan: ['The guest agent is started anew, where it is installed and nobody has masked it.', VERIFIED],
    risk: { rating: 'Low', reasons: ['Nothing but the agent stands still for a moment.'] },
    wayBack: 'None is needed.',
  }),
  RestartGuest: (_, vm, application) => ({
    title: cut(
      application === undefined
        ? `Restart the guest of ManagedVM ${vm}, which is silent`
        : `Restart the guest of ManagedVM ${vm} for ManagedApplication ${application}`,
      120,
    ),
    plan: [
      'The instance that runs now ends: its guest is asked to shut down, and switched off when it does not.',
      'The next instance starts from the template, with every setting that waits for a restart.',
      VERIFIED,
    ],
    risk: {
      rating: 'Medium',
      reasons: [
        application === undefined
          ? 'Neither the guest agent nor sshd answers; what the guest has not written to its disks is lost.'
          : 'Everything in the guest stands still for minutes; what it has not written to its disks is lost where it must be ended by force.',
      ],
    },
    wayBack: 'None: a restart cannot be undone. Disks stay as they are.',
  }),
};
