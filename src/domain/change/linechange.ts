/** The change by which the version line of an application is changed (GE-11, GE-13). */
import type { ChangeRequest, ChangeRequestSpec } from '../../api/changerequest.ts';
import type { UpgradePath } from '../../api/lineupgrade.ts';
import type { ManagedApplication } from '../../api/managedapplication.ts';
import { cut } from '../contract/excerpt.ts';
import { changeBySteward, endedBySteward, type StewardChange } from '../contract/stewardchange.ts';

/** Leaves room for the longest line and any generation. */
const MOST_OF_NAME = 20;

/** What all changes of the line of one application are called by; its uid makes the names ones that nobody could take beforehand. */
export function lineChangePrefix({ metadata: { name, uid = '' } }: ManagedApplication): string {
  return `line-${name.slice(0, MOST_OF_NAME).replaceAll('.', '-')}-${uid.slice(0, 8)}-`;
}

/** Another for each time that it is asked for, told apart by the generation of the order. */
export function lineChange(application: ManagedApplication, path: UpgradePath, product: string): StewardChange {
  const { name, generation = 1 } = application.metadata;
  const called = `${lineChangePrefix(application)}${path.to.replaceAll('.', '-')}-${generation}`;
  const reason = `spec.nextLine of ManagedApplication ${name} asks for line ${path.to} (GE-11).`;
  return changeOf(application, path, product, called, reason);
}

/** One for each line that is ever offered to an order: nobody is offered the same twice. */
export function lineOfferName(application: ManagedApplication, to: string): string {
  return `${lineChangePrefix(application)}${to.replaceAll('.', '-')}-offer`;
}

/** The same change, offered before support of the line ends; `ends`: when, by whose statement, as a part of a sentence (GE-12). */
export function lineOffer(
  application: ManagedApplication,
  path: UpgradePath,
  product: string,
  ends: string,
): StewardChange {
  const { from, to } = path;
  const reason = `Support of ${product} ${from} ends at ${ends}, so line ${to} is offered (GE-11). Where it is rejected or not answered by then, all managed services for it may be ceased (GE-12).`;
  return changeOf(application, path, product, lineOfferName(application, to), reason);
}

function changeOf(
  { metadata: { name, namespace, uid = '' } }: ManagedApplication,
  { from, to, expectedMinutes }: UpgradePath,
  product: string,
  called: string,
  reason: string,
): StewardChange {
  return changeBySteward(called, namespace, {
    title: cut(`${product} of ManagedApplication ${name} from line ${from} to ${to}`, 120),
    class: 'Normal',
    operation: 'LineChange',
    target: { kind: 'ManagedApplication', name, uid },
    plan: [
      'What stands against it is looked for in the guest; while anything does, nothing is done (status.lineChange of the application).',
      `In a window of the application the packages of line ${to} are installed, nobody is let in any more, and the data are copied into a second instance.`,
      `Rows of all tables are counted in both. Clients are let in again where the probes succeed with line ${to}, after about ${expectedMinutes} minutes.`,
      `The instance of line ${from} stays as it was, stopped, until this change is accepted; then it is removed with its packages.`,
    ],
    risk: {
      rating: 'Medium',
      reasons: [
        `Whoever uses the application is shut out for about ${expectedMinutes} minutes.`,
        `Line ${to} may behave otherwise than line ${from}.`,
      ],
    },
    reason: cut(reason, 500),
    wayBack: `Until clients are let in: the instance of line ${from} serves again, with all that was written. Afterwards: it is there until the change is accepted, with what was written before.`,
    agreement: { parties: [{ party: 'Provider' }, { party: 'Customer' }] },
  });
}

/** Undefined: it has a result already. */
export function lineResult(
  change: ChangeRequest | undefined,
  outcome: 'Succeeded' | 'Failed' | 'Cancelled',
  notes: string,
  now: Date,
): ChangeRequestSpec['result'] | undefined {
  if (change === undefined || change.spec.result !== undefined) return undefined;
  return endedBySteward(outcome, notes, now);
}
