import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it } from 'vitest';
import { Language, type Node, Parser } from 'web-tree-sitter';
import { FIRST_BOOT_SCRIPT } from '../../domain/machine/firstboot/windows-script.ts';
import { windowsUpdate } from '../packages/windowsupdate.ts';
import {
  WINDOWS_INSTALL,
  WINDOWS_PREFLIGHT,
  WINDOWS_READ_BACK,
  WINDOWS_REBOOT,
  WINDOWS_SCAN,
} from '../packages/windowsupdatescripts.ts';
import { AUTOMATIC_VARIABLES, CMDLETS, STATIC_MEMBERS, UPDATE_MEMBERS } from './cmdlets.fixtures.ts';
import { HEAL } from './healscript.ts';
import { LOOK } from './lookscript.ts';
import { POWERSHELL } from './powershell.ts';
import { SENSORS } from './sensorscript.ts';
import { windowsSettings } from './settings.ts';
import { windowsSteps } from './steps.ts';
import { ASK, BEGIN, OUTPUT, RUNNER } from './stepscripts.ts';
import { windowsDesired } from './windows.fixtures.ts';

const bootstrap = Buffer.from(POWERSHELL.split(' ').at(-1) ?? '', 'base64').toString('utf16le');

/** Each script with the variables that are set before it runs. */
const UPDATE_SCRIPTS: readonly (readonly [string, string, readonly string[]])[] = [
  ['the scan for updates', WINDOWS_SCAN, []],
  ['the checks before updates', WINDOWS_PREFLIGHT, []],
  ['the installation of updates', WINDOWS_INSTALL, ['data']],
  ['the reading back of updates', WINDOWS_READ_BACK, ['data']],
  ['the restart', WINDOWS_REBOOT, []],
];
const SCRIPTS: readonly (readonly [string, string, readonly string[]])[] = [
  ['the command', bootstrap, []],
  ['the question after a step', ASK, ['data', 'secret']],
  ['the start of a step', BEGIN, ['data', 'secret']],
  ['the runner of a step', RUNNER, ['step']],
  ['what a step said', OUTPUT, ['data']],
  ...UPDATE_SCRIPTS,
  ['the look', LOOK, ['data']],
  ['the heal', HEAL, ['data']],
  ['the sensor for events', SENSORS, []],
  ['first boot', FIRST_BOOT_SCRIPT, ['encoded']],
];

let parser: Parser;
beforeAll(async () => {
  await Parser.init();
  const grammar = createRequire(import.meta.url).resolve('tree-sitter-powershell/tree-sitter-powershell.wasm');
  parser = new Parser().setLanguage(await Language.load(grammar));
});

const trees = new Map<string, Node>();
function parsed(script: string): Node {
  const root = trees.get(script) ?? parser.parse(script)?.rootNode;
  if (root === undefined) throw new Error('no tree');
  trees.set(script, root);
  return root;
}

const nodesOf = (node: Node, type: string): readonly Node[] =>
  node.descendantsOfType(type).filter(found => found !== null);

/** Where a script is no PowerShell: line and what stands there. */
function mistakes(script: string): readonly string[] {
  const wrong = (node: Node): readonly Node[] =>
    node.isError || node.isMissing ? [node] : node.children.filter(child => child !== null).flatMap(wrong);
  return wrong(parsed(script)).map(({ startPosition, text }) => `${startPosition.row + 1}: ${text.slice(0, 80)}`);
}

/** The functions that a script defines, by the names of their parameters. */
const functionsOf = (script: string): ReadonlyMap<string, readonly string[]> =>
  new Map(
    nodesOf(parsed(script), 'function_statement').map(node => [
      nodesOf(node, 'function_name')[0]?.text ?? '',
      nodesOf(node, 'script_parameter').flatMap(each => nodesOf(each, 'variable').map(({ text }) => text.slice(1))),
    ]),
  );

/** Commands that a script calls and nobody knows, and parameters that they do not have. */
function unknownCommands(script: string): readonly string[] {
  const functions = functionsOf(script);
  return nodesOf(parsed(script), 'command').flatMap(node => {
    const name = node.children.find(child => child?.type === 'command_name')?.text;
    if (name === undefined || /\.exe$/.test(name)) return [];
    const known = functions.get(name) ?? CMDLETS.get(name);
    if (known === undefined) return [name];
    const elements = node.children.find(child => child?.type === 'command_elements')?.children ?? [];
    const given = elements.filter(child => child?.type === 'command_parameter').map(child => child?.text ?? '');
    return given
      .map(text => text.replace(/^-|:$/g, ''))
      .filter(text => !known.includes(text))
      .map(text => `${name} -${text}`);
  });
}

/** How often each function is given more than it takes, or a list in brackets where it takes words. */
function wrongCalls(script: string): readonly string[] {
  const functions = functionsOf(script);
  return nodesOf(parsed(script), 'command').flatMap(node => {
    const parameters = functions.get(node.children.find(child => child?.type === 'command_name')?.text ?? '');
    const elements = node.children.find(child => child?.type === 'command_elements')?.children ?? [];
    const words = elements.filter(child => child !== null && child.type !== 'command_argument_sep');
    return parameters !== undefined && words.length > parameters.length ? [node.text.slice(0, 80)] : [];
  });
}

/** Variables that a script reads and nothing sets. PowerShell reads them as nothing. */
function unsetVariables(script: string, given: readonly string[]): readonly string[] {
  const root = parsed(script);
  const targets = nodesOf(root, 'left_assignment_expression')
    .flatMap(node => nodesOf(node, 'unary_expression'))
    .flatMap(node => node.children.filter(child => child?.type === 'variable'));
  const loops = nodesOf(root, 'foreach_statement').flatMap(
    node => node.children.find(child => child?.type === 'variable') ?? [],
  );
  const parameters = nodesOf(root, 'script_parameter').flatMap(node => nodesOf(node, 'variable'));
  const set = new Set([...targets, ...loops, ...parameters].map(node => node?.text.toLowerCase()));
  const known = (name: string) =>
    set.has(name) || AUTOMATIC_VARIABLES.includes(name) || name.startsWith('$env:') || given.includes(name.slice(1));
  const read = nodesOf(root, 'variable').map(({ text }) => text.toLowerCase());
  return [...new Set(read.filter(name => !known(name)))];
}

/** Static members of .NET that a script names and nobody knows. */
function unknownMembers(script: string): readonly string[] {
  const root = parsed(script);
  return [...nodesOf(root, 'invokation_expression'), ...nodesOf(root, 'member_access')].flatMap(node => {
    const type = node.children[0]?.type === 'type_literal' ? node.children[0].text.slice(1, -1) : undefined;
    const member = node.children.find(child => child?.type === 'member_name')?.text ?? '';
    return type === undefined || STATIC_MEMBERS.get(type)?.includes(member) === true ? [] : [`${type}::${member}`];
  });
}

/** Members of objects that a script names and that are on no page. Those of what is ours begin with a small letter. */
function unknownObjectMembers(script: string): readonly string[] {
  const root = parsed(script);
  const names = [...nodesOf(root, 'invokation_expression'), ...nodesOf(root, 'member_access')].flatMap(node => {
    const member = node.children.find(child => child?.type === 'member_name')?.text ?? '';
    return node.children[0]?.type === 'type_literal' || /^[a-z]/.test(member) ? [] : [member];
  });
  return [...new Set(names)].filter(name => !UPDATE_MEMBERS.includes(name));
}

/** What a script reads of its data and is not given. */
const unknownData = (script: string, given: readonly string[]): readonly string[] =>
  [...script.matchAll(/\$data\.(\w+)/g)].map(([, name = '']) => name).filter(name => !given.includes(name));

/** The names of the data in what goes to standard input, or into the first line of a heal. */
function dataOf(input: string): readonly string[] {
  const encoded = /FromBase64String\('([^']*)'\)/.exec(input)?.[1] ?? input.split('\n')[1] ?? '';
  return Object.keys(JSON.parse(Buffer.from(encoded, 'base64').toString()) as object);
}

describe('the PowerShell of Windows guests, which nothing here can run', () => {
  it.each(SCRIPTS)('%s is PowerShell by its grammar, of 5.1 as far as that tells (MO-8)', (_, script) => {
    expect(mistakes(script)).toEqual([]);
    expect(script).not.toMatch(/ (\?\?|&&|\|\|) /);
  });

  it.each(SCRIPTS)('%s calls what it defines or Windows has, with the parameters and members of that', (_, script) => {
    expect(unknownCommands(script)).toEqual([]);
    expect(wrongCalls(script)).toEqual([]);
    expect(unknownMembers(script)).toEqual([]);
  });

  it.each([
    ['the question after a step', ASK, windowsSteps.ask('a', 1, 'n')],
    ['the start of a step', BEGIN, windowsSteps.begin({ id: 'a', script: '' }, { generation: 1, bootId: 'b' }, 'n')],
    ['what a step said', OUTPUT, windowsSteps.output('a', 'n')],
    ['the installation of updates', WINDOWS_INSTALL, windowsUpdate.installScript([])],
    ['the reading back of updates', WINDOWS_READ_BACK, windowsUpdate.readBackScript([])],
    ['the look', LOOK, windowsSettings.lookScript(windowsDesired, 'n', new Date(0))],
    ['the heal', HEAL, windowsSettings.healScript(windowsDesired, [])],
  ])('%s is given all the data that it reads', (_, script, input) => {
    expect(unknownData(script, dataOf(input))).toEqual([]);
  });

  it.each(SCRIPTS)('%s reads no variable that nothing sets', (_, script, given) => {
    expect(unsetVariables(script, given)).toEqual([]);
  });

  it.each(UPDATE_SCRIPTS)('%s asks of updates what is documented of them (MO-10)', (_, script) => {
    expect(unknownObjectMembers(script)).toEqual([]);
  });

  it('is told from what is none: the checks find slips', () => {
    expect(unknownObjectMembers('$installer.IsBussy; $a.update.IsInstalled; $b.Serch(1)')).toEqual([
      'Serch',
      'IsBussy',
    ]);
    for (const text of ['if ($a { }', "'", 'foreach ($a of $b) { }']) expect(mistakes(text), text).not.toEqual([]);
    expect(unknownCommands('Get-Procces; Get-Process -Nmae x')).toEqual(['Get-Procces', 'Get-Process -Nmae']);
    expect(unknownMembers('[IO.File]::Exits(1); [IO.Fil]::Exists(1); [Guid]::Empty')).toEqual([
      ...['IO.File::Exits', 'IO.Fil::Exists'],
    ]);
    expect(unknownData('$data.one $data.two', ['one'])).toEqual(['two']);
    expect(wrongCalls('function f($A) { $A }; f 1 2; f 1')).toEqual(['f 1 2']);
    expect(unsetVariables('$one = $two; "$three $($four.x)"; $given', ['given'])).toEqual(['$two', '$three', '$four']);
  });
});
