import { z } from 'zod';
import {
  Conditions,
  GROUP,
  Label,
  nameFitsLabel,
  ObjectName,
  ObservedGeneration,
  VERSION,
  VirtualMachineName,
} from './common.ts';
import { Duration } from './duration.ts';
import { ATOMIC } from './guestupdates.ts';
import type { KindDefinition, Resource } from './kind.ts';
import { Line } from './line.ts';
import { Moment, WrittenMoment } from './moment.ts';
import { UserName } from './people.ts';
import { withRules, withTransitionRules } from './rules.ts';
import { finalVerdict } from './verdict.ts';

const list = <Item extends z.ZodType>(item: Item, max: number) => z.array(item).max(max).meta(ATOMIC);

const Uid = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[0-9A-Za-z-]+$/);

const POINT_FIELDS = ['latest', 'before', 'name'] as const;
const TARGET_FIELDS = ['inPlace', 'newName', 'sandbox'] as const;

const Point = withRules(
  z.strictObject({
    latest: z
      .enum(['Good', 'Verified'])
      .optional()
      .describe('The newest that holds each disk. Verified: of those the newest that a restore has proven.'),
    before: Moment.optional().describe('The newest that had begun at this instant, or before.'),
    name: ObjectName.optional().describe(
      "Exactly this one: the name of Velero's Backup, or, of an application, of a dump in its guest, e.g. dump-1764504000.",
    ),
  }),
  {
    rule: '[has(self.latest), has(self.before), has(self.name)].filter(given, given).size() == 1',
    message: 'must say which recovery point by exactly one of latest, before and name',
    holds: point => POINT_FIELDS.filter(field => point[field] !== undefined).length === 1,
  },
);
export type RestorePoint = z.infer<typeof Point>;

const Target = withRules(
  z.strictObject({
    inPlace: z
      .literal(true)
      .optional()
      .describe('The disks are restored beside those that there are; then, with the VM off, it takes them.'),
    newName: VirtualMachineName.optional().describe(
      'The disks are restored beside those that there are, for a ManagedVM of this name that takes them by spec.disks[].adopt. The VM is not touched.',
    ),
    sandbox: z
      .literal(true)
      .optional()
      .describe(
        'A drill: the disks are restored where no network and no customer reaches, a guest boots from them, and all of it is removed again.',
      ),
  }),
  {
    rule: '[has(self.inPlace), has(self.newName), has(self.sandbox)].filter(given, given).size() == 1',
    message: 'must say where to by exactly one of inPlace, newName and sandbox',
    holds: target => TARGET_FIELDS.filter(field => target[field] !== undefined).length === 1,
  },
);

const RestoreOrder = withRules(
  z.strictObject({
    managedVMRef: ObjectName.optional().describe('Name of the ManagedVM, in this namespace, whose disks are restored.'),
    managedApplicationRef: ObjectName.optional().describe(
      'Name of the ManagedApplication, in this namespace, whose data are restored from a dump in its guest.',
    ),
    disks: list(Label, 32).min(1).optional().describe('Which of its disks. Absent: all that ever held data.'),
    point: Point.describe('Which recovery point. It is chosen once, when the order is first looked at.'),
    target: Target.describe('Where to.'),
    proveFirst: z
      .literal(true)
      .optional()
      .describe(
        'A guest must have booted from this very point before anything is exchanged: where no restore has proven it yet, a drill does, which takes as long as a restore.',
      ),
    reason: Line(500).describe('Why.'),
    requestedBy: UserName.describe('Who orders: the name by which the API server knows him, held to it at admission.'),
  }),
  {
    rule: '!has(self.proveFirst) || has(self.target.inPlace)',
    message: 'only what is exchanged is proven first: target.inPlace',
    fieldPath: '.proveFirst',
    holds: ({ proveFirst, target }) => proveFirst === undefined || target.inPlace === true,
  },
  {
    rule: 'has(self.managedVMRef) != has(self.managedApplicationRef)',
    message: 'must say what is restored by exactly one of managedVMRef and managedApplicationRef',
    holds: ({ managedVMRef, managedApplicationRef }) =>
      (managedVMRef === undefined) !== (managedApplicationRef === undefined),
  },
  {
    rule: '!has(self.managedApplicationRef) || (has(self.target.inPlace) && !has(self.disks) && !has(self.proveFirst))',
    message:
      'of an application all data are restored in place, and compared with what was dumped before anybody is let in: neither disks nor proveFirst, and target.inPlace',
    holds: ({ managedApplicationRef, target, disks, proveFirst }) =>
      managedApplicationRef === undefined ||
      (target.inPlace === true && disks === undefined && proveFirst === undefined),
  },
);

export const RestoreSpec = withTransitionRules(RestoreOrder, {
  rule: 'self == oldSelf',
  message: 'an order of a restore is immutable: what else is wanted is another Restore',
  reason: 'FieldValueForbidden',
}).describe('What is ordered (AP-13).');
export type RestoreSpec = z.infer<typeof RestoreSpec>;

/** Whether it is a drill, whoever has ordered it. It may have been stored under another schema. */
export function isDrill(spec: Partial<RestoreSpec> | undefined): boolean {
  return spec?.target?.sandbox === true;
}

/** Phases in which nothing happens any more: the verdict. */
const FINAL_PHASES = ['Succeeded', 'Unproven', 'Failed'] as const;

export const RestorePhase = z.enum([
  'Pending',
  'Restoring',
  'Moving',
  'Stopping',
  'Exchanging',
  'Starting',
  ...FINAL_PHASES,
]);
export type RestorePhase = z.infer<typeof RestorePhase>;

/** Whether a restore that stands there has its verdict. */
export function isRestored(phase: RestorePhase | undefined): boolean {
  return FINAL_PHASES.some(final => final === phase);
}

/** What was reached, in this order. */
export const RestoreStep = z.enum([
  ...['chosen', 'agreed', 'begun', 'restored', 'moved', 'stopped', 'exchanged', 'started', 'ended'],
] as const);
export type RestoreStep = z.infer<typeof RestoreStep>;

const Claim = z.strictObject({
  claim: z.string().min(1).max(253).describe('Name of the PersistentVolumeClaim.'),
  uid: Uid.describe('Exactly this incarnation of it.'),
});

const RestoredDisk = z.strictObject({
  disk: Label.describe('Which disk.'),
  before: Claim.describe('What it was when the order was looked at. Steward never changes or deletes it.'),
  staged: Claim.optional().describe("What was restored in Velero's namespace."),
  volume: z.string().min(1).max(253).optional().describe('The PersistentVolume that holds the restored data.'),
  reclaimPolicy: z
    .enum(['Delete', 'Retain', 'Recycle'])
    .optional()
    .describe('What it was made with. It is Retain while the volume moves.'),
  after: Claim.optional().describe('The claim beside the old one, in this namespace, which takes its place.'),
});
export type RestoredDisk = z.infer<typeof RestoredDisk>;

const Named = z.strictObject({ name: ObjectName.describe('Its name.'), uid: Uid.describe('Exactly this one.') });

export const RestoreStatus = z
  .strictObject({
    observedGeneration: ObservedGeneration.optional(),
    phase: RestorePhase.describe('Where it stands.'),
    message: z.string().max(1000).optional().describe('Why, in full sentences with numbers.'),
    managedVM: Uid.optional().describe('UID of the ManagedVM: no other of its name is touched.'),
    managedApplication: Uid.optional().describe(
      'UID of the ManagedApplication whose data are restored: no other of its name is touched.',
    ),
    point: Named.extend({ time: WrittenMoment.describe('As of when its data are.') })
      .optional()
      .describe(
        "The recovery point that was chosen: a Backup of Velero's, or a dump in the guest, which is its own uid.",
      ),
    change: Named.optional().describe('The ChangeRequest by which it is agreed to (GE-6).'),
    engine: Named.optional().describe("Velero's Restore that brings the data back."),
    disks: list(RestoredDisk, 32).optional().describe('What is exchanged for what.'),
    instance: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe('UID of the VirtualMachineInstance that ran before the exchange, or none.'),
    drill: z
      .strictObject({
        machine: Named.describe('The VirtualMachine in the sandbox.'),
        guest: z.string().max(200).optional().describe('What its agent said of it.'),
        untested: list(z.string().max(500), 8).optional().describe('What the drill did not test, in full sentences.'),
      })
      .optional()
      .describe('What was booted in the sandbox, and what that proves; it stays when the sandbox is removed.'),
    steps: list(
      z.strictObject({
        name: RestoreStep.describe('What.'),
        at: WrittenMoment.describe('When it was seen to be so.'),
      }),
      16,
    )
      .optional()
      .describe('What was reached, and when.'),
    recoveryTime: z
      .strictObject({
        target: Duration.optional().describe('Longest that it may take by the ServicePlan. Absent: none applies.'),
        seconds: z
          .int()
          .min(0)
          .optional()
          .describe(
            'From the order, of a drill from its turn, to the proof that a guest runs on the restored disks and its agent answers, or that the probes of an application succeed with the restored data.',
          ),
      })
      .optional()
      .describe('How long it took.'),
    conditions: Conditions.optional(),
  })
  .describe('How it went; written by Steward alone.');
export type RestoreStatus = z.infer<typeof RestoreStatus>;

export type Restore = Resource<RestoreSpec, RestoreStatus>;

export const restore: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'Restore',
  plural: 'restores',
  singular: 'restore',
  shortNames: ['mvmrestore'],
  namespaced: true,
  acts: ['create'],
  description:
    'A restore, or a drill of one, of disks of a ManagedVM from a recovery point, or of the data of a ManagedApplication from a dump, with the time that it took (AP-13). What there was before stays.',
  spec: RestoreSpec,
  status: RestoreStatus,
  validations: [nameFitsLabel],
  changeRules: [finalVerdict('restore', FINAL_PHASES)],
  selectableFields: ['.spec.managedVMRef', '.status.phase'],
  printerColumns: [
    { name: 'VM', type: 'string', jsonPath: '.spec.managedVMRef', description: 'Whose disks.' },
    {
      name: 'Application',
      type: 'string',
      jsonPath: '.spec.managedApplicationRef',
      description: 'Whose data.',
    },
    { name: 'Point', type: 'date', jsonPath: '.status.point.time', description: 'Age of the data.' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Where it stands.' },
    {
      name: 'Seconds',
      type: 'integer',
      jsonPath: '.status.recoveryTime.seconds',
      description: 'How long it took from the order to the proof.',
    },
    { name: 'Target', type: 'string', jsonPath: '.status.recoveryTime.target', description: 'How long it may take.' },
    { name: 'Message', type: 'string', jsonPath: '.status.message', description: 'Why.' },
    {
      name: 'Backup',
      type: 'string',
      jsonPath: '.status.point.name',
      description: 'From which recovery point.',
      priority: 1,
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
  ],
};
