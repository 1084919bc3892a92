import { z } from 'zod';
import type { ObjectRule } from './kind.ts';

export const GROUP = 'managed.systems';
export const VERSION = 'v1alpha1';

/** Managed OS service levels (requirements, "Managed OS" matrix). */
export const ServiceLevel = z
  .enum(['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'])
  .describe('Managed OS service level. What it includes is the matrix MO-1 to MO-6.');
export type ServiceLevel = z.infer<typeof ServiceLevel>;

/** A DNS-1123 label: what Kubernetes allows as a short name. */
export const Label = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);

/** A DNS-1123 subdomain: what Kubernetes allows as an object name. */
export const ObjectName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);

/** Name of a KubeVirt VirtualMachine and stem of its children's names, Services included: a DNS-1035 label that leaves them room. */
export const VirtualMachineName = z
  .string()
  .min(1)
  .max(50)
  .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/);

export const INSTANT_PATTERN =
  /^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$/;

/**
 * RFC 3339 instant in UTC with whole seconds, as metav1.Time is written: of programs, in what is observed. Of any year, for a guest says what it likes, and
 * a record that is refused for it would say nothing at all. What is ordered has a Moment.
 */
export const Instant = z.string().max(20).regex(INSTANT_PATTERN);

export const ObservedGeneration = z.int().min(0).describe('Generation of the spec that this was computed from.');

/** Whether a name fits a label value: children carry their owner's name as one. */
export const nameFitsLabel: ObjectRule = {
  rule: 'self.metadata.name.size() <= 63',
  message: 'metadata.name has at most 63 characters, because children carry it as a label value',
  holds: ({ metadata }) => metadata.name.length <= 63,
};

/** metav1.Condition. */
export const Condition = z.strictObject({
  type: z.string().min(1).max(316).describe('Name of the promise, e.g. BackupCompliant.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Unknown where it cannot be known or is not included.'),
  observedGeneration: ObservedGeneration.optional(),
  lastTransitionTime: Instant.describe('When status last changed.'),
  reason: z.string().min(1).max(1024).describe('One word for programs, e.g. NotIncluded.'),
  message: z
    .string()
    .max(32768)
    .describe('Full sentences for people: target, measured value, the object that proves it.'),
});
export type Condition = z.infer<typeof Condition>;

export const Conditions = z
  .array(Condition)
  .max(32)
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
  .describe(
    'Whether each promise is kept, and why. One condition per promise; Ready, Reconciling and Stalled follow kstatus.',
  );
