import { type ChangeRequest, changeRequest } from '../../api/changerequest.ts';
import type { ManagedApplication } from '../../api/managedapplication.ts';
import type { ProductSpec } from '../../api/product.ts';
import { lineOf } from '../../domain/application/line.ts';
import { lineOfferName } from '../../domain/change/linechange.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Reader } from '../../runtime/pass/controller.ts';

type Request = ChangeRequest & KubeObject;

/** The change by which the line of an application is changed, of the name and, once it is known, of the very uid (GE-11). */
export function lineChangeRequestOf(ordered: ManagedApplication, read: Reader): Request | undefined {
  return lineRequest(ordered, ordered.status?.lineChange?.change, read);
}

/** The one by which a change was offered before the end of support, or would be: it may have been made by a pass that was cut off (GE-12). */
export function offerRequestOf(
  ordered: ManagedApplication,
  product: ProductSpec | undefined,
  read: Reader,
): Request | undefined {
  const line = lineOf(ordered);
  const { endOfLife } = ordered.status ?? {};
  const to = product?.upgradePaths?.find(({ from }) => from === line)?.to;
  const unrecorded = to === undefined ? undefined : { name: lineOfferName(ordered, to) };
  const offered = endOfLife?.line === line ? endOfLife.offered?.change : undefined;
  return lineRequest(ordered, offered ?? unrecorded, read);
}

function lineRequest(
  { metadata }: ManagedApplication,
  { name, uid }: { readonly name?: string; readonly uid?: string | undefined } = {},
  read: Reader,
): Request | undefined {
  if (name === undefined) return undefined;
  const found = read.get<Request>(changeRequest, { namespace: metadata.namespace ?? '', name });
  // A name proves nothing: an operation is Steward's alone to write (admission), for this very order.
  const isOurs = found?.spec?.operation === 'LineChange' && found.spec.target.uid === metadata.uid;
  return isOurs && (uid === undefined || found.metadata.uid === uid) ? found : undefined;
}
