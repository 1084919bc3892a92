import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBeginning, readOutput, readSaid } from './saying.ts';

const boot = '8b0a7e7e-3f0c-4d7c-9a53-1f6a7c6f2b11';

describe('what a guest says of a step', () => {
  it.each([
    [`Welcome!\nn1 ${boot} Never\nbye`, { bootId: boot, report: { state: 'Never' } }],
    [`n1 ${boot} Finished 137\n`, { bootId: boot, report: { state: 'Finished', exitCode: 137 } }],
    [`n1 ${boot} Overtaken`, { bootId: boot, report: 'Overtaken' }],
  ])('is read out of %j', (output, said) => {
    expect(readSaid(output, 'n1')).toEqual(said);
  });

  it.each([
    ['nothing', ''],
    ['another nonce', `n2 ${boot} Never`],
    ['two answers', `n1 ${boot} Never\nn1 ${boot} Running`],
    ['no boot', 'n1 x Never'],
    ['no state', `n1 ${boot}`],
    ['a state of its own', `n1 ${boot} toString`],
    ['more than a state', `n1 ${boot} Never 0`],
    ['no exit status', `n1 ${boot} Finished `],
    ['a long exit status', `n1 ${boot} Finished 99999999999`],
    ['a word more', `n1 ${boot} Finished 0 0`],
  ])('is nothing where it is %s', (_, output) => {
    expect(readSaid(output, 'n1')).toBeUndefined();
  });

  it('to be read of its output is one word in base64', () => {
    expect(readOutput('motd\nn1 YWI=\n', 'n1')).toBe('ab');
    expect(readOutput('n1 \n', 'n1')).toBe('');
    for (const other of ['', 'n2 YWI=', 'n1 YWI= YWI=', 'n1 $(reboot)', 'n1 a\nn1 b'])
      expect(readOutput(other, 'n1')).toBeUndefined();
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        for (const output of [text, `n1 ${text}`, `n1 ${boot} ${text}`]) {
          readSaid(output, 'n1');
          readBeginning(output, 'n1');
        }
      }),
    );
  });

  it('of a beginning is one of three words', () => {
    const said = (word: string) => readBeginning(`motd\nn1 ${boot} ${word}\n`, 'n1');
    expect(['Begun', 'Refused', 'Known', 'Beg', 'Begun now'].map(said)).toEqual([
      ...['Begun', 'Refused', 'Known'],
      ...[undefined, undefined],
    ]);
  });
});
