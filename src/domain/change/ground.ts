import type { Contact, ContractSpec } from '../../api/contract.ts';

/** What a Contract tells of who may decide for its customer (GE-4). */
export type Ground = {
  /** Name of the Contract. */
  readonly contract: string;
  readonly contacts: readonly Pick<Contact, 'name' | 'user' | 'roles'>[];
  /** Programs that may state in whose name they write. */
  readonly bridges: NonNullable<ContractSpec['bridges']>;
};

/** Without a Contract the right at admission alone decides who the customer is. */
export type CustomerSide = Ground | 'NoContract' | 'NotReadable';
