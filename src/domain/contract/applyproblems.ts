import { quotaRefusal, saying } from './excerpt.ts';
import { type Finding, failed, waiting } from './finding.ts';
import type { Reason } from './reasons.ts';
import { sentence } from './unreadable.ts';

/** How applying one child went, as the runtime reports it. */
export type Outcome = {
  readonly child: { readonly kind: string; readonly namespace: string; readonly name: string };
  readonly action: string;
  readonly error?: { readonly status: number; readonly reason: string; readonly message: string } | undefined;
  /** The child as it is now. */
  readonly object?: { readonly metadata: { readonly creationTimestamp?: string | undefined } } | undefined;
};

/** What a kind is missing when it is not served. */
const PROVIDED_BY: Readonly<Record<string, { reason: Reason; system: string }>> = {
  VirtualMachine: { reason: 'KubeVirtNotInstalled', system: 'KubeVirt' },
  DataVolume: { reason: 'CDINotInstalled', system: 'CDI (Containerized Data Importer)' },
  Schedule: { reason: 'VeleroNotInstalled', system: 'Velero' },
  ServiceMonitor: { reason: 'PrometheusOperatorNotInstalled', system: 'prometheus-operator' },
  PrometheusRule: { reason: 'PrometheusOperatorNotInstalled', system: 'prometheus-operator' },
};

/** Why children of these kinds are not in place, in the order of the outcomes. */
export function applyProblems(outcomes: readonly Outcome[], kinds: readonly string[]): readonly Finding[] {
  return outcomes.filter(({ child }) => kinds.includes(child.kind)).flatMap(outcome => applyProblem(outcome) ?? []);
}

/** Whether a child of this kind was applied, or was found as it should be. */
export function applied(outcomes: readonly Outcome[], kind: string): boolean {
  return outcomes.some(
    ({ child, action }) => child.kind === kind && ['created', 'updated', 'unchanged'].includes(action),
  );
}

/** The system that serves a kind is not there. */
export function missing(kind: keyof typeof PROVIDED_BY): Finding {
  const { reason, system } = PROVIDED_BY[kind] ?? { reason: 'ApplyRetrying', system: `What serves ${kind}` };
  return failed(reason, `${system} is not installed in this cluster: the kind ${kind} is not served.`);
}

export function applyProblem({ child, action, error }: Outcome): Finding | undefined {
  if (action !== 'failed') return undefined;
  const name = `${child.kind} ${child.namespace === '' ? '' : `${child.namespace}/`}${child.name}`;
  const { status = 0, reason = '', message = '' } = error ?? {};
  if (reason === 'KindMissing') {
    return Object.hasOwn(PROVIDED_BY, child.kind)
      ? missing(child.kind)
      : waiting('ApplyRetrying', `${name} waits: the kind ${child.kind} is not served.`);
  }
  if (reason === 'KindNotReadable') return failed('KindNotReadable', sentence({ ...child, why: message }));
  if (reason === 'NotOurs') return notOurs(child.kind, name);
  if (reason === 'Terminating') {
    return waiting('ChildTerminating', `${name} is being deleted; Steward creates it again as soon as it is gone.`);
  }
  const quota = quotaRefusal(message);
  if (quota !== undefined) return failed('QuotaExceeded', `${name} does not fit${saying(quota)}`);
  if (child.kind === 'DataVolume') {
    const problem = imageProblem(name, message);
    if (problem !== undefined) return problem;
  }
  if (isTransient(status, reason)) {
    return waiting(
      'ApplyRetrying',
      `${name} could not be applied just now (${code(status, reason)}); Steward tries again.`,
    );
  }
  return failed('ApplyRefused', `${name} was refused (${code(status, reason)})${saying(message)}`);
}

/**
 * What CDI's admission says of an image. It asks whether Steward's account may clone from where the image lies (DataVolume.AuthorizeUser of
 * containerized-data-importer-api, pkg/apis/core/v1beta1/authorize.go), and looks the DataSource and its namespace up for that.
 */
function imageProblem(name: string, message: string): Finding | undefined {
  const [, namespace] = /insufficient permissions in clone source namespace ([a-z0-9-]+)/.exec(message) ?? [];
  if (namespace !== undefined) {
    return failed(
      'ImageNotPermitted',
      `${name} was refused: Steward may not clone images from namespace ${namespace}. The provider adds ${namespace} to imageNamespaces of Steward's Helm release.`,
    );
  }
  if (/data ?source|source ?ref|datavolume-mutate.*namespaces ".*" not found/i.test(message)) {
    return waiting('ImageSourceNotReady', `${name} waits for its image${saying(message)}`);
  }
  return undefined;
}

function notOurs(kind: string, name: string): Finding {
  if (kind === 'VirtualMachine') return nameTaken(name);
  return failed(
    'ChildNameTaken',
    `${name} exists and is not Steward's; it is left alone, so what Steward needs there is missing.`,
  );
}

export function nameTaken(name: string): Finding {
  return failed('VirtualMachineNameTaken', `${name} exists and does not belong to this ManagedVM; it is left alone.`);
}

/** The same request may well succeed a little later. */
function isTransient(status: number, reason: string): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500 || (status === 409 && reason === 'Conflict');
}

function code(status: number, reason: string): string {
  if (status === 0) return reason || 'no answer';
  return reason === '' ? `${status}` : `${status} ${reason}`;
}
