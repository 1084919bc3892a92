/** What Steward writes of a change: one that it makes itself, and how one ended that it carried out (GE-6). */
import { type ChangeRequestSpec, changeRequest } from '../../api/changerequest.ts';
import { instant } from './condition.ts';
import { cut } from './excerpt.ts';
import { STEWARD } from './setout.ts';

export type StewardChange = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: ChangeRequestSpec;
};

export type Result = NonNullable<ChangeRequestSpec['result']>;

/** A change that Steward asks for. */
export function changeBySteward(
  name: string,
  namespace: string | undefined,
  spec: Omit<ChangeRequestSpec, 'requestedBy'>,
): StewardChange {
  return {
    apiVersion: `${changeRequest.group}/${changeRequest.version}`,
    kind: changeRequest.kind,
    metadata: { name, ...(namespace && { namespace }) },
    spec: { ...spec, requestedBy: STEWARD },
  };
}

/** How it ended, as Steward says in `notes`. */
export function endedBySteward(outcome: Result['outcome'], notes: string, finishedAt: Date) {
  return { outcome, finishedAt: instant(finishedAt), by: STEWARD, notes: cut(notes, 2000) };
}

/** How the notes of a remedy begin for which the guest has nothing: trying it again is no use, and whoever decides on the next step reads it here. */
export const NOT_TO_BE_DONE = 'Not to be done in the guest';
