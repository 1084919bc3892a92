import type { ProductSpec } from '../../api/product.ts';
import type { ProductStep } from '../../api/productsteps.ts';
import type { ApplicationPlan } from '../contract/applicationplan.ts';
import type { ParameterValue } from './parameters.ts';
import { quote } from './quoting.ts';
import { placeholdersOf } from './template.ts';

/**
 * Why an order cannot be taken that sets otherwise what is set at the first installation alone: full sentences. What was set is read from the files
 * that the guest worker was told; where the Product writes such a file in another way since, nobody can tell, and nothing is refused.
 */
export function changedAfterInstall(
  product: ProductSpec,
  parameters: ReadonlyMap<string, ParameterValue>,
  told: ApplicationPlan | undefined,
): readonly string[] {
  const fixed = (product.parameters ?? []).filter(({ apply }) => apply === 'FirstInstall');
  return fixed.flatMap(({ name }) => {
    const value = parameters.get(name);
    const changed = product.steps.some(step => value !== undefined && isOtherwise(step, name, value, told));
    return changed
      ? [`spec.parameters.${name}: it was set when the application was installed, and is never changed again.`]
      : [];
  });
}

function isOtherwise({ name: step, file }: ProductStep, name: string, value: ParameterValue, told?: ApplicationPlan) {
  const written = told?.steps.find(each => each.name === step);
  if (file === undefined || written?.type !== 'file') return false;
  const { text } = quote(file.format, value);
  return valuesIn(written.content, file.content, `parameters.${name}`).some(each => each !== text);
}

/** What stands for a placeholder in the lines of a file that has no other; nothing where the template had another line there. */
function valuesIn(content: string, template: string, placeholder: string): readonly string[] {
  const written = content.split('\n');
  return template.split('\n').flatMap((line, index) => {
    const [before = '', after, ...more] = line.split(`{{ ${placeholder} }}`);
    const found = written[index] ?? '';
    if (after === undefined || more.length > 0 || placeholdersOf(line).length > 1) return [];
    const isOfIt = found.startsWith(before) && found.slice(before.length).endsWith(after);
    return isOfIt ? [found.slice(before.length, found.length - after.length)] : [];
  });
}
