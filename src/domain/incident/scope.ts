import type { ApplicationLevel } from '../../api/applicationlevel.ts';
import type { IncidentScope, IncidentSpec } from '../../api/incident.ts';
import type { SubjectFacts } from './facts.ts';
import { isOfSystem } from './owncatalogue.ts';

export type Scoped = {
  readonly scope: IncidentScope;
  readonly why: string;
  /** Of what is a unit of one application: the level of that one. */
  readonly level?: ApplicationLevel;
};

/** Labels by which an alert about a service or unit says which. */
const UNIT_LABELS = ['service', 'unit'];

/** Alerts about what carries guests, and no guest itself. */
const PLATFORM = /^(ManagedVMMonitoringImpaired|ManagedVMKeysLost|BackupPolicy.+|ManagedVMBackup.+|Steward.+)$/;

/**
 * Whose fault it is to mend (MO-9, GE-15): the operating system's, a managed application's, the platform's, or the customer's, who runs what neither the
 * operating system nor an application of the catalogue brings.
 */
export function scopeOf({ subject, alert }: IncidentSpec, facts: SubjectFacts): Scoped {
  if (facts.kind === 'ManagedApplication')
    return { scope: 'Application', why: `it concerns ManagedApplication ${subject.name}` };
  if (alert === undefined) return { scope: 'OperatingSystem', why: `it was reported of ManagedVM ${subject.name}` };
  if (PLATFORM.test(alert.name)) return { scope: 'Platform', why: `${alert.name} is about what carries the guest` };
  if (alert.name.startsWith('ManagedApplication'))
    return { scope: 'Application', why: `${alert.name} is about an application` };
  const unit = alert.labels?.find(({ name }) => UNIT_LABELS.includes(name))?.value;
  if (unit === undefined) return { scope: 'OperatingSystem', why: `${alert.name} is about the guest itself` };
  const owner = facts.applications.find(({ units }) => units.some(each => bare(each) === bare(unit)));
  if (owner)
    return {
      scope: 'Application',
      why: `${unit} is a unit of ManagedApplication ${owner.name}`,
      level: owner.level,
    };
  if (isOfSystem(unit, facts.family))
    return { scope: 'OperatingSystem', why: `${unit} belongs to the operating system` };
  return {
    scope: 'Customer',
    why: `${unit} belongs neither to the operating system nor to a managed application (MO-9, GE-15)`,
  };
}

function bare(unit: string): string {
  return unit.replace(/\.service$/, '');
}
