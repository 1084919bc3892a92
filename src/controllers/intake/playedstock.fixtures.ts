/** Stands in for the cluster as the receiver looks at it. */
import type { Incident } from '../../api/incident.ts';
import type { Subject } from '../../domain/intake/ownrules.ts';
import type { Named } from '../../domain/intake/pointer.ts';
import { ApiError } from '../../runtime/api/errors.ts';
import type { Stock } from './stock.ts';

type Faces = Pick<Stock, 'subject' | 'incidentsOf' | 'incidents' | 'open' | 'tell' | 'isKnown'>;

export class PlayedStock implements Faces {
  readonly subjects = new Map<string, Subject>();
  readonly held = new Map<string, Incident>();
  /** Writes that the API server refuses, from the next on. */
  refusals: ApiError[] = [];

  isKnown(): boolean {
    return true;
  }

  subject({ namespace, name }: Named): Subject | undefined {
    return this.subjects.get(`${namespace}/${name}`);
  }

  incidents(): readonly Incident[] {
    return [...this.held.values()];
  }

  incidentsOf(uid: string): readonly Incident[] {
    return this.incidents().filter(({ spec }) => spec.subject.uid === uid);
  }

  async open(object: Incident): Promise<void> {
    this.#refuse();
    const { name } = object.metadata;
    if (this.held.has(name)) throw new ApiError(409, 'AlreadyExists', 'there is one');
    this.held.set(name, { ...object, metadata: { ...object.metadata, uid: `uid-${name}` } });
  }

  async tell(object: Incident, spec: Partial<Incident['spec']> | object): Promise<void> {
    this.#refuse();
    this.held.set(object.metadata.name, { ...object, spec: { ...object.spec, ...spec } });
  }

  #refuse(): void {
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
  }
}
