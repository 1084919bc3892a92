/** A made-up kind and its operator: one root kind with every sort of child, to prove the runtime by. */
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { KubeObject, ResourceKind } from '../../../../src/runtime/api/object.ts';
import { connect } from '../../../../src/runtime/http/connection.ts';
import { type Operator, type OperatorSettings, startOperator } from '../../../../src/runtime/operator.ts';
import { type ChildOutcome, defineController, type ReconcileContext } from '../../../../src/runtime/pass/controller.ts';

export type Widget = KubeObject & {
  spec: {
    /** A ConfigMap each, with this data. */
    parts?: Record<string, Record<string, string>>;
    /** Content of the Secret. */
    secret?: string;
    /** A ConfigMap in the namespace `far`. */
    far?: string;
    /** A Gadget, whose CRD may be missing. */
    gadget?: string;
  };
  status?: Record<string, unknown>;
};

const builtin = { group: '', version: 'v1', namespaced: true } as const;
export const CONFIG_MAP: ResourceKind = { ...builtin, kind: 'ConfigMap', plural: 'configmaps' };
export const SECRET: ResourceKind = { ...builtin, kind: 'Secret', plural: 'secrets' };
export const WIDGET: ResourceKind = {
  ...{ group: 'test.example.com', version: 'v1', kind: 'Widget' },
  ...{ plural: 'widgets', namespaced: true },
};
export const GADGET: ResourceKind = { ...WIDGET, kind: 'Gadget', plural: 'gadgets' };
export const FAR = 'far';
export const PREFIX = 'test.example.com';
export const FINALIZER = `${PREFIX}/widget`;
/** On Widgets with a ConfigMap in another namespace. */
export const REACH_LABEL = `${PREFIX}/reach`;

export function crdOf(kind: ResourceKind): KubeObject {
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: open, status: open } } };
  const version = { name: kind.version, served: true, storage: true, subresources: { status: {} }, schema };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${kind.group}` },
    spec: {
      group: kind.group,
      scope: 'Namespaced',
      names: { kind: kind.kind, plural: kind.plural, singular: kind.kind.toLowerCase() },
      versions: [version],
    },
  };
}

export function childrenOf({ metadata, spec }: Widget): KubeObject[] {
  const { namespace = '', name } = metadata;
  const configMap = (space: string, part: string, data: Record<string, string>): KubeObject => ({
    ...{ apiVersion: 'v1', kind: 'ConfigMap', data },
    metadata: { name: `${name}-${part}`, namespace: space },
  });
  const children = Object.entries(spec.parts ?? {}).map(([part, data]) => configMap(namespace, part, data));
  if (spec.far !== undefined) children.push(configMap(FAR, `${namespace}-far`, { content: spec.far }));
  const data = { content: Buffer.from(spec.secret ?? '').toString('base64') };
  const near = { name, namespace };
  if (spec.secret !== undefined)
    children.push({ apiVersion: 'v1', kind: 'Secret', metadata: near, type: 'Opaque', data });
  const gadget = { apiVersion: 'test.example.com/v1', kind: 'Gadget', metadata: near, spec: { size: spec.gadget } };
  if (spec.gadget !== undefined) children.push(gadget);
  return children;
}

async function reconcile(context: ReconcileContext<Widget>): Promise<void> {
  const { object, apply, prune, status, event } = context;
  const wanted = childrenOf(object);
  const outcomes = [...(await apply(wanted)), ...(await prune(wanted))];
  const failed = outcomes.filter(({ action }) => action === 'failed');
  if (failed.length > 0) event('Warning', 'ChildFailed', failed.map(sentence).join('; '));
  await status({
    observedGeneration: object.metadata.generation,
    children: wanted.length,
    failed: failed.map(({ child, error }) => `${child.kind} ${child.name}: ${error?.reason}`).sort(),
  });
}

function sentence({ child, error }: ChildOutcome): string {
  return `${child.kind} ${child.name}: ${error?.reason}`;
}

const widgetController = defineController<Widget>({
  ...{ name: 'widget', kind: WIDGET, finalizer: FINALIZER, reconcile },
  labels: ({ spec }) => ({ [REACH_LABEL]: spec.far === undefined ? undefined : 'far' }),
  owns: [{ kind: CONFIG_MAP }, { kind: CONFIG_MAP, namespace: FAR }, { kind: SECRET, read: 'named' }, { kind: GADGET }],
  watches: [],
});

export type Running = Operator & { readonly registry: Registry; readonly userAgent: string };

let started = 0;
export async function startWidgets(kubeconfig: string, more: Partial<OperatorSettings> = {}): Promise<Running> {
  const registry = new Registry();
  started += 1;
  const userAgent = `widgets/${process.pid}-${started}`;
  const operator = await startOperator({
    ...{ connection: connect({ kubeconfig }), controllers: [widgetController], registry, userAgent },
    ...{ name: 'widgets', prefix: PREFIX, log: pino({ level: process.env.LOG_LEVEL ?? 'silent' }) },
    ...more,
  });
  return { ...operator, registry, userAgent };
}

/** Whether the operator has worked off everything: every object reconciled since its start, nothing queued or running. */
export async function isIdle({ registry }: Running, atLeast: number): Promise<boolean> {
  const sum = async (name: string) => {
    const metric = await registry.getSingleMetric(name)?.get();
    return (metric?.values ?? []).reduce((total, { value }) => total + value, 0);
  };
  const done = await sum('controller_runtime_reconcile_total');
  return done >= atLeast && (await sum('controller_runtime_active_workers')) + (await sum('workqueue_depth')) === 0;
}
