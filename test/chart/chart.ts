/** What the chart tests share: rendering, and talking to the cluster as a person at a terminal does. */
import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import { type Binaries, ensureInstallation } from '../../hack/testbed/build/installation.ts';
import { CommandFailed, run } from '../../hack/testbed/process/command.ts';
import type { TestBed } from '../../hack/testbed/testbed.ts';
import { eventually } from '../integration/support/eventually.ts';

export const chart = 'charts/steward';
export const namespace = 'steward-system';

export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: manifests of a dozen kinds, read field by field in assertions
  readonly [field: string]: any;
};

let found: Promise<Binaries> | undefined;
export function binaries(): Promise<Binaries> {
  found ??= ensureInstallation(console.log).then(installation => installation.binaries);
  return found;
}

/** What `helm template` renders with these values. Throws CommandFailed with Helm's message when the values are refused. */
export async function render(values: object = {}, ...flags: readonly string[]): Promise<Manifest[]> {
  return manifests(await renderText(values, ...flags));
}

export async function renderText(values: object = {}, ...flags: readonly string[]): Promise<string> {
  const { helm } = await binaries();
  const command = ['template', 'steward', chart, '--namespace', namespace, '--values', '-', ...flags];
  return run(helm, command, { input: JSON.stringify(values) });
}

/** The NetworkPolicy that docs/guest.md gives to tenants. */
export async function policyForTenants(): Promise<string> {
  const [, sample = ''] = /^```yaml\n(.*?)^```$/ms.exec(await readFile('docs/guest.md', 'utf8')) ?? [];
  return sample;
}

export function manifests(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map(document => document.toJS() as Manifest | null)
    .filter(manifest => manifest !== null);
}

export function ofKind(objects: readonly Manifest[], kind: string): Manifest[] {
  return objects.filter(object => object.kind === kind);
}

/** `kind/namespace/name`, to compare sets of objects. */
export function identity({ kind, metadata }: Manifest): string {
  return [kind, metadata.namespace, metadata.name].filter(Boolean).join('/');
}

export type Kubectl = {
  (command: string, input?: object | string): Promise<string>;
  /** The refusal's message; empty when the command succeeds. */
  refusal(command: string, input?: object | string): Promise<string>;
};

/** kubectl against the bed, with every permission unless the command says `--as` or another kubeconfig is given. Words are split at blanks. */
export function kubectlOf(bed: TestBed, kubeconfig = bed.adminKubeconfig): Kubectl {
  const call = (command: string, input?: object | string) => {
    const text = typeof input === 'string' ? input : input && JSON.stringify(input);
    const words = ['--kubeconfig', kubeconfig, ...command.split(' ')];
    return run(bed.binaries.kubectl, words, text === undefined ? {} : { input: text });
  };
  const refusal = (command: string, input?: object | string) =>
    call(command, input).then(
      () => '',
      (error: unknown) => {
        if (error instanceof CommandFailed) return error.message;
        throw error;
      },
    );
  return Object.assign(call, { refusal });
}

/** Applies an object of a kind that Helm has just installed: the API server serves it, and finds it for its policies, only a moment later. */
export function applyOfNewKind(kubectl: Kubectl, object: object): Promise<string> {
  return eventually(() => kubectl('apply -f -', object));
}
