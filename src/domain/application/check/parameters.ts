import type { ProductParameter, ProductSpec } from '../../../api/product.ts';
import { readValue } from '../parameters.ts';
import { placeholdersOf } from '../template.ts';
import { readPattern } from '../textpattern.ts';
import { filesOf } from './steps.ts';

/** What a change of a parameter needs, as the file that has it must say it. */
const ON_CHANGE = { Reload: 'Reload', Restart: 'Restart', FirstInstall: 'Nothing' } as const;

/** What is wrong with the parameters of a Product. */
export function parameterFaults(spec: ProductSpec): readonly string[] {
  return (spec.parameters ?? []).flatMap(parameter =>
    [...ownFaults(parameter), ...useFaults(parameter, spec)].map(
      fault => `spec.parameters.${parameter.name}: ${fault}.`,
    ),
  );
}

/** By its own rules. */
function ownFaults(parameter: ProductParameter): readonly string[] {
  const { minimum, maximum, pattern, oneOf = [] } = parameter;
  if (minimum !== undefined && maximum !== undefined && minimum > maximum)
    return [`its minimum of ${minimum} is more than its maximum of ${maximum}`];
  const read = pattern === undefined ? undefined : readPattern(pattern);
  if (read !== undefined && 'problem' in read) return [`its pattern ${pattern} ${read.problem}`];
  const refusals = [
    ...oneOf.map(value => ({ what: 'a value of oneOf', ...readValue(parameter, value) })),
    { what: 'its default', ...readValue(parameter, parameter.default) },
  ];
  return refusals.flatMap(({ what, refusal }) =>
    refusal === undefined ? [] : [`${what} cannot be taken, because ${refusal}`],
  );
}

/** By the files that have it. */
function useFaults({ name, apply }: ProductParameter, spec: ProductSpec): readonly string[] {
  const users = filesOf(spec).filter(({ file }) => placeholdersOf(file.content).includes(`parameters.${name}`));
  if (users.length === 0) return ['no file has a placeholder for it, so that it would change nothing'];
  return users
    .filter(({ file }) => file.onChange !== ON_CHANGE[apply])
    .map(
      ({ step, file }) =>
        `apply ${apply} needs a file whose onChange is ${ON_CHANGE[apply]}, and that of step ${step.name} is ${file.onChange}`,
    );
}
