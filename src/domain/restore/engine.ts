/** What brings data back from a recovery point, as a Restore sees it: Velero today. */
import type { Restore, RestoreStatus } from '../../api/restore.ts';
import type { Child } from '../contract/child.ts';
import type { Fields } from '../contract/json.ts';

export type Point = NonNullable<RestoreStatus['point']>;

/** How far it is. `says`: of a failure why, as a clause. */
export type EngineResult =
  | { readonly state: 'UnderWay' }
  | { readonly state: 'Completed' }
  | { readonly state: 'Failed'; readonly says: string };

export type Engine = {
  /** What is asked of it, in the namespace `home` of its own: to bring back every claim of the point into another namespace, and nothing besides. */
  readonly request: (restore: Pick<Restore, 'metadata'>, point: Point, into: string, home: string) => Child;
  readonly result: (request: Fields) => EngineResult;
  /** Why a claim in the staging namespace is not what the request brought back, as a clause about it; undefined: it is, with its data. */
  readonly defect: (claim: Fields, request: Fields) => string | undefined;
};
