/** What a decision about a remedy rests on. */
import type { ApplicationLevel } from '../../api/applicationlevel.ts';
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { Forbidding, ProductRemediation } from '../../api/productremediation.ts';
import type { ServiceCalendarSpec } from '../../api/servicecalendar.ts';
import type { Surroundings } from './guards.ts';

/** An incident, as far as its remedy is concerned. */
export type Trouble = {
  readonly name: string;
  readonly uid: string;
  readonly subject: 'ManagedVM' | 'ManagedApplication';
  readonly alert: string;
  /** Since when the alarm fires, this time. */
  readonly since: Date;
  /** Labels of the alarm; anybody's words. */
  readonly labels: ReadonlyMap<string, string>;
  readonly verdict: 'Proven' | 'Unproven' | 'NotAsked';
  /** Nobody has resolved it, its alarm fires, and nobody is waited for. */
  readonly isOpen: boolean;
  readonly scope: 'OperatingSystem' | 'Application' | 'Platform' | 'Customer';
  /** The ServicePlan that was pinned; undefined: no times are promised, and nothing is done unasked. */
  readonly plan: string | undefined;
  /** ByEffort: it is beyond the level of the VM, and done by the clock of an application on it (GE-3). */
  readonly billing: 'Included' | 'ByEffort';
  /** In whose core hours it is handled; undefined: at every hour. */
  readonly calendar: ServiceCalendarSpec | undefined;
  /** Who has taken it up. */
  readonly person: string | undefined;
  /** A person was called for it before. */
  readonly called: boolean;
};

/** An application whose Product says what may be done to it. */
export type OfProduct = {
  readonly application: { readonly name: string; readonly uid: string };
  readonly level: ApplicationLevel;
  readonly line: string;
  readonly product: string;
  /** Empty: it declares none. */
  readonly ladder: ProductRemediation;
  /** What is known without the guest to be so, or not to be. What is missing nobody knows, and it forbids as if it were so. */
  readonly forbidding: Readonly<Partial<Record<Forbidding, boolean>>>;
  /** When what forbids may be over by the clock alone. */
  readonly until?: Date | undefined;
  /** When people were called for incidents of it. */
  readonly called: readonly Date[];
};

export type RemedyFacts = {
  readonly trouble: Trouble;
  /** What is concerned, or on which it runs. */
  readonly managedVM: ManagedVM | undefined;
  /** The application that is concerned, or whose unit does not run. Undefined of an incident of one: it is gone, or cannot be read. */
  readonly product: OfProduct | undefined;
  /** Changes by which something is, or was, mended on this VM. */
  readonly remedies: readonly ChangeRequest[];
  readonly surroundings: Surroundings;
  readonly now: Date;
};
