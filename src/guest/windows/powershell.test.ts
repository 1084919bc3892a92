import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../transport/session.ts';
import { ourAnswer, POWERSHELL, refusalOf, standardInput } from './powershell.ts';
import { windowsSettings } from './settings.ts';
import { windowsSteps } from './steps.ts';
import { RUNNER } from './stepscripts.ts';
import { anyText, windowsDesired } from './windows.fixtures.ts';

const NONCE = 'n0nce';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const line = (value: unknown): string => `${NONCE} ${base64(JSON.stringify(value))}`;
const said = (change: Partial<Answer>): Answer => ({
  ...{ exitCode: 0, signal: undefined, stdout: '', stderr: '', truncated: false, ...change },
});

/** Most characters of a command that cmd.exe, sshd's shell in Windows, reads; it cuts off the rest. */
const LONGEST_COMMAND = 8191;
/** OpenSSH's window of a channel; a script goes through it in one go. */
const WINDOW = 2 * 1024 * 1024;

describe('what a Windows guest is told', () => {
  it('is one command for all, that cmd and PowerShell read alike and that is within what cmd takes', () => {
    expect(POWERSHELL.length).toBeLessThan(LONGEST_COMMAND / 2);
    expect(POWERSHELL).toMatch(/^C:\\Windows\\System32\\[\w\\.]+\\powershell\.exe( -\w+( Text)?)+ [A-Za-z0-9+/]+=*$/);
  });

  it('comes on standard input, in characters that every code page has, and says at its end that it is whole', () => {
    const input = standardInput("'ü' | x", { name: 'ß' }, 'geheim ö');
    expect(input).toMatch(/^[A-Za-z0-9+/=]+\n[A-Za-z0-9+/=]+\n[A-Za-z0-9+/=]+\nend\n$/);
    expect(standardInput('x', {})).toBe(`${base64('x')}\n${base64('{}')}\n-\nend\n`);
  });

  it('is as long as this, of which no part is an argument', () => {
    const step = { id: 'configure-7', script: windowsSettings.healScript(windowsDesired, ['updater']), remembered: [] };
    const fence = { generation: 7, bootId: '11111111-1111-4111-8111-111111111111' };
    const lengths = [
      windowsSteps.ask('configure-7', 7, NONCE),
      windowsSteps.begin(step, fence, NONCE),
      windowsSettings.lookScript(windowsDesired, NONCE, new Date(0)),
    ].map(text => text.length);
    expect(Math.min(...lengths)).toBeGreaterThan(LONGEST_COMMAND / 2);
    expect(Math.max(...lengths)).toBeLessThan(WINDOW / 20);
  });

  it('has a secret in a line of its own, which is no script, no data and no argument (GE-8)', () => {
    const secret = 'sentinel-4711';
    const fence = { generation: 7, bootId: '11111111-1111-4111-8111-111111111111' };
    const [script = '', data = '', third = ''] = windowsSteps
      .begin({ id: 'a', script: 'x', input: secret }, fence, NONCE)
      .split('\n')
      .map(text => Buffer.from(text, 'base64').toString());
    expect(third).toBe(secret);
    expect(`${script}${data}`).not.toContain(secret);
    // What PowerShell logs, where it is told to, are scripts, and what is given to commands: only methods touch the secret.
    const touched = `${script}\n${RUNNER}`.split('\n').filter(text => /\$secret|\$StewardInput/.test(text));
    expect(touched.map(text => text.trim())).toEqual([
      "[IO.File]::WriteAllBytes((Join-Path $new 'input'), [Convert]::FromBase64String($secret.Trim('-')))",
      "$StewardInput = [IO.File]::ReadAllText((Join-Path $step 'input'))",
    ]);
  });
});

describe('the answer of a Windows guest', () => {
  it.each([
    ['alone', line({ a: 1 })],
    ['with the ends of lines of Windows', `${line({ a: 1 })}\r\n`],
    ['after a banner of cmd', `Microsoft Windows [Version 10.0.26100.1]\r\n(c) Microsoft\r\n\r\n${line({ a: 1 })}\r\n`],
    ['after the mark of an encoding', `\uFEFF\r\n${line({ a: 1 })}\r\n`],
  ])('is found %s', (_, output) => {
    expect(ourAnswer(output, NONCE)).toEqual({ a: 1 });
  });

  it.each([
    ['twice', `${line({})}\n${line({})}`],
    ['cut off', line({ words: 'x'.repeat(100) }).slice(0, 60)],
    ['of another', line({}).replace(NONCE, 'other')],
    ['no JSON', `${NONCE} ${base64('{"a":')}`],
    ['no base64', `${NONCE} $(reboot)`],
    ['empty', `${NONCE} `],
    ['in UTF-16', Buffer.from(line({}), 'utf16le').toString('utf8')],
    ['larger than any of ours', `${NONCE} ${base64(JSON.stringify('x'.repeat(190_000)))}`],
  ])('is none where it is %s', (_, output) => {
    expect(ourAnswer(output, NONCE)).toBeUndefined();
  });

  it('is read or not read, whatever was said, and never thrown at', () => {
    fc.assert(
      fc.property(fc.string(), fc.json(), (noise, json) => {
        expect(() => ourAnswer(`${noise}\n${NONCE} ${base64(json)}`, NONCE)).not.toThrow();
      }),
    );
    expect(ourAnswer(`${NONCE} ${base64('['.repeat(90_000))}`, NONCE)).toBeUndefined();
  });
});

describe('a Windows guest that refuses', () => {
  const clixml = (text: string) =>
    `#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04"><Obj S="progress" RefId="0"><TN RefId="0"><T>System.Management.Automation.PSCustomObject</T></TN><MS><I64 N="SourceId">1</I64><PR N="Record"><AV>Preparing modules for first use.</AV><AI>0</AI><Nil /><PI>-1</PI><PC>-1</PC><T>Completed</T><SR>-1</SR><SD> </SD></PR></MS></Obj>${text}</Objs>`;
  it.each<[string, Partial<Answer>, string]>([
    [
      'the language',
      { stdout: 'steward-refused ConstrainedLanguage\r\n', exitCode: 66 },
      'PowerShell runs in the mode ConstrainedLanguage, in which no script of ours does',
    ],
    [
      'PowerShell',
      {
        stderr: 'This program is blocked by group policy. For more information, contact your system administrator.\r\n',
        exitCode: 1,
      },
      'it said "This program is blocked by group policy. For more information, contact your system administrator"',
    ],
    [
      'a program',
      {
        stderr:
          "'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n",
        exitCode: 1,
      },
      'it said "\'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe\' is not recognized as an internal or external command, operable program or batch file"',
    ],
    [
      'scripts',
      {
        stderr:
          'File C:\\x.ps1 cannot be loaded because running scripts is disabled on this system. For more information, see about_Execution_Policies.\r\n',
        exitCode: 1,
      },
      'it said "File C:\\x.ps1 cannot be loaded because running scripts is disabled on this system. For more information, see about_Execution_Policies"',
    ],
    [
      'access',
      { stderr: 'steward: Access to the path is denied.\r\n', exitCode: 70 },
      'it said "steward: Access to the path is denied"',
    ],
    [
      'access, in CLIXML',
      {
        stderr: clixml(
          '<S S="Error">Get-Process : Access is denied &lt;5&gt;_x000D__x000A_</S><S S="Error">At line:1_x000D__x000A_</S>',
        ),
        exitCode: 1,
      },
      'it said "Get-Process : Access is denied <5> At line:1"',
    ],
    ['nothing but with progress', { stderr: clixml(''), exitCode: 65 }, 'PowerShell said nothing and ended with 65'],
    ['to end', { exitCode: undefined, signal: 'KILL' }, 'PowerShell said nothing and ended by a signal'],
    ['UTF-8', { stdout: Buffer.from(line({}), 'utf16le').toString('utf8') }, 'it answers in UTF-16'],
    ['to be brief', { stdout: 'x'.repeat(5000), truncated: true }, 'it said more than anybody reads'],
  ])('%s is quoted in bounded words', (_, answer, words) => {
    expect(refusalOf(said(answer))).toBe(words);
  });

  it('is quoted in one line without control characters, whatever it said', () => {
    fc.assert(
      fc.property(anyText, anyText, (stdout, stderr) => {
        expect(refusalOf(said({ stdout, stderr: `${stderr}#< CLIXML${stderr}` }))).toMatch(
          /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,300}$/u,
        );
      }),
    );
  });
});
