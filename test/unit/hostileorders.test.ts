/** Hostile orders of every entry of the catalogue: what is rendered of them, read file by file and argument by argument. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ManagedApplicationSpec } from '../../src/api/managedapplication.ts';
import type { ManagedVM } from '../../src/api/managedvm.ts';
import { type Product, ProductSpec } from '../../src/api/product.ts';
import { readParameters } from '../../src/domain/application/parameters.ts';
import { application, VERIFIERS } from '../../src/domain/application/product.fixtures.ts';
import { refusalOf } from '../../src/domain/application/refusal.ts';
import { planOf } from '../../src/domain/application/render.ts';
import type { ApplicationPlan } from '../../src/domain/contract/applicationplan.ts';

const folder = join(import.meta.dirname, '../../config/products');
const files = readdirSync(folder).filter(file => file !== 'kustomization.yaml');

function entry(file: string): Product {
  const read = parse(readFileSync(join(folder, file), 'utf8'));
  return { ...read, spec: ProductSpec.parse(read.spec) };
}

/** Parts of which attacks are made, by whom they are made for. Those that no file could hold as one line are never taken, whatever a Product admits. */
const HOSTILE = {
  shell: ['$(reboot)', '`id`', '; rm -rf /', '&& reboot', '| sh', '$HOME', '> /etc/shadow', '#', '\\', '../..', '-rf'],
  SQL: ["'; drop table a; --", "\\'", "'", '"', "' or '1'='1", '$$; select 1; $$', '/* */'],
  template: ['{{ line }}', '{{ binding.username }}', '{{ file }}', '{{', '}}', '{% if %}', '%s', '%n'],
  YAML: ['a: b', '- a', '&a', '*a', '!!binary a', '| a', '? a', '---', '{a: b}', '[a]', '~'],
  'a file of settings': ['include /etc/shadow;', '}', '$host', '[mysqld]', '!include /etc/shadow', "a' = 'b", '@a'],
  'a value of another type': ['on', 'off', 'none', 'http://a', '1Gi', '100', '-1', '1e3', '0x10', '__proto__', ''],
  Unicode: ['\u00e4', '\u202e', '\ufeff', '\ud800', '\u{1f600}', '\u00a0'],
  newline: ['\n', '\r\n', 'a\nb', 'a\r', '\u2028', '\u0085', '\v', '\f'],
  NUL: ['\0', 'a\0b'],
} as const;
const CLASSES = Object.entries(HOSTILE);
const NEVER_TAKEN = ['newline', 'NUL'];
const PARTS = CLASSES.flatMap(([, parts]) => parts);

const VM = { metadata: { name: 'shop-db' }, spec: { serviceLevel: 'MonitoringAndPatching' } } as ManagedVM;

type Given = ManagedApplicationSpec['parameters'];

/** What becomes of an order of a Product with such parameters, beside one that says nothing. */
class Catalogued {
  readonly product: Product;
  readonly #usual: ApplicationPlan;
  readonly #text: string;

  constructor(product: Product) {
    this.product = product;
    const usual = this.planned({});
    if (usual === undefined) throw new Error(`an order of ${product.metadata.name} without parameters has no plan`);
    this.#usual = usual;
    this.#text = JSON.stringify(usual);
  }

  planned(given: Given): ApplicationPlan | undefined {
    const { product } = this;
    const usual = application({ line: product.spec.lines[0]?.name });
    const order = { ...usual, spec: { ...usual.spec, parameters: given } };
    const { parameters } = readParameters(product.spec, given);
    return parameters && planOf({ product, application: order, parameters, verifiers: VERIFIERS }).plan;
  }

  /** Whether it is taken and changes something; throws where it changes anything but the lines of its own parameters: another file, an argument, a path, an owner. */
  judge(given: Given): boolean {
    const plan = this.planned(given);
    if (plan === undefined) return false;
    if (JSON.stringify(plan) === this.#text) return false;
    // Deep comparison of each of thousands of plans would take a minute.
    if (JSON.stringify(withoutContents(plan)) !== JSON.stringify(withoutContents(this.#usual)))
      expect(withoutContents(plan)).toEqual(withoutContents(this.#usual));
    const names = Object.keys(given ?? {});
    for (const [index, step] of plan.steps.entries()) {
      const before = this.#usual.steps[index];
      if (step.type !== 'file' || before?.type !== 'file' || step.content === before.content) continue;
      const written = this.product.spec.steps.find(({ name }) => name === step.name)?.file?.content.split('\n') ?? [];
      const [lines, usual] = [linesOf(step.content), linesOf(before.content)];
      expect(lines).toHaveLength(usual.length);
      for (const each of written.filter((_, at) => lines[at] !== usual[at]))
        expect(names.some(name => each.includes(`parameters.${name} }}`))).toBe(true);
    }
    return true;
  }
}

/** Whose texts may be nearly anything: the quoting alone stands between a value and its file. A $ has no quoting in nginx. */
function widened({ spec, ...rest }: Product): Product {
  const parameters = (spec.parameters ?? []).map(({ oneOf: _, ...each }) =>
    each.type === 'Text' ? { ...each, pattern: '[ -#%-\u{10ffff}]*' } : each,
  );
  return { ...rest, spec: { ...spec, parameters } };
}

function withoutContents({ steps, ...plan }: ApplicationPlan): object {
  return { ...plan, steps: steps.map(step => (step.type === 'file' ? { ...step, content: '' } : step)) };
}

/** By everything that some reader takes for the end of a line. */
function linesOf(content: string): readonly string[] {
  return content.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);
}

describe.each(files)('AP-1: a hostile order of %s', file => {
  const [asItIs, open] = [new Catalogued(entry(file)), new Catalogued(widened(entry(file)))];
  const { parameters = [] } = entry(file).spec;
  const names = parameters.map(({ name }) => name);
  const texts = parameters.filter(({ type }) => type === 'Text');

  it.each(CLASSES)(
    'that is made for %s is refused, or changes the lines of its own parameters and nothing else of the plan',
    (of, parts) => {
      let taken = 0;
      for (const part of parts) {
        for (const name of [...names, 'constructor']) asItIs.judge({ [name]: part });
        for (const { name } of texts) taken += open.judge({ [name]: `a${part}a` }) ? 1 : 0;
      }
      if (NEVER_TAKEN.includes(of)) expect(taken).toBe(0);
      else expect(taken).toBeGreaterThan(0);
    },
  );

  it('that is made of several is refused, or changes the lines of its own parameters and nothing else of the plan', () => {
    const hostile = fc.oneof(
      fc.array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 3 }).map(parts => parts.join('')),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    // Most of what is hostile only a Text takes, of which there are few.
    const drawn = [...names, ...Array.from({ length: 8 }, () => texts.map(({ name }) => name)).flat(), 'constructor'];
    let taken = 0;
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...drawn), hostile, { maxKeys: 2 }), given => {
        taken += open.judge(given) ? 1 : 0;
      }),
      { numRuns: 100 },
    );
    expect(taken).toBeGreaterThan(10);
  });

  it('has no module that is not in its Product', () => {
    const { product } = asItIs;
    for (const part of PARTS) {
      const usual = application({ line: product.spec.lines[0]?.name });
      const spec = { ...usual.spec, modules: [part] };
      if (!ManagedApplicationSpec.safeParse(spec).success) continue;
      const facts = { product: product.spec, productFaults: [], managedVM: VM, earlier: [], agreed: undefined };
      expect(refusalOf({ ...usual, spec }, facts, new Date())?.reason).toBe('ModuleNotSupported');
    }
  });
});
