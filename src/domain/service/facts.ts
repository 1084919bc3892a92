import type { ServicePlanSpec } from '../../api/serviceplan.ts';
import type { NamedContract } from '../contract/agreed.ts';
import type { Readable } from '../contract/readable.ts';
import type { Unreadable } from '../contract/unreadable.ts';
import type { OfMachine } from '../machine/facts.ts';

/** What is known of the terms of an order. */
export type ServiceFacts = {
  /** Whether the kinds Contract and ServicePlan are served. */
  readonly installed: boolean;
  readonly contract: NamedContract | undefined;
  /** By name; undefined where there is none. */
  readonly plan: (name: string) => Readable<ServicePlanSpec> | undefined;
  readonly unreadable: readonly Unreadable[];
};

export type OfService = OfMachine & { readonly service: ServiceFacts };
