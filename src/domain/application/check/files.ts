import type { ProductParameter, ProductSpec } from '../../../api/product.ts';
import type { FileFormat, ProductStep } from '../../../api/productsteps.ts';
import { isWritable } from '../parameters.ts';
import { isPlain } from '../quoting.ts';
import { hasBrokenPlaceholder, PASSWORD_HASH, placeholdersOf } from '../template.ts';
import { alphabetOf, type Range, readPattern } from '../textpattern.ts';
import { filesOf } from './steps.ts';

type File = NonNullable<ProductStep['file']>;

/** What is wrong with the contents of a Product's files. */
export function fileFaults(spec: ProductSpec): readonly string[] {
  return filesOf(spec).flatMap(({ step, file }) => [
    ...contentFaults(file, spec).map(fault => `spec.steps.${step.name}.file.content: ${fault}.`),
    ...changeFaults(file).map(fault => `spec.steps.${step.name}.file.onChange: ${fault}.`),
  ]);
}

function contentFaults(file: File, spec: ProductSpec): readonly string[] {
  const names = placeholdersOf(file.content);
  return [
    ...(isWritable(file.content.replaceAll(/[\n\t]/g, '')) ? [] : ['it has a character in it that is not printed']),
    ...(hasBrokenPlaceholder(file.content)
      ? ['it has {{ in it that begins no placeholder; one is written like {{ line }}']
      : []),
    ...names.filter(name => !isKnown(name, spec)).map(name => unknown(name, spec)),
    ...names.flatMap(name => valueFaults(name, file, spec)),
    ...(names.includes(PASSWORD_HASH) && !isClosed(file.mode)
      ? [`{{ ${PASSWORD_HASH} }} needs a mode of 0640 or stricter, and ${file.mode} lets others at it`]
      : []),
  ];
}

/** Whether its owner alone may write it, and nobody but its group reads it besides. */
function isClosed(mode: string): boolean {
  return (Number.parseInt(mode, 8) & ~0o640) === 0;
}

function isKnown(name: string, { interface: face, parameters = [] }: ProductSpec): boolean {
  if (name === 'line' || name === 'modules.preload') return true;
  if (name === 'interface.port') return face !== undefined;
  if (name === 'binding.username' || name === PASSWORD_HASH) return face?.username !== undefined;
  if (name === 'binding.database') return face?.database !== undefined;
  return parameters.some(parameter => name === `parameters.${parameter.name}`);
}

function unknown(name: string, { interface: face }: ProductSpec): string {
  if (name === 'file') return '{{ file }} stands for something in validate only';
  if (/^(interface|binding)\./.test(name) && face === undefined)
    return `{{ ${name} }} stands for nothing, because the Product has no interface`;
  return name.startsWith('parameters.')
    ? `{{ ${name} }} names a parameter that the Product does not have`
    : `{{ ${name} }} stands for nothing; known are line, parameters.NAME, modules.preload, interface.port, binding.username, binding.database and binding.sha256`;
}

/** Of a placeholder whose value is written between quotation marks, or must do without. */
function valueFaults(name: string, { content, format }: File, { parameters = [] }: ProductSpec): readonly string[] {
  const parameter = parameters.find(each => name === `parameters.${each.name}`);
  if (name !== 'modules.preload' && parameter?.type !== 'Text') return [];
  if (format === 'Plain')
    return parameter !== undefined && every(parameter, point => isPlain(String.fromCodePoint(point)))
      ? []
      : [`{{ ${name} }} may have other characters than a Plain file takes: letters, digits and . _ : / % @ + -`];
  return [
    ...(format === 'Nginx' && parameter !== undefined && !every(parameter, point => point !== DOLLAR)
      ? [`{{ ${name} }} may have a $, where nginx would put a variable`]
      : []),
    ...(standsAlone(content, name, format) ? [] : [`{{ ${name} }} ${ALONE[format]}, because it is quoted`]),
  ];
}

const DOLLAR = 0x24;

/** Whether every character that a Text may have is one of some; decided by its pattern or its oneOf, whichever says less. */
function every({ oneOf, pattern }: ProductParameter, allowed: (point: number) => boolean): boolean {
  if (oneOf !== undefined) return oneOf.every(value => [...value].every(each => allowed(each.codePointAt(0) ?? 0)));
  const read = readPattern(pattern ?? '');
  return 'pattern' in read && alphabetOf(read.pattern).every(range => everyIn(range, allowed));
}

function everyIn([first, last]: Range, allowed: (point: number) => boolean): boolean {
  for (let point = first; point <= last; point++) if (!allowed(point)) return false;
  return true;
}

type Quoting = Exclude<FileFormat, 'Plain'>;

const ALONE: Readonly<Record<Quoting, string>> = {
  PostgreSQL: 'must be all that stands behind the = of its line',
  Ini: 'must be all that stands behind the = of its line',
  Nginx: 'must stand between blanks, or before a ;, in a line without quotation marks and comments',
  Valkey: 'must stand between blanks, in a line without quotation marks and comments',
};

/** What may stand before and after a quoted value in its line. */
const AROUND: Readonly<Record<Quoting, readonly [before: RegExp, after: RegExp]>> = {
  PostgreSQL: [/^\s*[\w.]+\s*=\s*$/, /^\s*$/],
  Ini: [/^\s*[\w.-]+\s*=\s*$/, /^\s*$/],
  Nginx: [/^([^'"#]*\s)?$/, /^([\s;][^'"]*)?$/],
  Valkey: [/^[^'"#]*\s$/, /^(\s[^'"]*)?$/],
};

function standsAlone(content: string, name: string, format: Quoting): boolean {
  const [before, after] = AROUND[format];
  const placeholder = `{{ ${name} }}`;
  return content
    .split('\n')
    .filter(line => line.includes(placeholder))
    .every(line => {
      const at = line.indexOf(placeholder);
      return before.test(line.slice(0, at)) && after.test(line.slice(at + placeholder.length));
    });
}

function changeFaults({ content, unit, onChange }: File): readonly string[] {
  return [
    ...(unit === undefined && onChange !== 'Nothing'
      ? [`it is ${onChange}, and no unit is named that would be told`]
      : []),
    ...(unit !== undefined && onChange === 'Nothing' ? [`it is Nothing, so that unit ${unit} is never told`] : []),
    ...(placeholdersOf(content).includes('modules.preload') && onChange !== 'Restart'
      ? ['it must be Restart, because modules are loaded when the engine starts']
      : []),
  ];
}
