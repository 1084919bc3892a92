import { isFields, textAt, timeAt } from '../contract/json.ts';
import { type ForeignCondition, readConditions } from './observedvm.ts';

/** A CDI DataVolume, as far as an assessment looks at it (containerized-data-importer-api core/v1beta1 types.go). */
export type DataVolume = {
  readonly name: string;
  readonly deletedAt: Date | undefined;
  readonly phase: string | undefined;
  readonly conditions: readonly ForeignCondition[];
};

/** A PersistentVolumeClaim, as far as an assessment looks at it. */
export type VolumeClaim = {
  readonly name: string;
  readonly uid: string | undefined;
  readonly deletedAt: Date | undefined;
  /** Pending, Bound or Lost. */
  readonly phase: string | undefined;
  /** What the volume behind it holds. */
  readonly capacity: string | undefined;
  /** What it asks for. */
  readonly requested: string | undefined;
  /** Block or Filesystem. */
  readonly volumeMode: string | undefined;
  /** How far a resize of its storage is, e.g. ControllerResizeInfeasible (core/v1 types.go, ClaimResourceStatus). */
  readonly resizeStatus: string | undefined;
  readonly conditions: readonly ForeignCondition[];
};

export function readDataVolume(object: unknown): DataVolume | undefined {
  const name = textAt(object, 'metadata', 'name');
  if (!isFields(object) || name === undefined) return undefined;
  return {
    name,
    deletedAt: timeAt(object, 'metadata', 'deletionTimestamp'),
    phase: textAt(object, 'status', 'phase'),
    conditions: readConditions(object.status),
  };
}

export function readVolumeClaim(object: unknown): VolumeClaim | undefined {
  const name = textAt(object, 'metadata', 'name');
  if (!isFields(object) || name === undefined) return undefined;
  return {
    name,
    uid: textAt(object, 'metadata', 'uid'),
    deletedAt: timeAt(object, 'metadata', 'deletionTimestamp'),
    phase: textAt(object, 'status', 'phase'),
    capacity: textAt(object, 'status', 'capacity', 'storage'),
    requested: textAt(object, 'spec', 'resources', 'requests', 'storage'),
    volumeMode: textAt(object, 'spec', 'volumeMode'),
    resizeStatus: textAt(object, 'status', 'allocatedResourceStatuses', 'storage'),
    conditions: readConditions(object.status),
  };
}
