import type { RecordedObject } from './entry.ts';

/** The contract of a namespace; undefined: it has none. */
export type ContractOf = (namespace: string) => string | undefined;

/** What is of no customer: the catalogue. */
export const CLUSTER = 'cluster';

/** What the name of a ServiceReport has behind that of its Contract. */
const MONTH = /-[0-9]{4}-[0-9]{2}$/;

/**
 * The stream in which an object is recorded: that of its contract. A namespace without one has a stream of its own, so that nothing is lost; kinds of
 * the whole cluster have one together. No two of these can have one name.
 */
export function streamName(
  { kind, namespace, name }: Pick<RecordedObject, 'kind' | 'namespace' | 'name'>,
  contractOf: ContractOf,
): string {
  if (kind === 'Contract') return `contract-${name}`;
  if (kind === 'ServiceReport') return `contract-${name.replace(MONTH, '')}`;
  if (namespace === undefined || namespace === '') return CLUSTER;
  const contract = contractOf(namespace);
  return contract === undefined ? `namespace-${namespace}` : `contract-${contract}`;
}
