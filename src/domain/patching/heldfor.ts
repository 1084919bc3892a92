import { type ApplicationPlan, updatingStep } from '../contract/applicationplan.ts';
import type { Scan } from './update.ts';

/** Packages that are brought to the designated versions of applications, and so are left out of the patches of the system (AP-2). */
export function packagesOfApplications(plans: readonly ApplicationPlan[]): ReadonlySet<string> {
  return new Set(plans.filter(({ present }) => present).flatMap(plan => updatingStep(plan)?.packages ?? []));
}

/** What the system lacks, without what is held back for an application: that is told of by its order. What is not held is the system's to patch. */
export function withoutHeldFor(packages: ReadonlySet<string>, scan: Scan): Scan {
  const isHeld = ({ package: name, hindrance }: Scan['updates'][number]) => hindrance === 'Held' && packages.has(name);
  return packages.size === 0 ? scan : { ...scan, updates: scan.updates.filter(update => !isHeld(update)) };
}
