import { z } from 'zod';
import { stringSet, withNativeRule, withRules } from './rules.ts';

export const LABEL_KEY = '^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$';
export const isLabelKey = (key: string): boolean => new RegExp(LABEL_KEY).test(key);

export const LabelValue = z
  .string()
  .max(63)
  .regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/);

const MatchLabels = withRules(
  withNativeRule(
    z.record(z.string().max(317), LabelValue),
    { maxProperties: 16 },
    'has at most 16 labels',
    labels => Object.keys(labels).length <= 16,
  ),
  {
    rule: `self.all(key, key.matches('${LABEL_KEY}'))`,
    message: 'keys are labels as Kubernetes has them, e.g. ring or example.com/ring',
    holds: labels => Object.keys(labels).every(isLabelKey),
  },
);

const Expression = withRules(
  z.strictObject({
    key: z.string().min(1).max(317).regex(new RegExp(LABEL_KEY)).describe('Key of the label.'),
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('How it is compared.'),
    values: stringSet(LabelValue, { max: 32 }).optional().describe('Values for In and NotIn.'),
  }),
  {
    rule: "(self.operator in ['In', 'NotIn']) == (has(self.values) && self.values.size() > 0)",
    message: 'In and NotIn have values, Exists and DoesNotExist have none',
    fieldPath: '.values',
    holds: ({ operator, values = [] }) => ['In', 'NotIn'].includes(operator) === values.length > 0,
  },
);

/** metav1.LabelSelector: all of it must hold; an empty one selects everything. */
export const LabelSelector = z.strictObject({
  matchLabels: MatchLabels.optional().describe('Labels that it must have, with these values.'),
  matchExpressions: z
    .array(Expression)
    .max(16)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .optional()
    .describe('What must hold of its labels besides.'),
});
export type LabelSelector = z.infer<typeof LabelSelector>;
