import type { ApplicationLevel } from '../../api/applicationlevel.ts';
import type { ServiceLevel } from '../../api/common.ts';
import type { Incident } from '../../api/incident.ts';
import type { ServiceCalendarSpec } from '../../api/servicecalendar.ts';
import type { ServicePlanSpec } from '../../api/serviceplan.ts';
import type { Unreadable } from '../contract/unreadable.ts';
import type { OfMachine } from '../machine/facts.ts';
import type { Reception } from './reception.ts';

/** An application on a VM, as far as its incidents are concerned. */
export type ApplicationFacts = {
  readonly name: string;
  readonly level: ApplicationLevel;
  /** Units that its Product's steps name. */
  readonly units: readonly string[];
  /** Alerts of its VM that its Product's ladder is for. */
  readonly remedied: readonly string[];
};

/** What is known of what is concerned, as it is ordered. */
export type SubjectFacts =
  | {
      readonly kind: 'ManagedVM';
      readonly level: ServiceLevel;
      readonly family: 'Linux' | 'Windows' | undefined;
      /** Those that run on it. */
      readonly applications: readonly ApplicationFacts[];
    }
  | {
      readonly kind: 'ManagedApplication';
      readonly level: ApplicationLevel;
      /** Of the VM that it runs on, by whose plan it is worked; undefined: it is not known. */
      readonly vmLevel: ServiceLevel | undefined;
    };

/** What was agreed when it was detected. */
export type AgreedTerms = {
  /** The ServicePlan that applied, if one did. */
  readonly plan?: { readonly name: string; readonly revision: string; readonly spec: ServicePlanSpec } | undefined;
  /** Its calendar, where it can be read. */
  readonly calendar?: { readonly name: string; readonly spec: ServiceCalendarSpec } | undefined;
};

/** What is known of the incidents of an order. */
export type IncidentsFacts = {
  /** Those that concern this very incarnation of it. */
  readonly incidents: readonly Incident[];
  /** Whether the kind is served. */
  readonly installed: boolean;
  /** Whether alerts are heard. */
  readonly reception: Reception;
  readonly unreadable: readonly Unreadable[];
};

export type OfIncident = OfMachine & { readonly incident: IncidentsFacts };
