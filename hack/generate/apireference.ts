import { INSTANT_PATTERN } from '../../src/api/common.ts';
import { DAY_PATTERN } from '../../src/api/day.ts';
import type { KindDefinition, ValidationRule } from '../../src/api/kind.ts';
import { kinds } from '../../src/api/kinds.ts';
import { MOMENT_PATTERN } from '../../src/api/moment.ts';
import { code, table } from './markdown.ts';
import type { Node } from './rewrite.ts';
import { structuralSchema } from './structuralschema.ts';

const introduction = `<!-- Generated from src/api by \`npm run generate\`: do not edit. -->

# API reference

What each field means together with the others, which objects follow from it and what the conditions say is in [spec/](spec/).
A name ending in \`[]\` is a list. Durations are written as in Go (\`26h\`, \`1h30m\`), sizes as Kubernetes quantities (\`20Gi\`),
instants as RFC 3339 in UTC. Unknown fields are refused under \`--validate=strict\`, kubectl's default.
`;

/** docs/api.md: one chapter per kind. */
export function generateApiReference(): Map<string, string> {
  return new Map([['docs/api.md', `${[introduction, ...kinds.map(chapter)].join('\n')}`]]);
}

function chapter(kind: KindDefinition): string {
  const spec = structuralSchema(kind.spec, 'spec');
  const status = structuralSchema(kind.status, 'status');
  const rules = [
    ...kind.validations.map(rule => ({ path: 'metadata.name', rule })),
    ...(kind.changeRules ?? []).map(({ fieldPath = '', ...rule }) => ({ path: fieldPath.slice(1), rule })),
    ...rulesOf(spec, 'spec'),
  ];
  return [
    `## ${kind.kind}`,
    '',
    kind.description,
    '',
    facts(kind),
    '',
    '### spec',
    '',
    table(['field', 'type', 'required or default', 'meaning'], fields(spec, 'spec').map(specRow)),
    '',
    '### Rules',
    '',
    'Checked when the object is written, by the API server itself.',
    '',
    table(['field', 'rule', 'on'], rules.map(ruleRow)),
    '',
    '### status',
    '',
    'Written by the operator only.',
    '',
    table(['field', 'type', 'meaning'], fields(status, 'status').map(statusRow)),
    '',
  ].join('\n');
}

function facts(kind: KindDefinition): string {
  const selectors = kind.selectableFields.map(path => `\`${path.slice(1)}\``).join(', ');
  return [
    `- \`apiVersion: ${kind.group}/${kind.version}\`, ${kind.namespaced ? 'namespaced' : 'cluster-scoped'}`,
    `- kubectl: \`${[kind.plural, kind.singular, ...kind.shortNames].join('`, `')}\`${kind.readBy === 'provider' ? '' : ', also in `kubectl get managed`'}`,
    `- \`--field-selector\` knows ${selectors}`,
  ].join('\n');
}

type Field = { readonly path: string; readonly node: Node; readonly required: boolean };

/** Every field below a node, parents first. */
function fields(node: Node, path: string): Field[] {
  const required = new Set((node.required as string[] | undefined) ?? []);
  return children(node).flatMap(([name, child]) => {
    const at = `${path}.${name}${child.type === 'array' ? '[]' : ''}`;
    return [{ path: at, node: child, required: required.has(name) }, ...fields(itemOf(child), at)];
  });
}

const children = (node: Node): [string, Node][] => Object.entries((node.properties ?? {}) as Record<string, Node>);
const itemOf = (node: Node): Node => (node.type === 'array' ? (node.items as Node) : node);

function specRow({ path, node, required }: Field): string[] {
  const need = node.default === undefined ? (required ? 'required' : '') : code(JSON.stringify(node.default));
  return [code(path), typeOf(node), need, String(node.description)];
}

const statusRow = ({ path, node }: Field): string[] => [code(path), typeOf(node), String(node.description)];

function typeOf(node: Node): string {
  if (node.type === 'array') return `${listOf(node)}${typeOf(node.items as Node)}`;
  if (Array.isArray(node.enum)) return node.enum.map(value => code(String(value))).join(', ');
  if (node.pattern === DAY_PATTERN.source) return 'day';
  if ([INSTANT_PATTERN.source, MOMENT_PATTERN.source].some(pattern => node.pattern === pattern)) return 'instant';
  if (node.type === 'integer') return `integer${between(node.minimum, node.maximum)}`;
  if (node.type === 'string') return `string, at most ${node.maxLength} characters`;
  return String(node.type);
}

function listOf(node: Node): string {
  const keys = node['x-kubernetes-list-map-keys'] as string[] | undefined;
  const sort = keys ? `list by ${keys.join(', ')}` : node['x-kubernetes-list-type'] === 'set' ? 'set' : 'list';
  return `${sort}, ${node.minItems ? `${node.minItems} to ` : 'at most '}${node.maxItems}, of `;
}

function between(minimum: unknown, maximum: unknown): string {
  if (minimum === undefined) return '';
  return maximum === undefined ? ` from ${minimum}` : `, ${minimum} to ${maximum}`;
}

type PlacedRule = { readonly path: string; readonly rule: ValidationRule };

function rulesOf(node: Node, path: string): PlacedRule[] {
  const own = ((node['x-kubernetes-validations'] ?? []) as ValidationRule[]).map(rule => ({
    path: path + (rule.fieldPath ?? ''),
    rule,
  }));
  const below = children(node).flatMap(([name, child]) => rulesOf(child, `${path}.${name}`));
  const items = node.type === 'array' ? rulesOf(node.items as Node, `${path}[]`) : [];
  return [...own, ...below, ...items];
}

function ruleRow({ path, rule }: PlacedRule): string[] {
  return [code(path), rule.message ?? code(rule.rule), rule.rule.includes('oldSelf') ? 'change' : 'every write'];
}
