import { ManagedApplicationSpec } from '../../src/api/managedapplication.ts';
import type { ProductSpec } from '../../src/api/product.ts';
import { bindingSecret } from '../../src/domain/application/children.ts';
import { includedSection } from './catalogueincluded.ts';
import { backupSection, measuredSection, remedySection } from './cataloguekept.ts';
import { linesSection, testedSection } from './cataloguelines.ts';
import { bullets, code, table } from './markdown.ts';
import { type Entry, shippedProducts } from './products.ts';

/** docs/catalogue: a page for customers of each entry of config/products. */
export function generateCatalogue(): Map<string, string> {
  return new Map(shippedProducts().map(entry => [`docs/catalogue/${entry.name}.md`, page(entry)]));
}

function page({ file, name, spec }: Entry): string {
  const sections = [
    includedSection(spec),
    excluded(spec),
    linesSection(spec),
    settings(spec),
    modules(spec),
    reached(spec),
    measuredSection(spec),
    backupSection(spec),
    remedySection(spec),
    testedSection(spec),
  ];
  return `# ${spec.displayName}

<!-- Generated from ${file} by \`npm run generate\`: do not edit. -->

${spec.displayName}, by ${spec.vendor}, installed, set up, kept up to date and measured in a VM of yours. Order it as \`product: ${name}\`: [how](../applications.md).${licensed(spec)}

${sections.filter(section => section !== undefined).join('\n\n')}
`;
}

const COUNTED = { PerVM: 'by the VM', PerVCPU: 'by the virtual CPUs of the VM', PerInstance: 'by the order' } as const;

function licensed({ licence }: ProductSpec): string {
  if (licence?.commercial === undefined)
    return licence?.spdx === undefined ? '' : ` Its licence is free: ${licence.spdx} (AP-1).`;
  const { metric, billed } = licence.commercial;
  return ` Its licence costs and is counted ${COUNTED[metric]}${billed ? ', billed beside the service' : ', and included in the service'} (AP-1).`;
}

function excluded({ notIncluded = [], levels }: ProductSpec): string {
  return `## What is not included
${bullets([
  ...notIncluded,
  'Logging in to the VM, and root in it: the provider alone has both (AP-9).',
  'Parameters and modules that are not on this page (GE-10).',
  ...(levels.includes('Basic') ? ['At Basic: performance monitoring and remediation (AP-3 to AP-5).'] : []),
  ...(levels.includes('Advanced') ? ['At Advanced: remediation outside of core hours (AP-4).'] : []),
])}`;
}

const APPLIES = {
  Reload: 'at once',
  Restart: 'in your window, by a restart',
  FirstInstall: 'never: at the first installation only',
} as const;

type Parameter = NonNullable<ProductSpec['parameters']>[number];

function settings({ parameters = [] }: ProductSpec): string | undefined {
  const yours = parameters.filter(({ who }) => who === 'Customer');
  const ours = parameters.filter(({ who }) => who === 'Provider').map(({ name }) => code(name));
  const rows = yours.map(each => [
    ...[code(each.name), boundsOf(each), each.default === '' ? 'empty' : code(each.default)],
    ...[APPLIES[each.apply], each.description ?? ''],
  ]);
  return parameters.length === 0
    ? undefined
    : `## What you may set
${table(['parameter', 'values', 'default', 'a change takes effect', 'meaning'], rows)}${ours.length === 0 ? '' : `\n\nSet by the provider alone: ${ours.join(', ')}.`}`;
}

function boundsOf({ type, minimum, maximum, oneOf, pattern }: Parameter): string {
  if (type === 'Switch') return '`on`, `off`';
  if (oneOf !== undefined) return oneOf.map(code).join(', ');
  if (pattern !== undefined) return `text like ${code(pattern)}`;
  const written = (bound: number) => (type === 'Bytes' ? quantity(bound) : `${bound}`);
  const least = minimum === undefined ? '' : `from ${written(minimum)}`;
  return `${least}${maximum === undefined ? '' : ` to ${written(maximum)}`}`.trim();
}

/** Bytes in the largest unit that has a whole number of them. */
function quantity(bytes: number): string {
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti'];
  const power = units.findLastIndex((_, index) => bytes % 1024 ** index === 0);
  return `${bytes / 1024 ** power}${units[power]}`;
}

function modules({ modules: known = [] }: ProductSpec): string | undefined {
  const notes = ({ preload, supported }: (typeof known)[number]) =>
    [...(preload ? ['takes a restart'] : []), ...(supported === 'OnRequest' ? ['on request'] : [])].join(', ');
  const named = known.map(each => `${code(each.name)}${notes(each) === '' ? '' : ` (${notes(each)})`}`);
  return known.length === 0
    ? undefined
    : `## Modules
Supported, and kept up to date with it (AP-2): ${named.join(', ')}. Any other that is found is customisation, and not supported (GE-10).`;
}

/** The keys are those of a Secret made as for an order. */
function reached({ interface: face }: ProductSpec): string | undefined {
  if (face === undefined) return undefined;
  const order = {
    ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'ManagedApplication' },
    metadata: { name: 'orders', namespace: 'acme' },
    spec: ManagedApplicationSpec.parse({ product: 'any', line: '1', managedVMs: ['vm'], serviceLevel: 'Basic' }),
  };
  const { data } = bindingSecret(order, face, { password: '', salt: '' });
  const keys = Object.keys(data ?? {}).map(code);
  return `## How it is reached
At port ${face.port} of a Service that has the name of your order, in your namespace. The Secret \`<order>-binding\`, of type \`servicebinding.io/${face.type}\`, has ${keys.join(', ')} (AP-10).`;
}
