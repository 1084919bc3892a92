import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ParameterValue, readParameters } from './parameters.ts';
import { product } from './product.fixtures.ts';

const PARAMETERS = [
  { name: 'max_connections', type: 'Integer', default: '100', minimum: 10, maximum: 1000, apply: 'Restart' },
  { name: 'shared_buffers', type: 'Bytes', default: '128Mi', minimum: 16_777_216, apply: 'Restart' },
  { name: 'log_connections', type: 'Switch', default: 'off', apply: 'Reload' },
  { name: 'wal_level', type: 'Text', default: 'replica', oneOf: ['replica', 'logical'], apply: 'Restart' },
  { name: 'search_path', type: 'Text', default: '', pattern: '[a-z_, ]*', apply: 'Reload' },
  { name: 'log_line_prefix', type: 'Text', default: '%m', pattern: '[ -~]+', who: 'Provider', apply: 'Reload' },
];
const { spec } = product({ parameters: PARAMETERS });
type Given = Readonly<Record<string, string | number>>;

describe('AP-1: the parameters of an order', () => {
  it('are those of the Product, each with its default where nothing is ordered', () => {
    expect([...(readParameters(spec, undefined).parameters ?? [])]).toEqual([
      ['max_connections', { type: 'Integer', number: 100 }],
      ['shared_buffers', { type: 'Bytes', bytes: 134_217_728 }],
      ['log_connections', { type: 'Switch', on: false }],
      ['wal_level', { type: 'Text', text: 'replica' }],
      ['search_path', { type: 'Text', text: '' }],
      ['log_line_prefix', { type: 'Text', text: '%m' }],
    ]);
  });

  it.each<[string, string | number, ParameterValue]>([
    ['max_connections', 200, { type: 'Integer', number: 200 }],
    ['max_connections', '200', { type: 'Integer', number: 200 }],
    ['shared_buffers', '1Gi', { type: 'Bytes', bytes: 1_073_741_824 }],
    ['shared_buffers', 1_073_741_824, { type: 'Bytes', bytes: 1_073_741_824 }],
    ['log_connections', 'on', { type: 'Switch', on: true }],
    ['wal_level', 'logical', { type: 'Text', text: 'logical' }],
    ['search_path', 'shop, public', { type: 'Text', text: 'shop, public' }],
  ])('%s: %j is taken', (name, given, value) => {
    expect(readParameters(spec, { [name]: given }).parameters?.get(name)).toEqual(value);
  });

  it.each<[string, string | number, string]>([
    ['max_connections', 5000, '5000 is more than the maximum of 1000.'],
    ['max_connections', 9, '9 is less than the minimum of 10.'],
    ['max_connections', '1e2', '"1e2" is not a whole number.'],
    ['max_connections', '100\n', '"100\\n" is not a whole number.'],
    ['max_connections', '9007199254740993', '"9007199254740993" is not a whole number.'],
    ['shared_buffers', '4', '4 bytes is less than the minimum of 16777216 bytes.'],
    ['shared_buffers', '0', '"0" is not a whole, positive quantity of bytes below 8Pi, e.g. 128Mi.'],
    ['shared_buffers', '1.5Gi', '"1.5Gi" is not a whole, positive quantity of bytes below 8Pi, e.g. 128Mi.'],
    ['shared_buffers', '9Pi', '"9Pi" is not a whole, positive quantity of bytes below 8Pi, e.g. 128Mi.'],
    ['log_connections', 'yes', '"yes" is neither "on" nor "off".'],
    ['log_connections', 1, '"1" is neither "on" nor "off".'],
    ['wal_level', 'minimal', '"minimal" is none of "replica", "logical".'],
    ['search_path', 'a;b', '"a;b" is not what the pattern [a-z_, ]* admits from beginning to end.'],
    ['search_path', 'a\nb', '"a\\nb" has a character in it that is not printed, such as a line feed or NUL.'],
    ['search_path', 'a'.repeat(257), 'it has 257 characters, and at most 256 are taken.'],
    ['search_path', 17, '17 is a number: write the text in quotation marks.'],
    ['log_line_prefix', 'x', 'only the provider sets it.'],
    ['fsync', 'off', 'PostgreSQL has no parameter of that name.'],
    ['constructor', 'x', 'PostgreSQL has no parameter of that name.'],
  ])('%s: %j is refused', (name, given, why) => {
    expect(readParameters(spec, { [name]: given })).toEqual({ refusals: [`spec.parameters.${name}: ${why}`] });
  });

  it('are refused all at once', () => {
    const refusals = readParameters(spec, {
      fsync: 'off',
      max_connections: 5,
      wal_level: 'x',
    } satisfies Given).refusals;
    expect(refusals?.map(each => each.split(':')[0])).toEqual([
      'spec.parameters.fsync',
      'spec.parameters.max_connections',
      'spec.parameters.wal_level',
    ]);
  });

  it('that cannot be read by a pattern of the Product are refused, not guessed', () => {
    const broken = product({ parameters: [{ name: 'a', type: 'Text', default: '', pattern: '(', apply: 'Reload' }] });
    expect(readParameters(broken.spec, { a: 'x' }).refusals).toEqual([
      'spec.parameters.a: "x" is not what the pattern ( admits from beginning to end.',
    ]);
  });

  it('are values or sentences of one line, whatever is written', () => {
    const names = fc.oneof(fc.constantFrom(...PARAMETERS.map(({ name }) => name), '__proto__'), fc.string());
    const values = fc.oneof(fc.integer(), fc.string({ unit: 'binary', maxLength: 300 }));
    fc.assert(
      fc.property(fc.dictionary(names, values), given => {
        const { refusals = [], parameters } = readParameters(spec, given);
        expect(parameters?.size ?? PARAMETERS.length).toBe(PARAMETERS.length);
        for (const each of refusals) expect(each).toMatch(/^spec\.parameters\.[^\n\0]*\.$/);
      }),
    );
  });
});
