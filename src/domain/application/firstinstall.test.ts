import { describe, expect, it } from 'vitest';
import { changedAfterInstall } from './firstinstall.ts';
import { readParameters } from './parameters.ts';
import { application, product } from './product.fixtures.ts';
import { planOf } from './render.ts';

const entry = (content: string) =>
  product({
    parameters: [
      { name: 'encoding', type: 'Text', default: 'UTF8', oneOf: ['UTF8', 'LATIN1'], apply: 'FirstInstall' },
      { name: 'size', type: 'Integer', default: '1', apply: 'Reload' },
    ],
    steps: [
      { name: 'before', file: { path: '/etc/before', format: 'PostgreSQL', content } },
      { name: 'packages', package: { names: ['postgresql-{{ line }}'] } },
    ],
  });

function asked(order: Readonly<Record<string, string | number>>, content: string, before = content) {
  const read = (of: typeof order) => readParameters(entry(content).spec, of).parameters ?? new Map();
  const { plan } = planOf({ product: entry(before), application: application(), parameters: read({}) });
  return changedAfterInstall(entry(content).spec, read(order), plan);
}

describe('AP-1: a parameter of the first installation', () => {
  const content = '# of Steward\nencoding = {{ parameters.encoding }}\nsize = {{ parameters.size }}\n';

  it('is refused in another value afterwards, and no other parameter is', () => {
    expect(asked({ encoding: 'LATIN1', size: 2 }, content)).toEqual([
      'spec.parameters.encoding: it was set when the application was installed, and is never changed again.',
    ]);
    expect(asked({ encoding: 'UTF8', size: 2 }, content)).toEqual([]);
  });

  it('may be anything before', () => {
    const { parameters = new Map() } = readParameters(entry(content).spec, { encoding: 'LATIN1' });
    expect(changedAfterInstall(entry(content).spec, parameters, undefined)).toEqual([]);
  });

  const both = 'encoding = {{ parameters.encoding }} {{ parameters.size }}\n';
  it.each([
    ['had another line there', content, '# of Steward\ncharset = {{ parameters.encoding }}\n'],
    ['had fewer lines', content, '# of Steward'],
    ['has it beside another value', both, both],
  ])('is not refused where the Product %s, for nobody can tell what was set', (_, now, before) => {
    expect(asked({ encoding: 'LATIN1' }, now, before)).toEqual([]);
  });

  it('is told in little time, whatever a Product writes into a line', () => {
    const line = '{{ parameters.encoding }}'.repeat(600);
    expect(asked({ encoding: 'LATIN1' }, `${line}\n`)).toEqual([]);
  });
});
