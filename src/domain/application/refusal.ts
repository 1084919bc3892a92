import type { ManagedApplication } from '../../api/managedapplication.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { OperatingSystem } from '../../api/operatingsystem.ts';
import type { ProductSpec } from '../../api/product.ts';
import { instant } from '../contract/condition.ts';
import { type Finding, failed } from '../contract/finding.ts';
import { systemNameOf } from '../contract/system.ts';
import { supportedUntil } from './supported.ts';

export type EarlierApplication = {
  readonly application: ManagedApplication;
  /** Its catalogue entry; undefined: there is none of that name any more, or it cannot be read. */
  readonly product: ProductSpec | undefined;
};

/** What an order of an application is judged by. */
export type OrderFacts = {
  /** Absent: there is none of that name. */
  readonly product?: ProductSpec | undefined;
  /** What is wrong with the catalogue entry; empty where it can be ordered. */
  readonly productFaults: readonly string[];
  readonly managedVM?: ManagedVM | undefined;
  readonly operatingSystem?: OperatingSystem | undefined;
  /** Other applications on the same VM, the older ones: an order is refused for what was there before it. */
  readonly earlier: readonly EarlierApplication[];
  /** Products that the customer's Contract agrees on one by one; undefined where he has none. */
  readonly agreed: readonly string[] | undefined;
};

/** Why an application cannot be ordered so: each a rule of the service, with the requirement that it comes from. */
export function refusalOf(application: ManagedApplication, facts: OrderFacts, now: Date): Finding | undefined {
  const { product } = facts;
  const { spec, status } = application;
  if (product === undefined)
    return failed('ProductNotFound', `There is no Product ${spec.product} in the catalogue (AP-8).`);
  if (facts.productFaults.length > 0)
    return failed(
      'ProductNotReady',
      `Product ${spec.product} cannot be ordered until the provider has put it right: ${facts.productFaults[0]}`,
    );
  // What is installed stays, whatever is offered today.
  const isNew = status?.plan === undefined;
  return (
    offerRefusal(application, product, facts) ??
    vmRefusal(application, product, facts) ??
    moduleRefusal(application, product) ??
    (isNew ? lineRefusal(application, product, facts, now) : undefined)
  );
}

function offerRefusal({ spec }: ManagedApplication, product: ProductSpec, { agreed }: OrderFacts): Finding | undefined {
  if (!product.levels.includes(spec.serviceLevel))
    return failed(
      'LevelNotOffered',
      `spec.serviceLevel: ${product.displayName} is offered at ${product.levels.join(', ')}, not at ${spec.serviceLevel}.`,
    );
  if (product.agreement === 'ByAgreement' && agreed?.includes(spec.product) !== true)
    return failed(
      'NotAgreed',
      `spec.product: ${product.displayName} is supported by agreement only, and no Contract of this namespace names it in spec.products (AP-8).`,
    );
  return undefined;
}

function vmRefusal(application: ManagedApplication, product: ProductSpec, facts: OrderFacts): Finding | undefined {
  const { managedVM, operatingSystem, earlier } = facts;
  const [name] = application.spec.managedVMs;
  if (managedVM === undefined)
    return failed(
      'ManagedVMNotFound',
      `spec.managedVMs: there is no ManagedVM ${name} in this namespace that can be read.`,
    );
  if (managedVM.spec.serviceLevel === 'Admin')
    return failed(
      'LevelTooLow',
      `spec.managedVMs: ManagedVM ${name} is at Admin; an application needs Monitoring & Patching or higher (AP-7).`,
    );
  if (operatingSystem !== undefined && operatingSystem.spec.family === 'Windows')
    return failed('SystemNotOffered', `spec.managedVMs: ManagedVM ${name} runs Windows, where no Product is offered.`);
  const conflict = earlier.find(each => conflicts(application, product, each))?.application;
  if (conflict !== undefined)
    return failed(
      'Conflict',
      `spec.managedVMs: ManagedApplication ${conflict.metadata.name} (${conflict.spec.product}) runs on ManagedVM ${name} already, and the two cannot share one.`,
    );
  return undefined;
}

/** Two of one product share files and port; others where the entry of either says so. */
function conflicts({ spec }: ManagedApplication, { conflicts: ours = [] }: ProductSpec, earlier: EarlierApplication) {
  const { product: other } = earlier.application.spec;
  const { conflicts: theirs = [] } = earlier.product ?? {};
  return other === spec.product || ours.includes(other) || theirs.includes(spec.product);
}

function moduleRefusal({ spec }: ManagedApplication, { displayName, modules = [] }: ProductSpec): Finding | undefined {
  const unknown = spec.modules?.find(name => !modules.some(module => module.name === name));
  if (unknown !== undefined)
    return failed(
      'ModuleNotSupported',
      `spec.modules: ${unknown} is none that is supported with ${displayName}; it would be customisation (GE-10).`,
    );
  const onRequest = spec.modules?.find(name =>
    modules.some(each => each.name === name && each.supported === 'OnRequest'),
  );
  return onRequest === undefined
    ? undefined
    : failed('ModuleNotAgreed', `spec.modules: ${onRequest} is supported on request only: ask the provider (GE-10).`);
}

function lineRefusal(
  { spec }: ManagedApplication,
  product: ProductSpec,
  { managedVM, operatingSystem }: OrderFacts,
  now: Date,
): Finding | undefined {
  const line = product.lines.find(({ name }) => name === spec.line);
  const offered = product.lines.map(({ name }) => name).join(', ');
  if (line === undefined)
    return failed('LineNotOffered', `spec.line: ${product.displayName} is offered in ${offered}, not in ${spec.line}.`);
  if (line.blocked !== undefined)
    return failed('LineBlocked', `spec.line: ${product.displayName} ${line.name} may not be ordered: ${line.blocked}.`);
  const system = systemNameOf(managedVM ?? {});
  if (!line.operatingSystems.some(({ name }) => name === system))
    return failed(
      'SystemNotOffered',
      `spec.line: ${product.displayName} ${line.name} is offered on ${line.operatingSystems.map(({ name }) => name).join(', ')}, not on ${system}.`,
    );
  const until = supportedUntil(product, line, system, operatingSystem);
  return now < until.at
    ? undefined
    : failed(
        'LineEnded',
        `spec.line: support of ${product.displayName} ${line.name} ended at ${instant(until.at)} (${until.by}); it is not sold any more (GE-9).`,
      );
}
