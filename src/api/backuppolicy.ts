import { z } from 'zod';
import { Conditions, GROUP, Instant, Label, nameFitsLabel, ObjectName, ObservedGeneration, VERSION } from './common.ts';
import { CronSchedule, oncePerDay } from './cron.ts';
import { Duration, DurationOrZero, secondsOf } from './duration.ts';
import type { KindDefinition, Resource } from './kind.ts';
import { namedList, type Rule, withRules } from './rules.ts';
import { TimeZone } from './timezone.ts';

const BackupTier = z.strictObject({
  name: Label.max(20).describe('Name of the tier, e.g. daily; part of the Velero Schedule name.'),
  schedule: CronSchedule.describe(
    'When to back up: cron with five numeric fields (minute hour day-of-month month day-of-week), read in spec.timeZone.',
  ),
  retention: Duration.describe(
    'How long a backup of this tier is kept, e.g. 720h for 30 days: longer than the time between two runs. Backup is not archiving (GE-14).',
  ),
});
export type BackupTier = z.infer<typeof BackupTier>;

const AvoidedSpan = withRules(
  z.strictObject({
    name: Label.describe('Name of the span, e.g. office-hours.'),
    schedule: oncePerDay('a span begins at most once a day; another time is another span').describe(
      'When it begins: cron with five numeric fields, one minute and one hour, read in spec.timeZone.',
    ),
    duration: Duration.describe('How long it lasts by the clock on the wall, e.g. 10h; at most 72h.'),
  }),
  {
    rule: "duration(self.duration) <= duration('72h')",
    message: 'duration is at most 72h',
    fieldPath: '.duration',
    holds: ({ duration }) => secondsOf(duration) <= 72 * 3600,
  },
);

const Retention = withRules(
  z.strictObject({
    minimum: Duration.optional().describe('No tier keeps its backups for less, e.g. 720h.'),
    maximum: Duration.optional().describe(
      'No backup is there for longer, whatever its tier or phase: keeping too long is a breach too (GE-14). No tier may keep its own for more.',
    ),
  }),
  {
    rule: '!has(self.minimum) || !has(self.maximum) || duration(self.minimum) <= duration(self.maximum)',
    message: 'maximum must not be shorter than minimum',
    fieldPath: '.maximum',
    holds: ({ minimum, maximum }) =>
      minimum === undefined || maximum === undefined || secondsOf(minimum) <= secondsOf(maximum),
  },
);

const Verification = z.strictObject({
  drills: CronSchedule.optional().describe(
    'When a restore is to be rehearsed, as cron like a tier, read in spec.timeZone.',
  ),
  maxAge: Duration.describe(
    'How long a restore that worked proves that backups can be restored, e.g. 840h: within it the next must have worked (AP-13).',
  ),
});

type Bounded = {
  readonly tiers: readonly BackupTier[];
  readonly retention?: { readonly minimum?: string | undefined; readonly maximum?: string | undefined } | undefined;
};

const keptLongEnough: Rule<Bounded> = {
  rule: '!has(self.retention) || !has(self.retention.minimum) || self.tiers.all(tier, duration(tier.retention) >= duration(self.retention.minimum))',
  message: 'a tier keeps its backups for less than spec.retention.minimum',
  fieldPath: '.tiers',
  holds: ({ tiers, retention }) =>
    tiers.every(tier => secondsOf(tier.retention) >= secondsOf(retention?.minimum ?? '0s')),
};
const keptNotTooLong: Rule<Bounded> = {
  rule: '!has(self.retention) || !has(self.retention.maximum) || self.tiers.all(tier, duration(tier.retention) <= duration(self.retention.maximum))',
  message: 'a tier keeps its backups for more than spec.retention.maximum (GE-14)',
  fieldPath: '.tiers',
  holds: ({ tiers, retention }) =>
    tiers.every(tier => secondsOf(tier.retention) <= secondsOf(retention?.maximum ?? tier.retention)),
};

export const BackupPolicySpec = withRules(
  z.strictObject({
    tiers: namedList(BackupTier, { min: 1, max: 8 }).describe(
      'Retention tiers; each becomes one Velero Schedule per ManagedVM.',
    ),
    timeZone: TimeZone.prefault('Europe/Berlin').describe('IANA zone in which the schedules are read (GE-5).'),
    spread: DurationOrZero.prefault('0s').describe(
      'Starts of many ManagedVMs are spread over so long: each has a delay of its own that stays the same, in whole minutes and never past midnight; 0s for none.',
    ),
    avoid: namedList(AvoidedSpan, { max: 8 })
      .optional()
      .describe(
        'Spans in which no backup starts: runs within them are left out of the Schedules. What one cron cannot leave out the condition Feasible tells.',
      ),
    storageLocation: ObjectName.prefault('default').describe(
      'Velero BackupStorageLocation that holds the backups, one that the provider permits in the namespace.',
    ),
    recoveryPointObjective: Duration.describe('Longest acceptable age of the newest usable backup, e.g. 26h (AP-13).'),
    consistency: z
      .enum(['ApplicationConsistent', 'FilesystemConsistent', 'CrashConsistent'])
      .prefault('FilesystemConsistent')
      .describe('Weakest acceptable state of the data in a backup.'),
    offSite: z
      .boolean()
      .prefault(false)
      .describe(
        'Whether the data must be copied to the storage location, so that they outlive the storage of the disks. A backup whose disks are snapshots beside them does not count.',
      ),
    recoveryTimeObjective: Duration.optional().describe(
      'Longest acceptable time from the request of a restore until the restored VM is proved to work, e.g. 4h (AP-13). Absent: none is promised.',
    ),
    retention: Retention.optional().describe('Bounds of how long backups are kept.'),
    verification: Verification.optional().describe(
      'That backups can be restored is proved by restoring. Absent: nobody is promised that.',
    ),
  }),
  keptLongEnough,
  keptNotTooLong,
).describe('What is promised.');
export type BackupPolicySpec = z.infer<typeof BackupPolicySpec>;

/** A ManagedVM of the policy's namespace by its name; of another, under a ClusterBackupPolicy, as namespace/name. */
const Named = z.string().max(317);

const RecoveryPoint = z.strictObject({
  managedVM: Named.describe('ManagedVM that it belongs to.'),
  backup: z.string().max(253).optional().describe('Velero Backup that holds it; absent if there is none yet.'),
  time: Instant.optional().describe('When the backup started: the state it can restore.'),
  deadline: Instant.optional().describe(
    'When the recovery point objective is broken unless a newer backup succeeds; absent while the policy cannot be read.',
  ),
});

export const BackupPolicyStatus = z
  .strictObject({
    observedGeneration: ObservedGeneration.optional(),
    managedVMs: z.int().min(0).optional().describe('ManagedVMs that name this policy.'),
    compliant: z
      .int()
      .min(0)
      .optional()
      .describe('How many of them are proven to be within the recovery point objective.'),
    last: RecoveryPoint.optional().describe('The newest usable backup under this policy.'),
    oldest: RecoveryPoint.optional().describe(
      'The ManagedVM whose newest usable backup is the oldest: the next to break the objective.',
    ),
    nextRun: Instant.optional().describe('Next time at which a tier starts a backup.'),
    tiers: namedList(
      z.strictObject({
        name: z.string().max(63).describe('Name of the tier.'),
        wanted: z.int().min(0).describe('Runs that should have left a point by now that is still kept.'),
        had: z.int().min(0).describe('Points that there are.'),
        missing: z.int().min(0).describe('Wanted runs that have no point.'),
      }),
      { max: 8 },
    )
      .optional()
      .describe('Recovery points by retention tier, of all ManagedVMs together.'),
    vanished: z.int().min(0).optional().describe('Recovery points that have gone before their term.'),
    lastVerified: z
      .strictObject({
        managedVM: Named.describe('ManagedVM that was restored.'),
        restore: z.string().max(253).describe('Restore that worked.'),
        point: z.string().max(253).describe('Velero Backup that was restored.'),
        time: Instant.describe('When the restored VM was proved to work.'),
      })
      .optional()
      .describe('The newest restore that worked, of any of the ManagedVMs.'),
    recoveryTime: z
      .int()
      .min(0)
      .optional()
      .describe('Seconds that 95 of 100 restores took at most, of the ManagedVM for which they take longest.'),
    duration: z
      .int()
      .min(0)
      .optional()
      .describe('Seconds that 95 of 100 backups took at most, of the ManagedVM for which they take longest.'),
    conditions: Conditions.optional(),
  })
  .describe('What holds; written by the operator.');
export type BackupPolicyStatus = z.infer<typeof BackupPolicyStatus>;

export type BackupPolicy = Resource<BackupPolicySpec, BackupPolicyStatus>;

/** Columns of both kinds of policies on backups. */
export const BACKUP_POLICY_COLUMNS: KindDefinition['printerColumns'] = [
  { name: 'RPO', type: 'string', jsonPath: '.spec.recoveryPointObjective', description: 'Recovery point objective.' },
  { name: 'VMs', type: 'integer', jsonPath: '.status.managedVMs', description: 'ManagedVMs that name the policy.' },
  {
    name: 'Compliant',
    type: 'integer',
    jsonPath: '.status.compliant',
    description: 'How many of them are proven to be within the objective.',
  },
  {
    name: 'Ready',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].status',
    description: 'Whether the policy is in force.',
  },
  { name: 'Last backup', type: 'string', jsonPath: '.status.last.time', description: 'Newest usable backup.' },
  { name: 'Next run', type: 'string', jsonPath: '.status.nextRun', description: 'Next backup.' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
  {
    name: 'Zone',
    type: 'string',
    jsonPath: '.spec.timeZone',
    description: 'Zone of the schedules.',
    priority: 1,
  },
  {
    name: 'Reason',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
    description: 'Why Ready is what it is.',
    priority: 1,
  },
];

export const backupPolicy: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'BackupPolicy',
  plural: 'backuppolicies',
  singular: 'backuppolicy',
  shortNames: ['bp'],
  namespaced: true,
  description: 'What is promised about backups of the ManagedVMs that name it: when, how long kept, how old at most.',
  spec: BackupPolicySpec,
  status: BackupPolicyStatus,
  validations: [nameFitsLabel],
  selectableFields: ['.spec.storageLocation', '.spec.consistency'],
  printerColumns: BACKUP_POLICY_COLUMNS,
};
