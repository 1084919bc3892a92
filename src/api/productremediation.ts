import { z } from 'zod';
import { namedList, stringSet, withRules } from './rules.ts';
import { wordName } from './wordname.ts';

const RungName = wordName(24).describe('What people know it by.');

const ProbeName = wordName(24);

/** Alerts of an application, and those of its VM that a rung can do something about. */
export const RemediationAlert = z.enum([
  'ManagedApplicationSlow',
  'ManagedApplicationExporterDown',
  'ManagedApplicationMetricMissing',
  'ManagedVMFileSystemAlmostFull',
  'ManagedVMFileSystemFull',
]);
export type RemediationAlert = z.infer<typeof RemediationAlert>;

/** What may be true of a VM and its applications while a remedy would do harm. */
export const Forbidding = z.enum([
  'WindowOpen',
  'RunActive',
  'DiskFull',
  'EngineRecovering',
  'RestoreInProgress',
  'OtherApplicationHealthy',
]);
export type Forbidding = z.infer<typeof Forbidding>;

const UnitName = z
  .string()
  .max(128)
  .regex(/^([A-Za-z0-9._@:-]|\{\{ line \}\})+\.service$/)
  .describe('Unit of a step of this Product, for Reload and RestartUnit.');

const Trigger = withRules(
  z.strictObject({
    probes: stringSet(ProbeName, { min: 1, max: 8 }).optional().describe('Probes of this Product that fail.'),
    forMinutes: z
      .int()
      .min(1)
      .max(60)
      .prefault(5)
      .describe('For how long one of the probes must have failed. An alert has a time of its own.'),
    alerts: stringSet(RemediationAlert, { min: 1, max: 8 }).optional().describe('Alerts that fire.'),
  }),
  {
    rule: 'has(self.probes) || has(self.alerts)',
    message: 'a trigger names probes or alerts, or both',
    holds: ({ probes, alerts }) => probes !== undefined || alerts !== undefined,
  },
).describe('What it is taken for: any one of them.');

const Rung = withRules(
  z.strictObject({
    name: RungName,
    trigger: Trigger,
    action: z
      .enum(['Reload', 'RestartUnit', 'FreeSpace', 'RestartVM', 'Human'])
      .describe(
        'FreeSpace vacuums the journal, cleans the package manager’s cache and removes rotated logs, and no file of a database. Human calls a person.',
      ),
    unit: UnitName.optional(),
    maxPer: z
      .strictObject({
        count: z.int().min(1).max(10).describe('How often.'),
        hours: z.int().min(1).max(168).describe('Within any so many hours.'),
      })
      .describe('How often it is taken at most; then the next rung follows.'),
    cooldownMinutes: z
      .int()
      .min(1)
      .max(1440)
      .describe('For so long after it nothing of the ladder is done, so that what it did can be seen.'),
    forbiddenWhen: stringSet(Forbidding, { max: 6 })
      .optional()
      .describe(
        'It is passed over while any of these is so, or nobody knows whether it is. DiskFull: 95 percent or more of a file system are used.',
      ),
  }),
  {
    rule: "(self.action in ['Reload', 'RestartUnit']) == has(self.unit)",
    message: 'Reload and RestartUnit name a unit, and no other action does',
    holds: ({ action, unit }) => ['Reload', 'RestartUnit'].includes(action) === (unit !== undefined),
  },
);
export type ProductRung = z.infer<typeof Rung>;

export const ProductRemediation = namedList(Rung, { min: 1, max: 8 }).describe(
  'Ladder of remedies, gentlest first, a person last, carried out for proven alarms as the level says (AP-3, AP-4).',
);
export type ProductRemediation = z.infer<typeof ProductRemediation>;
