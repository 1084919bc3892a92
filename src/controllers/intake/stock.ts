import type { Logger } from 'pino';
import { type Incident, incident } from '../../api/incident.ts';
import { type ManagedApplication, managedApplication } from '../../api/managedapplication.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { type Product, product } from '../../api/product.ts';
import type { Joined } from '../../domain/intake/merging.ts';
import type { Subject } from '../../domain/intake/ownrules.ts';
import type { Named } from '../../domain/intake/pointer.ts';
import type { Clock } from '../../runtime/api/clock.ts';
import type { KubeObject, ResourceKind } from '../../runtime/api/object.ts';
import { Cache } from '../../runtime/cache/cache.ts';
import { KindView } from '../../runtime/cache/kindview.ts';
import { Client } from '../../runtime/children/client.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { NAME } from './permissions.ts';

const BY_SUBJECT = 'subject';
const AUTHOR = { origin: undefined, urgent: false };

/** The cluster as the receiver looks at it: what is ordered, and the incidents that there are, its own writes included. */
export class Stock {
  readonly #cache: Cache;
  readonly #client: Client;
  readonly #views: Readonly<Record<'vms' | 'applications' | 'products' | 'incidents', KindView>>;

  constructor(transport: Transport, clock: Clock, log: Logger, namespaces: readonly string[]) {
    const watched = namespaces.length === 0 ? undefined : namespaces;
    this.#cache = new Cache({ transport, clock, log, namespaces: watched });
    this.#client = new Client(transport, this.#cache, NAME);
    const kinds = [managedVM, managedApplication, product, incident];
    for (const kind of kinds) this.#cache.demand({ kind, selector: '' });
    const view = (kind: ResourceKind) => new KindView(this.#cache, kind, this.#cache.sections({ kind, selector: '' }));
    this.#views = {
      vms: view(managedVM),
      applications: view(managedApplication),
      products: view(product),
      incidents: view(incident),
    };
    this.#views.incidents.addIndex(BY_SUBJECT, object => {
      const { uid } = (object as unknown as Incident).spec.subject;
      return uid === undefined ? [] : [uid];
    });
  }

  start(signal: AbortSignal): void {
    this.#cache.start(signal);
  }

  /** Everything that decides is known. */
  isKnown(): boolean {
    return this.#cache.synced() && Object.values(this.#views).every(view => view.available());
  }

  /** Undefined where there is none, or it is on its way out. */
  subject({ kind, namespace, name }: Named): Subject | undefined {
    const { vms, applications, products } = this.#views;
    if (kind === 'ManagedVM') {
      const object = living(vms.get({ namespace, name }) as ManagedVM | undefined);
      return object && { kind, object };
    }
    const object = living(applications.get({ namespace, name }) as ManagedApplication | undefined);
    return (
      object && {
        ...{ kind, object },
        product: products.get({ namespace: '', name: object.spec.product }) as Product | undefined,
      }
    );
  }

  incidentsOf(subjectUID: string): readonly Incident[] {
    return this.#views.incidents.byIndex(BY_SUBJECT, subjectUID) as unknown as Incident[];
  }

  incidents(): readonly Incident[] {
    return this.#views.incidents.list() as unknown as Incident[];
  }

  /** Throws AlreadyExists where another process was faster: then it is the same one. */
  async open(object: Incident): Promise<void> {
    await this.#client.create(incident, object as unknown as KubeObject, AUTHOR);
  }

  /** Throws Conflict where there is a newer version. */
  async tell(object: Incident, spec: Pick<Incident['spec'], 'signals'> | { readonly joined: readonly Joined[] }) {
    await this.#client.mergePatch(incident, object as unknown as KubeObject, { spec }, AUTHOR);
  }
}

function living<T extends Pick<KubeObject, 'metadata'>>(object: T | undefined): T | undefined {
  return object?.metadata.deletionTimestamp === undefined ? object : undefined;
}
