import type { z } from 'zod';
import type { ObjectMeta, ResourceKind } from '../runtime/api/object.ts';

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
  /** `steward`: a record; people only read it. Default: those who order. */
  readonly writtenBy?: 'steward';
  /** `provider`: it tells of customers or prices, and no role that tenants are given reads it. Default: whoever may read the catalogue. */
  readonly readBy?: 'provider';
  /**
   * An act of a person, whom admission holds to his own name, so that it is no matter for Git. What those who order may do with it: nobody takes
   * back what he has said.
   */
  readonly acts?: readonly ('create' | 'patch' | 'update')[];
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

/** An object of a kind of ours as the API server returns it. */
export type Resource<Spec, Status> = {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: Spec;
  status?: Status;
};
