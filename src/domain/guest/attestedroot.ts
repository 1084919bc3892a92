/** What the provider attests of a guest in which the customer was root before (AP-9; docs/adr/0133). */
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { RootAttested, SoleRoot } from '../../api/insideguest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { instant } from '../contract/condition.ts';
import { deciderOf } from '../contract/decider.ts';
import { cut } from '../contract/excerpt.ts';
import { isJudged } from '../contract/setout.ts';
import type { Verdict } from './reasons.ts';

export type AttestFacts = {
  readonly managedVM: ManagedVM;
  readonly soleRoot: SoleRoot | undefined;
  /** UID of what the guest boots from. */
  readonly rootDisk: string | undefined;
  /** Those that name the ManagedVM. */
  readonly changes: readonly ChangeRequest[];
  readonly now: Date;
};

/** What is attested of this root disk: as it stands on record, or by a change that is agreed to. */
export function attestationOf(facts: AttestFacts): RootAttested | undefined {
  const { soleRoot, now } = facts;
  if (soleRoot === undefined) return undefined;
  const dated = { ...facts, aloneSince: soleRoot.aloneSince ?? instant(now) };
  return kept(dated) ?? given(dated);
}

/** What stays on record after a verdict: who was found able to come by root may have left something since, so that it must be attested anew. */
export function rootAfter(
  { status, reason }: Verdict,
  soleRoot: SoleRoot | undefined,
  attested: RootAttested | undefined,
  now: Date,
): SoleRoot | undefined {
  if (soleRoot === undefined) return undefined;
  const { since, applications, aloneSince } = soleRoot;
  if (status === 'False' || reason === 'RootAlone') return { since, applications };
  const isFormer = reason === 'FormerCustomerRoot' || reason === 'RootAttested';
  const from = aloneSince ?? (isFormer ? instant(now) : undefined);
  return { since, applications, ...(from && { aloneSince: from }), ...(attested && { attested }) };
}

/** A sentence. */
export function attestedWords({ by, at, rootDisk, change }: RootAttested): string {
  return `The provider (${by}) has attested at ${at}, by ChangeRequest ${change.name}, that nothing which the customer has left as a former root lets anybody in from root disk ${rootDisk}.`;
}

type Dated = AttestFacts & { readonly aloneSince: string };

/** What is on record outlives its change, and edits of it; what ends it is another disk, a customer who was able to come by root, or the provider's own word. */
function kept({ soleRoot, rootDisk, changes, aloneSince }: Dated): RootAttested | undefined {
  const before = soleRoot?.attested;
  if (before === undefined || before.rootDisk !== rootDisk || before.at < aloneSince) return undefined;
  const change = changes.find(({ metadata }) => metadata.uid === before.change.uid);
  return change !== undefined && isTakenBack(change) ? undefined : before;
}

function isTakenBack({ spec, status }: ChangeRequest): boolean {
  const isRejected = status?.approvals?.some(
    ({ party, decision, counts }) => party === 'Provider' && decision === 'Reject' && counts,
  );
  return isRejected === true || (spec.result !== undefined && spec.result.outcome !== 'Succeeded');
}

/** By a change that is agreed to as it is, for this disk, by people of the provider who have all decided since nobody else could come by root. */
function given({ managedVM, rootDisk, changes, aloneSince }: Dated): RootAttested | undefined {
  if (rootDisk === undefined) return undefined;
  return changes
    .filter(({ spec }) => spec.attests?.rootDisk === rootDisk && spec.target.uid === managedVM.metadata.uid)
    .filter(change => isAgreed(change) && !isTakenBack(change))
    .flatMap(({ metadata: { name, uid = '' }, status }) => {
      const words = (status?.approvals ?? []).filter(
        ({ party, decision, counts }) => party === 'Provider' && decision === 'Approve' && counts,
      );
      const times = words.map(({ at = '' }) => at).toSorted();
      const [first, last] = [times[0], times.at(-1)];
      if (first === undefined || last === undefined || first < aloneSince) return [];
      return [{ by: cut(words.map(deciderOf).join('; '), 600), at: last, rootDisk, change: { name, uid } }];
    })[0];
}

function isAgreed(change: ChangeRequest): boolean {
  const isTrue = change.status?.conditions?.some(({ type, status }) => type === 'Agreed' && status === 'True');
  return isJudged(change) && isTrue === true;
}
