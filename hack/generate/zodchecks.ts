import type { z } from 'zod';
import { isDeclaredCheck } from '../../src/api/rules.ts';
import { NotStructural } from './notstructural.ts';

type Check = { readonly _zod: { readonly def: { readonly check: string; readonly pattern?: RegExp } } };
type Definition = {
  readonly type: string;
  readonly checks?: readonly Check[];
  readonly pattern?: RegExp;
  readonly defaultValue?: unknown;
  readonly keyType?: { readonly _zod: { readonly def: { readonly type: string } } };
};

/** Kinds of zod schema of which JSON Schema keeps nothing, or something else than was meant. */
const refused: Readonly<Record<string, string>> = {
  any: 'z.any() has no type (rule 5)',
  unknown: 'z.unknown() has no type (rule 5)',
  date: 'z.date() is not JSON; use Moment, Instant or Day (rule 5)',
  bigint: 'z.bigint() is not JSON; use z.int() (rule 5)',
  transform: 'a transform changes the type (rule 5)',
  pipe: 'a pipe or transform changes the type (rule 5)',
  custom: 'z.custom() has no type (rule 5)',
  undefined: 'z.undefined() is not JSON (rule 5)',
  symbol: 'z.symbol() is not JSON (rule 5)',
  map: 'z.map() is not JSON; use z.record() (rule 5)',
  set: 'z.set() is not JSON; use stringSet() (rule 5)',
  union: 'a union gives oneOf or anyOf; use optional siblings and a CEL rule (rule 2)',
  intersection: 'an intersection gives allOf; use one object (rule 2)',
  lazy: 'a recursive schema needs $ref (rule 10)',
  nullable: 'null is not a value in our API; make it optional (rule 13)',
  null: 'null is not a value in our API (rule 13)',
  catch: '.catch() hides wrong input and leaks as a default (rule 14)',
};

/** Refuses what `z.toJSONSchema` loses silently, so that zod would be stricter than the API server. */
export function refuseWhatVanishes(schema: z.core.$ZodTypes, path: string): void {
  const definition = schema._zod.def as unknown as Definition;
  refuseKind(definition, path);
  if (definition.pattern) refusePattern(definition.pattern, path);
  for (const check of definition.checks ?? []) refuseCheck(check, path);
}

function refuseKind(definition: Definition, path: string): void {
  const why = isIntOrString(definition) ? undefined : refused[definition.type];
  if (why) throw new NotStructural(path, why);
  if (definition.type === 'record' && definition.keyType?._zod.def.type !== 'string') {
    throw new NotStructural(path, 'the keys of a record are lost unless they are plain strings (rule 6)');
  }
  if (definition.type === 'default' && typeof definition.defaultValue === 'object') {
    throw new NotStructural(path, '.default() skips the defaults inside; use .prefault() (rule 14)');
  }
}

/** The one union that the API has a keyword for. */
function isIntOrString(definition: Definition): boolean {
  if (definition.type !== 'union') return false;
  const options = (definition as unknown as { options: { _zod: { def: { type: string } } }[] }).options;
  const types = options.map(option => option._zod.def.type).sort();
  return types.length === 2 && types[0] === 'number' && types[1] === 'string';
}

function refuseCheck(check: Check, path: string): void {
  const { check: kind, pattern } = check._zod.def;
  if (kind === 'custom' && !isDeclaredCheck(check)) {
    throw new NotStructural(path, 'a refinement without CEL vanishes from the CRD; use withRules() (rule 12)');
  }
  if (kind === 'overwrite') throw new NotStructural(path, 'trimming or changing case is a transform (rule 5)');
  if (pattern) refusePattern(pattern, path);
}

/** CRD patterns are Go's RE2; what it lacks or reads differently is refused. */
function refusePattern(pattern: RegExp, path: string): void {
  if (pattern.flags !== '')
    throw new NotStructural(path, `the regular expression's flags ${pattern.flags} are lost (rule 8)`);
  if (/\(\?(<?[=!])/.test(pattern.source)) throw new NotStructural(path, 'RE2 has no look-around (rule 8)');
  if (/\\([1-9]|k<)/.test(pattern.source)) throw new NotStructural(path, 'RE2 has no back-references (rule 8)');
  if (/\\[sSuUpPbBcC]/.test(pattern.source)) {
    throw new NotStructural(path, 'RE2 reads \\s, \\b, \\u and \\p differently; name the ASCII characters (rule 8)');
  }
}
