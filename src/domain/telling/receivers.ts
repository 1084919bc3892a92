/** Who is told of what: contacts by their roles, systems by what they ask for. */
import type { ContractSpec } from '../../api/contract.ts';
import type { Receiver } from '../../api/notice.ts';
import type { Hours, Language, NewsKind, ProviderWebhook, Webhook } from '../../api/telling.ts';
import { isOpen } from '../time/businesstime.ts';
import type { News } from './news.ts';

export type NamedContract = { readonly name: string; readonly spec: ContractSpec };

export type ProviderMail = {
  readonly name: string;
  readonly address: string;
  readonly news?: readonly NewsKind[] | undefined;
  readonly hours?: Hours | undefined;
};

/** The provider's side of telling, as his settings have it. */
export type ProviderSide = {
  readonly language: Language;
  readonly timeZone: string;
  /** Whether there is a server that takes mail; without one nobody is told by mail. */
  readonly sendsMail: boolean;
  readonly mails: readonly ProviderMail[];
  readonly webhooks: readonly ProviderWebhook[];
};

type Concern = Pick<News, 'kind' | 'roles' | 'calendar'>;

/** Everybody who is to be told now, each once. */
export function receiversOf(
  news: Concern,
  contract: NamedContract | undefined,
  provider: ProviderSide,
  now: Date,
): Receiver[] {
  const ofCustomers = contract === undefined ? [] : ofCustomer(news, contract, provider);
  const all = [...ofCustomers, ...ofProvider(news, provider, now)];
  return [...new Map(all.map(receiver => [receiverKey(receiver), receiver])).values()];
}

/** What tells receivers apart. A person who has two roles, or is named by both sides, is told once by each side. */
export function receiverKey({ way, contract = '', address, name }: Receiver): string {
  return JSON.stringify([way, contract, address?.toLowerCase() ?? name]);
}

/** Whether whom a notice names is still to be told anything: contacts go, and a copied or forged notice names whom it likes. */
export function isReceiver(receiver: Receiver, contract: NamedContract | undefined, provider: ProviderSide): boolean {
  if (receiver.way === 'Webhook') return webhookOf(receiver, contract, provider) !== undefined;
  const mails =
    receiver.contract === undefined
      ? provider.mails.map(({ address }) => address)
      : receiver.contract === contract?.name
        ? contract.spec.contacts.map(({ email }) => email)
        : [];
  return provider.sendsMail && mails.some(address => address === receiver.address);
}

/** The webhook that a notice names, as it is configured now. */
export function webhookOf(
  receiver: Receiver,
  contract: NamedContract | undefined,
  provider: ProviderSide,
): Webhook | undefined {
  if (receiver.contract === undefined) return provider.webhooks.find(({ name }) => name === receiver.name);
  if (receiver.contract !== contract?.name) return undefined;
  return contract.spec.webhooks?.find(({ name }) => name === receiver.name);
}

function ofCustomer(
  { kind, roles }: Concern,
  { name: contract, spec }: NamedContract,
  { sendsMail }: ProviderSide,
): Receiver[] {
  if (roles.length === 0) return [];
  const { language, timeZone, contacts, webhooks = [] } = spec;
  const told = contacts.filter(contact => contact.roles.some(role => roles.includes(role)));
  const common = { contract, language, timeZone };
  return [
    ...(sendsMail ? told : []).map(({ name, email }) => ({ way: 'Mail' as const, name, address: email, ...common })),
    ...webhooks.filter(asksFor(kind)).map(({ name }) => ({ way: 'Webhook' as const, name, ...common })),
  ];
}

function ofProvider({ kind, calendar }: Concern, provider: ProviderSide, now: Date): Receiver[] {
  const closed = calendar !== undefined && !isOpen(calendar, now);
  const isTime = ({ hours }: { readonly hours?: Hours | undefined }) => hours !== 'AsPromised' || !closed;
  const { language, timeZone, sendsMail, mails, webhooks } = provider;
  const common = { language, timeZone };
  return [
    ...(sendsMail ? mails : [])
      .filter(asksFor(kind))
      .filter(isTime)
      .map(({ name, address }) => ({ way: 'Mail' as const, name, address, ...common })),
    ...webhooks
      .filter(asksFor(kind))
      .filter(isTime)
      .map(({ name }) => ({ way: 'Webhook' as const, name, ...common })),
  ];
}

function asksFor(kind: NewsKind): (receiver: { readonly news?: readonly NewsKind[] | undefined }) => boolean {
  return ({ news }) => news === undefined || news.includes(kind);
}
