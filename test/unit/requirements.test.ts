import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type Citation, idsIn, messagesIn, namesIn, readCitations } from '../../hack/generate/citations.ts';
import { type Requirement, readRequirements, requirementsPage } from '../../hack/generate/requirements.ts';

const claimed: Requirement = { id: 'MO-7', en: 'Windows.', de: 'Windows.', state: 'works' };
const ids = ['MO-7'];
const code: Citation = { file: 'src/domain/machine/order.ts', by: 'code', ids };
const test: Citation = { file: 'src/domain/machine/order.test.ts', by: 'test', ids };
const page: Citation = { file: 'docs/spec/managedvm.md', by: 'page', ids };

describe('the page of requirements', () => {
  it('has a row that begins with the id, and names code, rules, tests and page', () => {
    const rule: Citation = { file: 'crds/managedvms.yaml', by: 'rule', ids };
    const row = requirementsPage([claimed], [code, rule, test, page])
      .split('\n')
      .find(line => line.startsWith('| MO-7 |'));
    expect(row).toContain('| `src/domain/machine` | `crds/managedvms.yaml` |');
    expect(row).toContain('`src/domain/machine/order.test.ts`');
    expect(row).toContain('[spec/managedvm.md](spec/managedvm.md)');
  });

  it.each([
    ['test', [code, page], 'the name of no test cites it'],
    ['code', [test, page], 'neither code nor a rule cites it'],
    ['page', [code, test], 'no page in docs/spec tells customers of it'],
  ])('is not made when the last %s that cites a kept promise is gone', (_, citations, why) => {
    expect(() => requirementsPage([claimed], citations)).toThrow(`MO-7 claims "works", but ${why}`);
  });

  it('is not made of a promise that is kept partly and does not say what is lacking', () => {
    expect(() => requirementsPage([{ ...claimed, state: 'partly' }], [code, test, page])).toThrow('lacks');
  });

  it('is not made when something cites a requirement that does not exist', () => {
    const unknown: Citation = { file: 'a.ts', by: 'code', ids: ['MO-17'] };
    expect(() => requirementsPage([claimed], [code, test, page, unknown])).toThrow('MO-17 in a.ts');
  });

  it('drifts, or is not made, without any one citation by a test, a rule or a page that there is in this repository', async () => {
    const requirements = await readRequirements();
    const citations = await readCitations();
    const stands = await readFile('docs/requirements.md', 'utf8');
    expect(pageOrRefusal(requirements, citations)).toBe(stands);
    const unnoticed = citations.flatMap((citation, index) =>
      // Of code the folder is named, however many of its files cite.
      (citation.by === 'code' ? [] : citation.ids).filter(id => {
        const without = citations.with(index, { ...citation, ids: citation.ids.filter(other => other !== id) });
        return pageOrRefusal(requirements, without) === stands;
      }),
    );
    expect(unnoticed).toEqual([]);
  });
});

function pageOrRefusal(requirements: readonly Requirement[], citations: readonly Citation[]): string {
  try {
    return requirementsPage(requirements, citations);
  } catch (error) {
    return String(error);
  }
}

describe('what cites a requirement', () => {
  it('is read as whole words', () => {
    expect(idsIn('MO-1, MO-12 (AP-6) and XMO-3, GE-9; MO-1')).toEqual(['MO-1', 'MO-12', 'AP-6', 'GE-9']);
  });

  it('of a test is its name or the row that it is made of, and neither a comment nor what it expects', () => {
    const source = `
      /** MO-1: about the file. */
      describe('a restart (MO-8)', () => {
        it.each([['MO-7: Windows at Admin', refused]])('%s', async (_, message) => {
          expect(message).toContain('choose another name (MO-2)'); // AP-1
        });
        it(\`GE-9: \${name}\`, async () => {});
        test('AP-13, AP-6: of a table', { timeout: 1 }, async () => {});
      });`;
    expect(idsIn(namesIn(source)).sort()).toEqual(['AP-13', 'AP-6', 'GE-9', 'MO-7', 'MO-8']);
  });

  it('of a rule is its message, and neither its expression nor a description', () => {
    const rule = { rule: "self != 'MO-1'", message: 'Windows needs Advanced (MO-7)' };
    const policy = { expression: 'false', messageExpression: '"ended (GE-9) " + name' };
    const manifests = JSON.stringify({ description: 'About MO-8.', rules: [rule], validations: [policy] });
    expect(idsIn(messagesIn(manifests))).toEqual(['MO-7', 'GE-9']);
  });
});
