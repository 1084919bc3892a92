import { z } from 'zod';
import { HTTPPath } from './httppath.ts';
import { withRules } from './rules.ts';

export const ProductOutside = withRules(
  z.strictObject({
    protocol: z
      .enum(['TCP', 'HTTP'])
      .describe('TCP: a connection is opened. HTTP: the answer is one of those that the module of the exporter takes.'),
    path: HTTPPath.optional().describe('What is asked for by HTTP; / where it says nothing.'),
    module: z
      .string()
      .max(64)
      .regex(/^[A-Za-z0-9_.-]+$/)
      .optional()
      .describe(
        "Module of the provider's blackbox exporter that asks it; that of the chart for the protocol where it says nothing. One that makes the server speak is not deceived by a proxy that accepts connections for nobody.",
      ),
  }),
  {
    rule: "!has(self.path) || self.protocol == 'HTTP'",
    message: 'a path is asked for by HTTP alone',
    fieldPath: '.path',
    holds: ({ path, protocol }) => path === undefined || protocol === 'HTTP',
  },
).describe(
  'How it is asked from outside of its guest, through its Service, where the provider has a blackbox exporter (AP-11).',
);
export type ProductOutside = z.infer<typeof ProductOutside>;
