/**
 * Texts of a Product with placeholders, `{{ parameters.NAME }}`. A placeholder stands for one value, and there is nothing else: no condition, no loop,
 * no expression. What is put in is never read for placeholders again.
 */
import type { FileFormat } from '../../api/productsteps.ts';
import { type Inserted, type Quoted, quote } from './quoting.ts';

export type Part = { readonly literal: string } | { readonly placeholder: string };

/** What placeholders stand for, by their names. */
export type Values = ReadonlyMap<string, Inserted>;

/** Stands for the SHA-256 of the binding's password: in files that nobody reads but the server. */
export const PASSWORD_HASH = 'binding.sha256';

/** Stands for the version line, in names too. */
export const LINE = '{{ line }}';

const PLACEHOLDER = /\{\{ ([a-z][a-z0-9_.]*) \}\}/;

/** Literal parts and names of placeholders, in turn. */
export function partsOf(template: string): readonly Part[] {
  return template
    .split(PLACEHOLDER)
    .map((text, index) => (index % 2 === 0 ? { literal: text } : { placeholder: text }))
    .filter(part => !('literal' in part) || part.literal !== '');
}

/** Names of the placeholders of a text, each once. */
export function placeholdersOf(template: string): readonly string[] {
  return [...new Set(partsOf(template).flatMap(part => ('placeholder' in part ? [part.placeholder] : [])))];
}

/** Whether something looks like a placeholder and is none, such as {{line}}. */
export function hasBrokenPlaceholder(template: string): boolean {
  return partsOf(template).some(part => 'literal' in part && part.literal.includes('{{'));
}

/** The text with each value in its place, quoted for the format; or the first that cannot stand there. */
export function rendered(template: string, format: FileFormat, values: Values): Quoted {
  const texts: string[] = [];
  for (const part of partsOf(template)) {
    const { text, problem } = 'literal' in part ? { text: part.literal } : inserted(part.placeholder, format, values);
    if (text === undefined) return { problem };
    texts.push(text);
  }
  return { text: texts.join('') };
}

function inserted(name: string, format: FileFormat, values: Values): Quoted {
  const value = values.get(name);
  if (value === undefined) return { problem: `{{ ${name} }} stands for nothing here` };
  const { text, problem } = quote(format, value);
  return text === undefined ? { problem: `the value of {{ ${name} }} cannot stand there: ${problem}` } : { text };
}
