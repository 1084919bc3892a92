/**
 * Payload templates: a JSON document whose texts have named placeholders. There is no logic but the choice by a value, and no text is ever
 * parsed as JSON, so that no value, whoever wrote it, can be more than the text of one field.
 */
import { at, isFields } from '../contract/json.ts';

/** What may stand between {{ and }}, besides values.NAME. */
export const PLACEHOLDERS = [
  ...['id', 'news', 'action', 'severity', 'topic', 'at', 'atUTC', 'title', 'text', 'language', 'contract', 'receiver'],
  ...['subject.kind', 'subject.namespace', 'subject.name', 'subject.uid', 'subject.key', 'facts.priority'],
] as const;

/** Values by placeholder. */
export type Values = ReadonlyMap<string, string>;

const DEEPEST = 16;
const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;
/** How a value is written for a field that its receiver reads as markup. */
const FILTERS = new Map<string, (text: string) => string>([
  ['html', text => text.replace(/[&<>"']/g, each => `&#${each.charCodeAt(0)};`)],
  ['wiki', text => text.replace(/[\\{}[\]!|*_~^]/g, each => `\\${each}`)],
]);

/** What is wrong with a template, for who wrote it; undefined: nothing. */
export function templateProblem(template: unknown): string | undefined {
  return problemAt(template, '$', 0);
}

function problemAt(node: unknown, path: string, depth: number): string | undefined {
  if (depth > DEEPEST) return `${path} is deeper than ${DEEPEST}`;
  if (typeof node === 'string') return placeholderProblem(node, path);
  if (node === null || typeof node === 'number' || typeof node === 'boolean') return undefined;
  if (Array.isArray(node)) return first(node.map((item, index) => problemAt(item, `${path}[${index}]`, depth + 1)));
  if (!isFields(node)) return `${path} is no JSON`;
  if (Object.hasOwn(node, '$choose')) return choiceProblem(node, path, depth);
  const strange = Object.keys(node).find(name => name.startsWith('$') && name !== '$json');
  if (strange !== undefined) return `${path}.${strange}: no such construct; known are $choose and $json`;
  if (Object.hasOwn(node, '$json') && Object.keys(node).length > 1) return `${path}: $json stands alone`;
  return first(Object.entries(node).map(([name, value]) => problemAt(value, `${path}.${name}`, depth + 1)));
}

function choiceProblem(node: Readonly<Record<string, unknown>>, path: string, depth: number): string | undefined {
  const { $choose: by, cases, otherwise, ...rest } = node;
  if (Object.keys(rest).length > 0 || otherwise === undefined)
    return `${path}: a choice has $choose, cases and otherwise, and nothing else`;
  if (typeof by !== 'string' || !isKnown(by)) return `${path}.$choose: there is no value ${String(by)}`;
  if (!Array.isArray(cases)) return `${path}.cases is no list`;
  const problems = cases.map((each, index) =>
    typeof at(each, 'is') === 'string' && isFields(each) && Object.keys(each).length === 2
      ? problemAt(at(each, 'then'), `${path}.cases[${index}].then`, depth + 1)
      : `${path}.cases[${index}]: a case has is and then`,
  );
  return first([...problems, problemAt(otherwise, `${path}.otherwise`, depth + 1)]);
}

function placeholderProblem(text: string, path: string): string | undefined {
  const wrong = [...text.matchAll(PLACEHOLDER)].find(([, inner = '']) => {
    const [name = '', filter] = inner.split('|');
    return !isKnown(name) || (filter !== undefined && !FILTERS.has(filter));
  });
  return wrong === undefined ? undefined : `${path}: there is no ${wrong[0]}`;
}

function isKnown(name: string): boolean {
  return /^values\.[a-zA-Z][a-zA-Z0-9]*$/.test(name) || PLACEHOLDERS.some(known => known === name);
}

function first(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find(problem => problem !== undefined);
}

/** Values of the receiver's own that a template asks for, by their names. */
export function valuesAsked(template: unknown): string[] {
  const found = [...JSON.stringify(template).matchAll(/\{\{values\.([a-zA-Z][a-zA-Z0-9]*)/g)];
  return [...new Set(found.map(([, name = '']) => name))];
}

/** The document, as JSON. `template` has no problem. */
export function rendered(template: unknown, values: Values): string {
  return JSON.stringify(filled(template, values));
}

function filled(node: unknown, values: Values): unknown {
  if (typeof node === 'string')
    return node.replace(PLACEHOLDER, (_, inner: string) => {
      const [name = '', filter = ''] = inner.split('|');
      return (FILTERS.get(filter) ?? same)(values.get(name) ?? '');
    });
  if (Array.isArray(node)) return node.map(item => filled(item, values));
  if (!isFields(node)) return node;
  if (Object.hasOwn(node, '$json')) return JSON.stringify(filled(node.$json, values));
  if (Object.hasOwn(node, '$choose')) {
    const value = values.get(String(node.$choose)) ?? '';
    const cases = Array.isArray(node.cases) ? node.cases : [];
    const found = cases.find(each => at(each, 'is') === value);
    return filled(found === undefined ? node.otherwise : at(found, 'then'), values);
  }
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, filled(value, values)]));
}

function same(text: string): string {
  return text;
}
