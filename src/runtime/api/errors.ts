/** One field the API server found wrong (metav1.StatusCause). */
export type StatusCause = { readonly reason?: string; readonly message?: string; readonly field?: string };
export type StatusDetails = {
  readonly name?: string;
  readonly kind?: string;
  readonly group?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
};

/** Reasons that the runtime adds to those of metav1.Status. */
export type RuntimeReason =
  /** The kind is not served. */
  | 'KindMissing'
  /** The API server does not say what there is of the kind, so nothing of it is written. */
  | 'KindNotReadable'
  /** An object of that name exists and does not belong to this owner. */
  | 'NotOurs'
  /** The object is being deleted, so nothing can be applied to it. */
  | 'Terminating'
  /** No answer: connection refused, reset, timed out. */
  | 'Unreachable';

/** The API server refused, or did not answer (status 0). Carries its message, never a body or a header. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** metav1.Status reason, or one of {@link RuntimeReason}. */
  readonly reason: string;
  /** Seconds the server asks us to wait. */
  readonly retryAfter: number | undefined;
  readonly details: StatusDetails | undefined;

  constructor(
    status: number,
    reason: string,
    message: string,
    more: { retryAfter?: number | undefined; details?: StatusDetails | undefined; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.status = status;
    this.reason = reason;
    this.retryAfter = more.retryAfter;
    this.details = more.details;
  }
}

/** A write was refused here, before it was sent, because this process does not hold the lease. */
export class NotLeader extends Error {
  override readonly name = 'NotLeader';
  constructor() {
    super('not the leader: write refused');
  }
}

export function isApiError(error: unknown): error is ApiError {
  return error instanceof ApiError;
}
export function isNotFound(error: unknown): error is ApiError {
  return isApiError(error) && error.status === 404;
}
export function isConflict(error: unknown): error is ApiError {
  return isApiError(error) && error.status === 409 && error.reason === 'Conflict';
}
export function isAlreadyExists(error: unknown): error is ApiError {
  return isApiError(error) && error.status === 409 && error.reason === 'AlreadyExists';
}
export function isForbidden(error: unknown): error is ApiError {
  return isApiError(error) && error.status === 403;
}
export function isInvalid(error: unknown): error is ApiError {
  return isApiError(error) && (error.status === 422 || error.status === 400);
}
/** The resourceVersion is too old to watch or page from: list again. */
export function isExpired(error: unknown): error is ApiError {
  return isApiError(error) && error.status === 410;
}
/** The same request may well succeed a little later. */
export function isTransient(error: unknown): error is ApiError {
  return isApiError(error) && (error.status === 0 || error.status === 429 || error.status >= 500 || isConflict(error));
}
