import type { z } from 'zod';

/** How the API server names and serves a kind: enough to build its URL. */
export type ResourceKind = {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
};

/** A column of `kubectl get`; priority 1 shows only with `-o wide`. */
export type PrinterColumn = {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date' | 'boolean';
  readonly jsonPath: string;
  readonly description: string;
  readonly priority?: number;
};

/** One CEL rule of a CRD. The message names the field and the rule (and the requirement id). */
export type ValidationRule = {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly fieldPath?: string;
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate';
  readonly optionalOldSelf?: boolean;
};

/** A rule on a whole object, as CEL and as the same predicate. */
export type ObjectRule = ValidationRule & {
  readonly message: string;
  readonly holds: (object: { readonly metadata: { readonly name: string } }) => boolean;
};

/** A kind of ours: the one source of its type, its validation, its CRD and its reference page. */
export type KindDefinition = ResourceKind & {
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly description: string;
  readonly spec: z.ZodType;
  readonly status: z.ZodType;
  readonly printerColumns: readonly PrinterColumn[];
  /** Rules on the whole object (metadata.name included). */
  readonly validations: readonly ObjectRule[];
  /** Rules on a change of the whole object: they compare with `oldSelf`, its status included. */
  readonly changeRules?: readonly ValidationRule[];
  /** Paths that `kubectl get --field-selector` can select by, at most eight. */
  readonly selectableFields: readonly string[];
};

export type OwnerReference = {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
};

/** The part of metav1.ObjectMeta that Steward reads. Times are RFC 3339 in UTC. */
export type ObjectMeta = {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  finalizers?: string[];
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
};

/** An object of a kind of ours as the API server returns it. */
export type Resource<Spec, Status> = {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: Spec;
  status?: Status;
};
