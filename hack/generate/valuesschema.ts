import { Document, isMap, type Pair, type Scalar, stringify } from 'yaml';
import { z } from 'zod';
import { ChartValues } from './chartvalues.ts';

const chart = 'charts/steward';
const banner = 'Generated from hack/generate/chartvalues.ts by `npm run generate`: do not edit.';

/** values.yaml, values.schema.json and VALUES.md of the chart, by path. */
export async function generateValuesSchema(): Promise<Map<string, string>> {
  const schema = z.toJSONSchema(ChartValues, { target: 'draft-7', io: 'input', reused: 'inline' }) as JsonSchema;
  const titled = { $schema: schema.$schema, title: 'Values of the Steward chart', ...schema };
  return new Map([
    [`${chart}/values.schema.json`, `${JSON.stringify(titled, null, 2)}\n`],
    [`${chart}/values.yaml`, valuesFile(schema)],
    [`${chart}/VALUES.md`, valuesTable(schema)],
  ]);
}

type JsonSchema = {
  $schema?: string;
  type?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  enum?: readonly unknown[];
};

/** The defaults, each with its description above it. */
function valuesFile(schema: JsonSchema): string {
  const document = new Document(ChartValues.parse({}));
  document.commentBefore = ` ${banner}`;
  describe(document.contents, schema);
  return document.toString({ lineWidth: 0 });
}

function describe(node: unknown, schema: JsonSchema): void {
  if (!isMap(node)) return;
  for (const [index, pair] of (node.items as Pair<Scalar, unknown>[]).entries()) {
    const property = schema.properties?.[String(pair.key.value)];
    if (property === undefined) continue;
    const comment = [property.description, property.enum && `One of ${property.enum.join(', ')}.`].filter(Boolean);
    if (comment.length > 0) pair.key.commentBefore = comment.map(line => ` ${line}`).join('\n');
    if (index > 0 && schema.$schema !== undefined) pair.key.spaceBefore = true;
    describe(pair.value, property);
  }
}

function valuesTable(schema: JsonSchema): string {
  const rows = leaves('', schema, ChartValues.parse({})).map(
    ({ path, value, text }) => `| \`${path}\` | \`${oneLine(value)}\` | ${text.replaceAll('|', '\\|')} |`,
  );
  return [
    `<!-- ${banner} -->`,
    '# Values of the Steward chart',
    '',
    '| value | default | meaning |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

type Leaf = { path: string; value: unknown; text: string };

function leaves(path: string, schema: JsonSchema, value: unknown): Leaf[] {
  const allowed = schema.enum ? ` One of ${schema.enum.join(', ')}.` : '';
  if (schema.properties === undefined || typeof value !== 'object' || value === null) {
    return [{ path, value, text: `${schema.description ?? ''}${allowed}`.trim() }];
  }
  const fields = value as Record<string, unknown>;
  return Object.entries(schema.properties).flatMap(([name, property]) =>
    leaves(path === '' ? name : `${path}.${name}`, property, fields[name]),
  );
}

function oneLine(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}
