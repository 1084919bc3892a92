import type { ManagedApplicationSpec } from '../../api/managedapplication.ts';
import type { ProductParameter, ProductSpec } from '../../api/product.ts';
import { cut } from '../contract/excerpt.ts';
import { byteAmount } from './byteamount.ts';
import { matches, readPattern } from './textpattern.ts';

/** A value as its Product has it. */
export type ParameterValue =
  | { readonly type: 'Integer'; readonly number: number }
  | { readonly type: 'Bytes'; readonly bytes: number }
  | { readonly type: 'Switch'; readonly on: boolean }
  | { readonly type: 'Text'; readonly text: string };

/** Every parameter of a Product by its name, or why the order's cannot be taken: full sentences that name field and rule. */
export type ReadParameters =
  | { readonly parameters: ReadonlyMap<string, ParameterValue>; readonly refusals?: undefined }
  | { readonly parameters?: undefined; readonly refusals: readonly string[] };

/** The longest Text, in UTF-16 units. */
const LONGEST = 256;
const INTEGER = /^(0|-?[1-9]\d{0,15})$/;
/** What no line of a file has: control characters, what turns the direction of writing or is not seen, line ends of Unicode, halves of characters. */
const UNWRITABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Whether a text may stand in a line of a file at all. */
export function isWritable(text: string): boolean {
  return !UNWRITABLE.test(text);
}

/** What the customer sets of a Product, with the Product's own value for what he does not. */
export function readParameters(product: ProductSpec, given: ManagedApplicationSpec['parameters']): ReadParameters {
  const ordered = new Map(Object.entries(given ?? {}));
  const known = product.parameters ?? [];
  const refusals = [...ordered.keys()]
    .filter(name => !known.some(parameter => parameter.name === name))
    .map(name => refused(name, `${product.displayName} has no parameter of that name`));
  const parameters = new Map<string, ParameterValue>();
  for (const parameter of known) {
    const value = ordered.get(parameter.name);
    const read = valueFor(parameter, value);
    if (read.refusal === undefined) parameters.set(parameter.name, read.value);
    else refusals.push(refused(parameter.name, read.refusal));
  }
  return refusals.length > 0 ? { refusals } : { parameters };
}

function refused(name: string, why: string): string {
  return `spec.parameters.${cut(name, 63)}: ${why}.`;
}

/** One value, or the rule that it breaks. */
export type ReadValue =
  | { readonly value: ParameterValue; readonly refusal?: undefined }
  | { readonly value?: undefined; readonly refusal: string };

function valueFor(parameter: ProductParameter, ordered: string | number | undefined): ReadValue {
  if (ordered === undefined) return readValue(parameter, parameter.default);
  if (parameter.who === 'Provider') return { refusal: 'only the provider sets it' };
  return readValue(parameter, ordered);
}

/** A value by the rules of its parameter, whoever gives it. */
export function readValue(parameter: ProductParameter, given: string | number): ReadValue {
  switch (parameter.type) {
    case 'Integer':
      return readInteger(parameter, String(given));
    case 'Bytes':
      return readBytes(parameter, String(given));
    case 'Switch':
      return given === 'on' || given === 'off'
        ? { value: { type: 'Switch', on: given === 'on' } }
        : { refusal: `${quoted(given)} is neither "on" nor "off"` };
    case 'Text':
      return typeof given === 'string'
        ? readText(parameter, given)
        : { refusal: `${given} is a number: write the text in quotation marks` };
  }
}

function readInteger(parameter: ProductParameter, text: string): ReadValue {
  const number = Number(text);
  if (!INTEGER.test(text) || !Number.isSafeInteger(number)) return { refusal: `${quoted(text)} is not a whole number` };
  const refusal = outside(parameter, number, String);
  return refusal === undefined ? { value: { type: 'Integer', number } } : { refusal };
}

function readBytes(parameter: ProductParameter, text: string): ReadValue {
  const bytes = byteAmount(text);
  if (bytes === undefined)
    return { refusal: `${quoted(text)} is not a whole, positive quantity of bytes below 8Pi, e.g. 128Mi` };
  const refusal = outside(parameter, bytes, amount => `${amount} bytes`);
  return refusal === undefined ? { value: { type: 'Bytes', bytes } } : { refusal };
}

function outside(
  { minimum, maximum }: ProductParameter,
  number: number,
  said: (number: number) => string,
): string | undefined {
  if (minimum !== undefined && number < minimum) return `${said(number)} is less than the minimum of ${said(minimum)}`;
  if (maximum !== undefined && number > maximum) return `${said(number)} is more than the maximum of ${said(maximum)}`;
  return undefined;
}

function readText({ oneOf, pattern }: ProductParameter, text: string): ReadValue {
  if (text.length > LONGEST) return { refusal: `it has ${text.length} characters, and at most ${LONGEST} are taken` };
  if (!isWritable(text))
    return { refusal: `${quoted(text)} has a character in it that is not printed, such as a line feed or NUL` };
  if (oneOf !== undefined && !oneOf.includes(text))
    return { refusal: `${quoted(text)} is none of ${oneOf.map(quoted).join(', ')}` };
  if (pattern !== undefined && !admits(pattern, text))
    return { refusal: `${quoted(text)} is not what the pattern ${pattern} admits from beginning to end` };
  return { value: { type: 'Text', text } };
}

/** A pattern that cannot be read admits nothing. */
function admits(pattern: string, text: string): boolean {
  const read = readPattern(pattern);
  return 'pattern' in read && matches(read.pattern, text);
}

function quoted(value: string | number): string {
  return cut(JSON.stringify(String(value)), 80);
}
