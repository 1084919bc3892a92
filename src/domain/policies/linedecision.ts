/** When an application is changed to another version line: asked for by its order, never done before both sides have agreed (GE-11, GE-13; docs/adr/0179). */
import type { ChangeRequest, ChangeRequestSpec } from '../../api/changerequest.ts';
import type { GuestStateStatus } from '../../api/gueststate.ts';
import type { LineChange, UpgradePath } from '../../api/lineupgrade.ts';
import type { ManagedApplication } from '../../api/managedapplication.ts';
import type { OperatingSystem } from '../../api/operatingsystem.ts';
import type { ProductSpec } from '../../api/product.ts';
import { lineOf } from '../application/line.ts';
import { linePath } from '../application/linepath.ts';
import type { LineAct } from '../application/linesteps.ts';
import { changeConsent } from '../change/consent.ts';
import { lineChange, lineOfferName, lineResult } from '../change/linechange.ts';
import { type ApplicationPlan, isLineStep, type LineStep } from '../contract/applicationplan.ts';
import type { StewardChange } from '../contract/stewardchange.ts';
import { quoted } from '../guest/words.ts';
import type { OpenOffer } from './endoflife.ts';

export type LineFound = NonNullable<NonNullable<GuestStateStatus['applications']>[number]['line']>;

export type LineFacts = {
  readonly product: ProductSpec;
  /** OperatingSystem of the VM. */
  readonly system: string;
  readonly operatingSystem: OperatingSystem | undefined;
  /** The one that status.lineChange names. */
  readonly change: ChangeRequest | undefined;
  /** What Steward has offered before the end of support, and may still be carried out (GE-12). */
  readonly offer?: OpenOffer | undefined;
  /** What the guest worker was told last. */
  readonly told: ApplicationPlan | undefined;
  /** What the guest says of it, of the plan that it was told last. */
  readonly found: LineFound | undefined;
  /** Whether a window of the application is open. */
  readonly isOpen: boolean;
};

export type LineDecision = {
  /** Line that the plan is rendered for. */
  readonly line: string;
  /** What the plan has of it. */
  readonly part?: LineAct | undefined;
  /** The whole plan is due: it goes to another line, or is back in the one of before. */
  readonly isSwitch: boolean;
  readonly status?: LineChange | undefined;
  /** To be made. */
  readonly makes?: StewardChange;
  /** How the change ended. */
  readonly result?: ChangeRequestSpec['result'];
};

export function lineDecision(application: ManagedApplication, facts: LineFacts, now: Date): LineDecision {
  const { spec, status } = application;
  const current = lineOf(application);
  const before = status?.lineChange;
  if (before?.phase === 'Changing') return changing(before, facts, now);
  const asked = spec.nextLine === current ? undefined : spec.nextLine;
  const to = asked ?? facts.offer?.to;
  if (to === undefined) return unasked(application, current, facts);
  if (before !== undefined && before.to === to && isOver(before) && !isAskedAnew(application, before, facts.offer))
    return stays(current, before);
  const { path, obstacle } = linePath(current, to, facts, now);
  if (path === undefined) {
    const message = `${asked === undefined ? 'What was offered is not possible any more' : 'spec.nextLine'}: ${obstacle}`;
    return stays(current, { from: current, to, phase: 'NotPossible', message });
  }
  return decided(application, path, facts, now);
}

/** Nobody wants another line; how the last offer ended stays told. */
function unasked(application: ManagedApplication, current: string, facts: LineFacts): LineDecision {
  const before = application.status?.lineChange;
  if (before?.phase === 'Done') return done(before, current, facts);
  const isTold = before !== undefined && isOver(before) && isOfOffer(application, before);
  return { line: current, isSwitch: false, ...(isTold && { status: before }) };
}

function isOver({ phase }: LineChange): boolean {
  return phase === 'Failed' || phase === 'Refused';
}

function isOfOffer(application: ManagedApplication, { to, change }: LineChange): boolean {
  return change?.name === lineOfferName(application, to);
}

/** By the order after an offer has ended, or by an offer after what the order asked for has. */
function isAskedAnew(application: ManagedApplication, before: LineChange, offer: OpenOffer | undefined): boolean {
  if (offer !== undefined) return offer.request.metadata.name !== before.change?.name;
  return application.spec.nextLine === before.to && isOfOffer(application, before);
}

function stays(line: string, status: LineChange): LineDecision {
  return { line, isSwitch: false, status };
}

/** As far as both sides, the guest and the windows let it go. */
function decided(application: ManagedApplication, path: UpgradePath, facts: LineFacts, now: Date): LineDecision {
  const { from, to } = path;
  const { known, change } = requestFor(application, to, facts);
  const uid = change?.metadata.uid ?? known?.uid;
  if (known === undefined || uid === undefined) {
    const makes = lineChange(application, path, facts.product.displayName);
    const message = `ChangeRequest ${makes.metadata.name} is made: both sides must agree to it (GE-11).`;
    return { ...stays(from, { from, to, phase: 'Checked', message, change: { name: makes.metadata.name } }), makes };
  }
  const named = { name: known.name, uid };
  const consent = changeConsent(change, known.name, now);
  const status = (phase: LineChange['phase'], message: string): LineChange => ({
    ...{ from, to, phase, message: message.slice(0, 1024), change: named },
  });
  if (consent.stand === 'Refused') return stays(from, status('Refused', consent.says));
  const checks = isTold(facts, 'lineCheck', uid) ? facts.found?.checks : undefined;
  const mayBe = consent.stand === 'Agreed' && checks === '';
  if (!mayBe || !facts.isOpen) {
    const says = [consent.says, standing(checks), ...(mayBe ? ['It waits for a window.'] : [])].join(' ');
    return {
      ...stays(from, status(consent.stand === 'Agreed' ? 'Agreed' : 'Checked', says)),
      part: { act: 'Check', path, change: uid },
    };
  }
  const message = `${consent.says} The data are being brought into line ${to}, and nobody is let in meanwhile.`;
  return {
    ...{ line: to, isSwitch: true, part: { act: 'Change', path, change: uid } },
    status: status('Changing', message),
  };
}

/** The change that is under way; or the one that is offered, whoever asks for it besides. */
function requestFor({ status }: ManagedApplication, to: string, { change, offer }: LineFacts) {
  const before = status?.lineChange;
  if (before !== undefined && before.to === to && before.change !== undefined && !isOver(before))
    return { known: before.change, change };
  if (offer?.to !== to) return { known: undefined, change: undefined };
  return { known: { name: offer.request.metadata.name }, change: offer.request };
}

/** Whether that is what the worker was told last, and for this change. */
function isTold({ told }: LineFacts, type: LineStep['type'], change: string | undefined): boolean {
  return told?.steps.some(step => isLineStep(step) && step.type === type && step.change === change) === true;
}

function standing(checks: string | undefined): string {
  if (checks === undefined) return 'What stands against it has not been looked for in the guest yet.';
  return checks === ''
    ? 'Nothing stands against it in the guest.'
    : `In the guest stands against it: ${checks.trim().replaceAll('\n', '; ')}.`;
}

/** From when the worker was told until it says how it ended, whatever the order says meanwhile. */
function changing(before: LineChange, facts: LineFacts, now: Date): LineDecision {
  const { from, to, change } = before;
  const path = pathOf(before, facts.product);
  const phase = isTold(facts, 'lineChange', change?.uid) ? facts.found?.phase : undefined;
  const ended = (how: 'Done' | 'Failed', outcome: 'Succeeded' | 'Failed', message: string): LineDecision => {
    const result = lineResult(facts.change, outcome, message, now);
    const line = how === 'Done' ? to : from;
    return { line, isSwitch: true, status: { ...before, phase: how, message }, ...(result && { result }) };
  };
  if (phase === 'Done' || phase === 'Retired')
    return ended(
      'Done',
      'Succeeded',
      `All data are in line ${to}, as counted, and clients are let in. The instance of line ${from} stays, stopped, until ChangeRequest ${change?.name ?? ''} is accepted (GE-13).`,
    );
  if (phase === 'Failed')
    return ended(
      'Failed',
      'Failed',
      `Line ${to} did not come about, and line ${from} serves again with all that was written.${whyOf(facts.found?.checks)} To ask anew, take nextLine out and set it again.`,
    );
  return {
    ...{ line: to, isSwitch: true, status: before },
    part: { act: 'Change', path, change: change?.uid ?? '' },
  };
}

/** The guest's own words. */
const whyOf = (said = ''): string => (said === '' ? '' : ` The guest says: ${quoted(said.trim(), 256)}.`);

/** The old instance goes when the customer has accepted, and not before (GE-13). */
function done(before: LineChange, line: string, facts: LineFacts): LineDecision {
  const { from, to, change, retired } = before;
  const acceptance = facts.change?.spec.acceptance?.decision;
  if (retired === true || acceptance !== 'Accept' || change?.uid === undefined)
    return { line, isSwitch: false, status: before };
  if (facts.found?.phase === 'Retired' && isTold(facts, 'lineRetire', change.uid)) {
    const message = `All data are in line ${to}. ChangeRequest ${change.name} is accepted, and the instance of line ${from} is gone.`;
    return { line, isSwitch: false, status: { ...before, message, retired: true } };
  }
  const part: LineAct = { act: 'Retire', path: pathOf(before, facts.product), change: change.uid };
  return { line, isSwitch: false, status: before, part };
}

/** The path may be gone from the catalogue meanwhile: what was begun by it is brought to its end. */
function pathOf({ from, to }: LineChange, { upgradePaths = [] }: ProductSpec): UpgradePath {
  const offered = upgradePaths.find(path => path.from === from && path.to === to);
  return offered ?? { from, to, engine: 'PostgreSQL', freeSpacePercent: 150, withinSeconds: 120, expectedMinutes: 60 };
}
