import { z } from 'zod';

export const GROUP = 'managed.systems';
export const VERSION = 'v1alpha1';

/** Attaches CEL rules (and other `x-kubernetes-*` keys) that the CRD generator passes through untouched. */
export type SchemaExtensions = {
  'x-kubernetes-validations'?: readonly {
    rule: string;
    message?: string;
    messageExpression?: string;
    fieldPath?: string;
    reason?: string;
    optionalOldSelf?: boolean;
  }[];
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  'x-kubernetes-list-map-keys'?: readonly string[];
  'x-kubernetes-map-type'?: 'atomic' | 'granular';
};

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

/** A Kubernetes quantity of bytes, whole and positive, e.g. `20Gi`. */
export const ByteQuantity = z
  .string()
  .min(1)
  .max(20)
  .regex(/^[1-9][0-9]{0,14}(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$/);

/** A duration in Go's notation with whole hours, minutes and seconds, e.g. `26h` or `1h30m`. */
export const Duration = z
  .string()
  .min(2)
  .max(20)
  .regex(/^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$/);

/** RFC 3339 instant in UTC with seconds precision, as metav1.Time is written. */
export const Instant = z.string().max(40).meta({ format: 'date-time' });

/** metav1.Condition. */
export const Condition = z.strictObject({
  type: z.string().min(1).max(316),
  status: z.enum(['True', 'False', 'Unknown']),
  observedGeneration: z.int().min(0).optional(),
  lastTransitionTime: Instant,
  reason: z.string().min(1).max(1024),
  message: z.string().max(32768),
});
export type Condition = z.infer<typeof Condition>;

export const Conditions = z
  .array(Condition)
  .max(32)
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
  .describe(
    'Whether each promise is kept, and why. One condition per promise; Ready, Reconciling and Stalled follow kstatus.',
  );
