import type { FileFormat } from '../../api/productsteps.ts';
import { isWritable, type ParameterValue } from './parameters.ts';

/** What stands for a placeholder: a value that is quoted by the file's format, or a word of letters, digits and . _ - that stands as it is in any. */
export type Inserted = ParameterValue | { readonly type: 'Word'; readonly word: string };

/** Text of a file, or why a value cannot stand in it: a sentence without its beginning and end. */
export type Quoted =
  | { readonly text: string; readonly problem?: undefined }
  | { readonly text?: undefined; readonly problem: string };

type TextQuoting = (text: string) => Quoted;

/** How each format writes a Text so that its reader reads the same one, and nothing else on the line. */
const TEXTS: Readonly<Record<FileFormat, TextQuoting>> = {
  // guc-file.l: a quote is doubled, and a backslash would begin an escape.
  PostgreSQL: text => ({ text: `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'` }),
  // MariaDB's my_default.c: between quotation marks a # begins no comment; \\ and \" are read back.
  Ini: text => ({ text: inDoubleQuotes(text) }),
  // ngx_conf_read_token: ; { } # are plain between quotation marks. A variable is replaced even there, and nothing escapes it.
  Nginx: text =>
    text.includes('$')
      ? { problem: 'it has a $ in it, where nginx would put a variable' }
      : { text: inDoubleQuotes(text) },
  // sdssplitargs: between double quotes a backslash escapes.
  Valkey: text => ({ text: inDoubleQuotes(text) }),
  Plain: text =>
    isPlain(text) ? { text } : { problem: 'it has other characters in it than letters, digits and . _ : / % @ + -' },
};

/** yes and no: what Valkey's switches are called. */
const SWITCHES: Readonly<Partial<Record<FileFormat, readonly [on: string, off: string]>>> = { Valkey: ['yes', 'no'] };

/** A value as a file of some format has it. */
export function quote(format: FileFormat, value: Inserted): Quoted {
  switch (value.type) {
    case 'Word':
      return { text: value.word };
    case 'Integer':
      return { text: String(value.number) };
    case 'Bytes':
      return { text: format === 'PostgreSQL' ? kilobytes(value.bytes) : String(value.bytes) };
    case 'Switch': {
      const [on, off] = SWITCHES[format] ?? ['on', 'off'];
      return { text: value.on ? on : off };
    }
    case 'Text':
      return isWritable(value.text)
        ? TEXTS[format](value.text)
        : { problem: 'it has a character in it that is not printed, such as a line feed or NUL' };
  }
}

/** Whether a text may stand in a Plain file. */
export function isPlain(text: string): boolean {
  return /^[A-Za-z0-9._:/%@+-]*$/.test(text);
}

function inDoubleQuotes(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** PostgreSQL reads a number without unit in the parameter's own, which is 8 kB here and 1 kB there. */
function kilobytes(bytes: number): string {
  return bytes % 1024 === 0 ? `${bytes / 1024}kB` : `${bytes}B`;
}
