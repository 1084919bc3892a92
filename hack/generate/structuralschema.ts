import { z } from 'zod';
import { type Node, rewrite } from './rewrite.ts';
import { refuseWhatVanishes } from './zodchecks.ts';

/**
 * The structural schema (Kubernetes, "Specifying a structural schema") of a zod schema.
 * @throws NotStructural naming the path, where a zod construct has no faithful counterpart.
 */
export function structuralSchema(schema: z.ZodType, root: string): Node {
  const json = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    unrepresentable: 'any',
    reused: 'inline',
    cycles: 'ref',
    override: ({ zodSchema, path }) => {
      // The catch-all of a loose object has a keyword of its own (rule 4); what else has no type is refused by rewrite().
      const catchAll = path.at(-1) === 'additionalProperties' && zodSchema._zod.def.type === 'unknown';
      if (!catchAll) refuseWhatVanishes(zodSchema, readable(root, path));
    },
  });
  return rewrite(json as Node, root);
}

/** `["properties", "disks", "items"]` below `spec` as people write it: `spec.disks[]`. */
function readable(root: string, path: readonly (string | number)[]): string {
  let text = root;
  for (let index = 0; index < path.length; index++) {
    const step = path[index];
    if (step === 'properties') text += `.${path[++index]}`;
    else if (step === 'items') text += '[]';
    else if (step === 'additionalProperties') text += '[*]';
    else text += `.${step}`;
  }
  return text;
}
