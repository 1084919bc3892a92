/**
 * What shall be so in a guest for one application: rendered by the operator from Product and order, read by the guest worker. It lies in a Secret that
 * only the two may read, and is believed only where its hash is the one that stands in the status of the ManagedVM.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { BackupPlan } from './backupplan.ts';

const Text = z.string();
const Argv = z.array(Text).min(1);
const Engine = z.enum(['PostgreSQL', 'MariaDB']);
export type Engine = z.infer<typeof Engine>;

const PlanProbe = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('sql'),
    name: Text,
    engine: Engine,
    transaction: z.boolean(),
    timeoutSeconds: z.int(),
  }),
  z.strictObject({
    ...{ type: z.literal('keyValue'), name: Text, socket: Text, username: Text, passwordFile: Text },
    timeoutSeconds: z.int(),
  }),
  z.strictObject({ type: z.literal('tcp'), name: Text, port: z.int(), timeoutSeconds: z.int() }),
  z.strictObject({
    ...{ type: z.literal('http'), name: Text, port: z.int(), path: Text, status: z.int() },
    timeoutSeconds: z.int(),
  }),
  z.strictObject({
    type: z.literal('command'),
    name: Text,
    run: Argv,
    output: Text.optional(),
    timeoutSeconds: z.int(),
  }),
]);
export type PlanProbe = z.infer<typeof PlanProbe>;

/** An update inside the version line (AP-2; docs/adr/0176). */
const PlanUpdate = z.strictObject({
  version: Text,
  /** Closed to clients from before it until the probes of the plan succeed. */
  ports: z.array(z.int()),
  /** Seconds within which the probes succeed, or it has failed. */
  withinSeconds: z.int(),
  /** Not begun any more from then on; absent: begun whenever it is seen, as at the first installation. */
  notAfter: Text.optional(),
});
export type PlanUpdate = z.infer<typeof PlanUpdate>;

/** A change of the version line: of which approved change, of what and by which packages. */
const LineChange = {
  engine: z.literal('PostgreSQL'),
  /** UID of the ChangeRequest: what has failed is not tried again by the same. */
  change: Text,
  from: Text,
  to: Text,
  /** Free room, in percent of the data, that a second copy takes. */
  freeSpacePercent: z.int(),
  /** Of the new line; at `lineRetire` those of the old one. */
  packages: z.array(Text),
};

/** Engines of which data are restored. */
const RestoreEngine = z.enum(['PostgreSQL', 'MariaDB', 'Valkey', 'Files']);
export type RestoreEngine = z.infer<typeof RestoreEngine>;

/** The engine, where data are restored by it. */
export const restoreEngine = (engine: string): RestoreEngine | undefined =>
  RestoreEngine.options.find(each => each === engine);

/** A restore of the data (AP-13): by which order, from which dump. */
const DataRestore = {
  engine: RestoreEngine,
  /** UID of the Restore: what has failed is not tried again by the same. */
  restore: Text,
  /** Version line that is installed. */
  line: Text,
  /** As of when the dump has the data. */
  of: Text,
  ports: z.array(z.int()),
};

const PlanStep = z.discriminatedUnion('type', [
  z.strictObject({
    ...{ type: z.literal('package'), name: Text, packages: z.array(Text).min(1) },
    /** To which version the first of them is brought, and how; absent: whichever is installed will do. */
    update: PlanUpdate.optional(),
  }),
  z.strictObject({
    ...{ type: z.literal('file'), name: Text, path: Text, owner: Text, group: Text, mode: Text, content: Text },
    /** Succeeds for a new file before it takes its place; an argument `{{ file }}` is its path. */
    validate: Argv.optional(),
    change: z.strictObject({ unit: Text, how: z.enum(['Reload', 'Restart']) }).optional(),
  }),
  z.strictObject({ type: z.literal('directory'), name: Text, path: Text, owner: Text, group: Text, mode: Text }),
  z.strictObject({ type: z.literal('systemUser'), name: Text, login: Text, home: Text }),
  z.strictObject({ type: z.literal('unit'), name: Text, unit: Text }),
  /** The engine is given the verifier of the password, never the password. */
  z.strictObject({ type: z.literal('role'), name: Text, engine: Engine, role: Text, verifier: Text }),
  z.strictObject({ type: z.literal('database'), name: Text, engine: Engine, database: Text, owner: Text }),
  z.strictObject({ type: z.literal('extension'), name: Text, engine: Engine, database: Text, extension: Text }),
  z.strictObject({
    ...{ type: z.literal('command'), name: Text, run: Argv, unless: Argv, runAs: Text },
    ...{ timeoutSeconds: z.int(), safeToRepeat: z.boolean() },
  }),
  z.strictObject({ type: z.literal('firewallPort'), name: Text, port: z.int() }),
  z.strictObject({ type: z.literal('waitFor'), name: Text, probe: PlanProbe, timeoutSeconds: z.int() }),
  /** What stands against a change of the version line is told (GE-11; docs/adr/0179). */
  z.strictObject({ type: z.literal('lineCheck'), name: Text, ...LineChange }),
  /** The data go into the new line, the old instance stays as it is; closed to clients from before it. */
  z.strictObject({ type: z.literal('lineChange'), name: Text, ...LineChange, ports: z.array(z.int()) }),
  /** Clients are let in where the probes of the plan succeed within so many seconds; else the old instance serves again. */
  z.strictObject({
    ...{ type: z.literal('lineOpen'), name: Text, ...LineChange, ports: z.array(z.int()) },
    withinSeconds: z.int(),
  }),
  /** The old instance and its packages go: the customer has accepted the new line (GE-13). */
  z.strictObject({ type: z.literal('lineRetire'), name: Text, ...LineChange }),
  /** The data of a dump take the place of those that there are, which are kept; closed to clients from before it (docs/adr/0190). */
  z.strictObject({ type: z.literal('dataRestore'), name: Text, ...DataRestore }),
  /** Clients are let in where the probes of the plan succeed within so many seconds; else the data of before serve again. */
  z.strictObject({ type: z.literal('dataOpen'), name: Text, ...DataRestore, withinSeconds: z.int() }),
  /** The data of before a restore go: the customer has accepted it, or their time is over (GE-13). */
  z.strictObject({ type: z.literal('dataRetire'), name: Text, restore: Text }),
]);
export type PlanStep = z.infer<typeof PlanStep>;

export const ApplicationPlan = z.strictObject({
  application: Text.describe('Name of the ManagedApplication.'),
  uid: Text.describe('Its UID.'),
  /** Absent: the application is taken out again, its data stay. */
  present: z.boolean(),
  steps: z.array(PlanStep),
  probes: z.array(PlanProbe),
  /** The package whose version is that of the application. */
  versionOf: Text,
  /** Absent: its data are not dumped. */
  backup: BackupPlan.optional(),
});
export type ApplicationPlan = z.infer<typeof ApplicationPlan>;

type PackageStep = Extract<PlanStep, { readonly type: 'package' }>;
export type UpdatingStep = PackageStep & { readonly update: PlanUpdate };

/** The step that brings packages to a designated version, and only one does; undefined: none is designated. */
export function updatingStep({ steps }: Pick<ApplicationPlan, 'steps'>): UpdatingStep | undefined {
  return steps.find(isUpdating);
}

export function isUpdating(step: PlanStep): step is UpdatingStep {
  return step.type === 'package' && step.update !== undefined;
}

/** A step of a change of the version line. */
export type LineStep = Extract<PlanStep, { readonly type: `line${string}` }>;

export function isLineStep(step: PlanStep): step is LineStep {
  return step.type.startsWith('line');
}

/** A step of a restore of the data. */
export type RestoreStep = Extract<PlanStep, { readonly type: `data${'Restore' | 'Open'}` }>;

export function isRestoreStep(step: PlanStep): step is RestoreStep {
  return step.type === 'dataRestore' || step.type === 'dataOpen';
}

/** Name of the Secret in the namespace of keys that holds the plan of an application. */
export function planSecretName(applicationUID: string): string {
  return `application-${applicationUID}-plan`;
}

type Sealed = { readonly text: string; readonly revision: string };

/** Who looks into a guest asks for the same plan each time. */
const SEALED = new WeakMap<ApplicationPlan, Sealed>();

/** The plan as it is stored, the same text for the same plan, and the hash by which it is known. */
export function sealed(plan: ApplicationPlan): Sealed {
  const known = SEALED.get(plan);
  if (known !== undefined) return known;
  // In the order of the schema: a plan that was read back is the same text.
  const text = JSON.stringify(ApplicationPlan.parse(plan));
  const seal = { text, revision: revisionOf(text) };
  SEALED.set(plan, seal);
  return seal;
}

/** The plan of a stored text; undefined where it is not the one of that revision, or none that this version reads. */
export function unsealed(text: string, revision: string): ApplicationPlan | undefined {
  return revisionOf(text) === revision ? planIn(text) : undefined;
}

/** The plan that a text holds, whoever has written it; undefined: none that this version reads. */
export function planIn(text: string): ApplicationPlan | undefined {
  const read = ApplicationPlan.safeParse(jsonOf(text));
  return read.success ? read.data : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function revisionOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
