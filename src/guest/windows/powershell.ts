import { excerpt } from '../../domain/contract/excerpt.ts';
import type { Answer } from '../transport/session.ts';

/** Windows' own PowerShell 5.1, by its place: another of that name in a folder of the path, or of the account, is not asked. */
const PROGRAM = String.raw`C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`;

/**
 * Reads four lines from standard input, in base64 so that no code page of the console changes anything: a script, its data as JSON, a secret
 * (`-` for none), and `end`, which says that all of it arrived. Only then it runs the script, with `$data` and `$secret`. `$input`, because the
 * host reads standard input itself where a command is given, so that a reader of our own would get a part of it.
 * PowerShell can be told to log scripts and what is given to its commands: the secret is neither, and only methods touch it.
 */
const BOOTSTRAP = `$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$mode = $ExecutionContext.SessionState.LanguageMode
if ("$mode" -ne 'FullLanguage') { "steward-refused $mode"; exit 66 }
# Where there is no console this fails; what we answer is ASCII in any case.
try { [Console]::OutputEncoding = New-Object Text.UTF8Encoding $false } catch { $mode = 'without a console' }
try {
  $lines = @($input)
  if ($lines.Count -ne 4 -or $lines[3] -cne 'end') { exit 65 }
  $data = ConvertFrom-Json ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($lines[1])))
  $secret = $lines[2]
  . ([ScriptBlock]::Create([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($lines[0]))))
}
catch { [Console]::Error.WriteLine("steward: $($_.Exception.Message)"); exit 70 }`;

/** The script as `-EncodedCommand` takes it. */
export function encodedCommand(script: string): string {
  return Buffer.from(script, 'utf16le').toString('base64');
}

/** The same for every guest and every script: it has no quotes, so that cmd and PowerShell, either of which may be sshd's shell, read it alike. */
export const POWERSHELL = [
  PROGRAM,
  '-NoLogo -NoProfile -NonInteractive -InputFormat Text -OutputFormat Text -EncodedCommand',
  encodedCommand(BOOTSTRAP),
].join(' ');

/** What {@link POWERSHELL} gets on standard input. */
export function standardInput(script: string, data: object, secret = ''): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return [base64(script), base64(JSON.stringify(data)), base64(secret) || '-', 'end', ''].join('\n');
}

/** Characters of the longest answer in base64: within what a session keeps, and more than any of ours has. */
const MOST_BASE64 = 240 * 1024;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The JSON in the one line `<nonce> <base64>`, out of all that shells, profiles and progress may say around it; two such lines are none.
 * Undefined where there is none. Never throws; what is in it is the guest's.
 */
export function ourAnswer(output: string, nonce: string): unknown {
  const ours = output.split(/\r?\n|\uFEFF/).filter(line => line.startsWith(`${nonce} `));
  const [line = '', ...more] = ours;
  const base64 = line.slice(nonce.length + 1);
  if (more.length > 0 || base64 === '' || base64.length > MOST_BASE64 || !BASE64.test(base64)) return undefined;
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** The functions by which a script answers. */
export const ANSWERING = `
function Write-Answer($Answer) {
  $json = ConvertTo-Json -InputObject $Answer -Compress -Depth 6
  [Console]::Out.WriteLine($data.nonce + ' ' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($json)))
  exit 0
}
`;

/** What was said instead of an answer, in the order in which it tells most. */
export function refusalOf({ stdout, stderr, exitCode, truncated }: Answer): string {
  if (truncated) return 'it said more than anybody reads';
  const [, mode] = /^steward-refused (\w{1,40})\r?$/m.exec(stdout) ?? [];
  if (mode !== undefined) return `PowerShell runs in the mode ${mode}, in which no script of ours does`;
  if (stdout.includes('\0')) return 'it answers in UTF-16';
  const words = excerpt(complaint(stderr), 160) || excerpt(stdout, 160);
  return words === ''
    ? `PowerShell said nothing and ended ${exitCode === undefined ? 'by a signal' : `with ${exitCode}`}`
    : `it said "${words}"`;
}

const CLIXML = '#< CLIXML';

/** Error texts; where the host has wrapped them into CLIXML, with its records of progress, only those of errors. */
function complaint(stderr: string): string {
  const start = stderr.indexOf(CLIXML);
  if (start === -1) return stderr;
  const errors = [...stderr.slice(start).matchAll(/<S S="Error">([^<]*)<\/S>/g)].map(([, text = '']) => plain(text));
  return `${stderr.slice(0, start)} ${errors.join('')}`;
}

const ENTITIES = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** Text of CLIXML: entities, and `_x000A_` for what XML cannot have. */
function plain(text: string): string {
  return text
    .replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => ENTITIES.get(name) ?? '');
}
