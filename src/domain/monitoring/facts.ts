import type { Unreadable } from '../contract/unreadable.ts';
import type { OfMachine } from '../machine/facts.ts';
import type { RuleSettings } from './prometheusrules.ts';
import type { EventWatch, PrometheusWatch } from './prometheuswatch.ts';

/** What one pass read about the watch over one ManagedVM. */
export type MonitoringFacts = {
  /** Whether prometheus-operator serves its kinds; true also where they cannot be read. */
  readonly installed: boolean;
  /** Whether the PrometheusRule with the namespace's rules is there. */
  readonly rulesPresent: boolean;
  /** What Prometheus says of its watch over the VM. Undefined: nobody asks it. */
  readonly prometheusWatch: PrometheusWatch | undefined;
  /** What it says of the sensor for events in the guest. Undefined: nobody asks it. */
  readonly eventWatch: EventWatch | undefined;
  readonly unreadable: readonly Unreadable[];
  /** What the provider sets for all rules. */
  readonly settings: RuleSettings;
};

export type OfMonitoring = OfMachine & { readonly monitoring: MonitoringFacts };
