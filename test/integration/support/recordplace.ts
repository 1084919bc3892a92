/** A place where records are written on a real API server, and the life of a writer there: what may happen to it in between is up to the test. */
import { pino } from 'pino';
import type { Client } from '../../../hack/testbed/client/client.ts';
import { pathOf } from '../../../hack/testbed/client/path.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { type RecordPage, recordPage } from '../../../src/api/recordpage.ts';
import { Secret } from '../../../src/api/upstream.ts';
import { ExportFolder } from '../../../src/controllers/record/exportfolder.ts';
import { PageStore } from '../../../src/controllers/record/pagestore.ts';
import { Recorder } from '../../../src/controllers/record/recorder.ts';
import { type ExportStore, RecordExport } from '../../../src/controllers/record/recordexport.ts';
import { SigningKeys } from '../../../src/controllers/record/signingkeys.ts';
import { type Answer, verifyFolder } from '../../../src/controllers/record/verifyfolder.ts';
import { RECORDED, type RecordedKind } from '../../../src/domain/record/recordable.ts';
import { systemClock } from '../../../src/runtime/api/clock.ts';
import type { KubeObject } from '../../../src/runtime/api/object.ts';
import { connect } from '../../../src/runtime/http/connection.ts';
import { type Intercept, Transport } from '../../../src/runtime/http/transport.ts';

export const STREAM = 'namespace-acme';
export const KEY_SECRET = 'steward-record-key';
const VMS = 70;
const HIGHER = 'AdvancedMonitoringAndPatching';

export const recorded: RecordedKind = machines();
function machines(): RecordedKind {
  const found = RECORDED.find(({ kind }) => kind === managedVM);
  if (found === undefined) throw new Error('ManagedVMs are not recorded');
  return found;
}

export type Told = {
  readonly stream: string;
  readonly what: string;
  readonly object?: { readonly name: string; readonly namespace: string };
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
};

export class RecordPlace {
  readonly namespace: string;
  readonly folder: string;
  readonly #client: Client;
  readonly #kubeconfig: string;
  readonly #store: ExportStore;

  /** `folder` is where the export can be read, `store` what writes it; default: that folder. */
  constructor(
    client: Client,
    kubeconfig: string,
    place: { readonly namespace: string; readonly folder: string; readonly store?: ExportStore },
  ) {
    this.#store = place.store ?? new ExportFolder(place.folder);
    this.#client = client;
    this.#kubeconfig = kubeconfig;
    this.namespace = place.namespace;
    this.folder = place.folder;
  }

  async make(): Promise<void> {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.namespace } };
    await this.#client.create('/api/v1/namespaces', namespace);
  }

  /** A process that writes records, without what decides who leads: it always believes that it does. */
  writer(intercept?: Intercept): Recorder {
    const connection = connect({ kubeconfig: this.#kubeconfig });
    const transport = new Transport({ connection, userAgent: 'test', intercept });
    return new Recorder({
      ...{ clock: systemClock, log: pino({ enabled: false }), specManager: async () => 'test' },
      pages: new PageStore(transport, this.namespace),
      signing: new SigningKeys(transport, this.namespace),
      exported: new RecordExport(this.#store),
    });
  }

  async pages(): Promise<RecordPage[]> {
    const { items } = (await this.#client.get(pathOf(recordPage, this.namespace))) as unknown as {
      items: RecordPage[];
    };
    return items.toSorted((a, b) => a.spec.number - b.spec.number);
  }

  async records(): Promise<Told[]> {
    return (await this.pages()).flatMap(({ spec }) => spec.entries.map(line => JSON.parse(line) as Told));
  }

  verified(): Answer {
    return verifyFolder({ folder: this.folder, json: false, heads: [], firstKey: undefined });
  }

  /** What the Secret of the keys holds, by name. */
  async keys(): Promise<string[]> {
    const { data } = (await this.#client.get(pathOf(Secret, this.namespace, KEY_SECRET))) as { data?: object };
    return Object.keys(data ?? {});
  }

  async askForRotation(reason: string): Promise<void> {
    const path = pathOf(Secret, this.namespace, KEY_SECRET);
    await this.#client.patch('merge', path, { stringData: { rotate: reason } });
  }
}

export function show(recorder: Recorder, object: KubeObject, stream = STREAM): Promise<number | undefined> {
  return recorder.record(recorded, object, stream);
}

export function vm(name: string, spec: object, uid = `uid-${name}`): KubeObject {
  const metadata = { name, namespace: 'acme', uid, generation: 1 };
  return { apiVersion: 'managed.systems/v1alpha1', kind: 'ManagedVM', metadata, spec: { ...spec } };
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const secondGoes = (recorder: Recorder) =>
  recorder.sweep(recorded, ({ name }) => (name === 'vm-2' ? 'Gone' : 'Unknown'));

/** All that a writer does, in an order that an end may cut anywhere: many objects, changes, what goes, another key, the export. */
export async function life(recorder: Recorder, place: RecordPlace): Promise<void> {
  await Promise.all(numbers(VMS).map(index => show(recorder, vm(`vm-${index}`, { serviceLevel: 'Admin' }))));
  await show(recorder, vm('vm-0', { serviceLevel: HIGHER }));
  await recorder.tidy();
  await place.askForRotation('yearly');
  await recorder.tidy();
  await show(recorder, vm('vm-1', { serviceLevel: HIGHER }));
  await secondGoes(recorder);
  await recorder.tidy();
}

/** What a successor sees, which is shown only what there is at the end. */
export async function aftermath(recorder: Recorder): Promise<void> {
  const left = numbers(VMS).filter(index => index !== 2);
  const level = (index: number) => (index < 2 ? HIGHER : 'Admin');
  await Promise.all(left.map(index => show(recorder, vm(`vm-${index}`, { serviceLevel: level(index) }))));
  await secondGoes(recorder);
  await recorder.tidy();
}

/** What is wrong, however often the writer was ended; undefined: nothing stands there twice, and what stands there last is what holds. */
export function flawIn(records: readonly Told[]): string | undefined {
  const levelOf = ({ after }: Told) => after?.['spec.serviceLevel'];
  const lines = records.map(told => [told.what, told.object?.name, levelOf(told)].join(' '));
  const twice = lines.find((line, index) => lines.indexOf(line) !== index);
  if (twice !== undefined) return `${twice} is recorded twice`;
  const last = new Map(records.flatMap(told => (told.object === undefined ? [] : [[told.object.name, levelOf(told)]])));
  const wanted = numbers(VMS).map(
    index => [`vm-${index}`, index === 2 ? undefined : index < 2 ? HIGHER : 'Admin'] as const,
  );
  const wrong = wanted.find(([name, level]) => last.get(name) !== level);
  return wrong === undefined ? undefined : `${wrong[0]} stands there with ${last.get(wrong[0])}, and has ${wrong[1]}`;
}
