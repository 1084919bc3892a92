/** Which exact version an application is brought to, and when (AP-2, AP-14; docs/adr/0176). */
import type { ApplicationUpdate } from '../../api/applicationupdate.ts';
import type { Designated } from '../../api/designated.ts';
import type { OperatingSystem } from '../../api/operatingsystem.ts';
import type { ProductSpec } from '../../api/product.ts';
import { deepEqual } from '../../runtime/api/json.ts';
import type { PlanStep, PlanUpdate, UpdatingStep } from '../contract/applicationplan.ts';
import { instant } from '../contract/condition.ts';
import { compareDebianVersions } from './debianversion.ts';

/** Days from its designation after which a version that is not installed is overdue. */
export const UPDATE_WITHIN_DAYS = 30;
const DAY_MS = 86_400_000;

/** Seconds within which an application works again, where its Product has no step that waits for it. */
const WORKS_WITHIN = 120;

/** What the provider has designated for a line on a system; undefined: nothing, or the system's package manager is none by which updates are done. */
export function designatedFor(
  { lines }: Pick<ProductSpec, 'lines'>,
  line: string,
  system: string,
  operatingSystem: OperatingSystem | undefined,
): Designated | undefined {
  const packageManager = operatingSystem?.spec.packageManager;
  if (packageManager !== undefined && packageManager !== 'apt') return undefined;
  const offered = lines.find(({ name }) => name === line)?.operatingSystems.find(({ name }) => name === system);
  return offered?.designated;
}

/** Midnight UTC from which on an order that has it not is overdue. */
export function overdueFrom({ since }: Designated): Date {
  return new Date(Date.parse(`${since}T00:00:00Z`) + UPDATE_WITHIN_DAYS * DAY_MS);
}

/** What is closed while it may yet be taken back: whatever is reached from outside, but what tells Prometheus of it. In ascending order. */
export function closedPorts({ interface: reached, steps, monitoring }: ProductSpec): readonly number[] {
  const ports = [reached?.port, ...steps.map(({ firewallPort }) => firewallPort?.port)];
  const open = ports.filter(port => port !== undefined).filter(port => port !== monitoring?.exporter?.port);
  return [...new Set(open)].toSorted((a, b) => a - b);
}

/** How it is brought there. */
export function updateTo({ version }: Designated, spec: ProductSpec): PlanUpdate {
  const waits = spec.steps.flatMap(({ waitFor }) => (waitFor === undefined ? [] : [waitFor.timeoutSeconds]));
  return {
    version,
    ports: [...closedPorts(spec)],
    withinSeconds: waits.length === 0 ? WORKS_WITHIN : Math.max(...waits),
  };
}

/** What a guest said last of the version that it has. */
export type VersionFound = {
  readonly version?: string | undefined;
  readonly update?: ApplicationUpdate | undefined;
};

/** Whether nothing is to be installed: it is there, or newer, or was tried and did not work, which is not tried again. */
export function isSettled({ version, update }: VersionFound, designated: string): boolean {
  if (version !== undefined && compareDebianVersions(version, designated) >= 0) return true;
  return update?.to === designated && update.outcome === 'RolledBack';
}

export type StepDue = {
  readonly step: PlanStep;
  /** The step as it will be, where it waits. */
  readonly waits?: PlanStep;
};

type PackageStep = Extract<PlanStep, { readonly type: 'package' }>;

/** When a change that interrupts may be. */
export type Situation = {
  /** The window that is open, and until when an update may be begun in it; absent: none is. */
  readonly open?: { readonly cutoff: Date } | undefined;
  readonly now: Date;
  readonly found: VersionFound;
  /** Another ring runs the designated version first, so that no window is one for it. */
  readonly isHeldByRing?: boolean | undefined;
};

/**
 * A designated version is told with the end of the window in which it may be begun: a guest that is not reached in time waits for the next. What was
 * told last and is under way, or has nothing to do any more, stays as it was told.
 */
export function updateDue(
  wanted: UpdatingStep,
  told: PackageStep,
  { open, now, found, isHeldByRing = false }: Situation,
): StepDue {
  const { update } = told;
  const isSame = update !== undefined && deepEqual(until(told, undefined), wanted);
  const mayBegin = update?.notAfter === undefined || now < new Date(update.notAfter);
  const settled = isSettled(found, wanted.update.version);
  if (isSame && (mayBegin || settled)) return { step: told };
  if (settled && deepEqual(told.packages, wanted.packages)) return { step: until(wanted, now) };
  return isHeldByRing || open === undefined || now >= open.cutoff
    ? { step: told, waits: wanted }
    : { step: until(wanted, open.cutoff) };
}

function until(step: PackageStep, notAfter: Date | undefined): PackageStep {
  if (step.update === undefined) return step;
  const { notAfter: _before, ...update } = step.update;
  return { ...step, update: { ...update, ...(notAfter !== undefined && { notAfter: instant(notAfter) }) } };
}
