import { type Contract, ContractSpec, contract } from '../api/contract.ts';
import type { CustomerSide } from '../domain/change/ground.ts';
import { holderOf } from '../domain/contract/customer.ts';
import type { KubeObject } from '../runtime/api/object.ts';
import type { Reader } from '../runtime/pass/controller.ts';
import { namespacesOf, readOnce } from './contracts.ts';

const NAMESPACE_INDEX = 'claimants';
/** What a controller that asks for the customer's side must have of Contracts. */
export const CONTRACT_INDEXES = { [NAMESPACE_INDEX]: namespacesOf };

const agreedIn = readOnce(ContractSpec);

/** Who decides for the customer of a namespace (GE-4). What cannot be read is not the same as no Contract, with which the right alone decides. */
export function customerSideOf(read: Reader, namespace: string): CustomerSide {
  if (!read.available(contract)) return 'NotReadable';
  const holder = holderOf(read.byIndex<Contract & KubeObject>(contract, NAMESPACE_INDEX, namespace));
  if (holder === undefined) return 'NoContract';
  const { spec } = agreedIn(holder.spec);
  if (spec === undefined) return 'NotReadable';
  return { contract: holder.metadata.name, contacts: spec.contacts, bridges: spec.bridges ?? [] };
}
