import { z } from 'zod';
import { isLabelKey, LABEL_KEY, LabelValue } from './labelselector.ts';
import { type Rule, withNativeRule, withRules } from './rules.ts';

/** By these Steward and KubeVirt know what is theirs, whoever permits what. */
const OWN = '^([^/]*[.])?(kubevirt[.]io|managed[.]systems)(/.*)?$';

type Names = Readonly<Record<string, string>>;
const RULES: readonly Rule<Names>[] = [
  {
    rule: `self.all(key, key.matches('${LABEL_KEY}'))`,
    message: 'keys are names as Kubernetes has them, e.g. team or example.com/team',
    holds: names => Object.keys(names).every(isLabelKey),
  },
  {
    rule: `self.all(key, !key.matches('${OWN}'))`,
    message: 'names of kubevirt.io and managed.systems are not a customer’s',
    holds: names => !Object.keys(names).some(key => new RegExp(OWN).test(key)),
  },
];

const names = (value: z.ZodType<string>) =>
  withRules(
    withNativeRule(
      z.record(z.string().max(317), value),
      { maxProperties: 16 },
      'has at most 16 names',
      each => Object.keys(each).length <= 16,
    ),
    ...RULES,
  );

export const MachineLabels = names(LabelValue);
export const MachineAnnotations = names(z.string().max(1024));
