import type { ProductSpec } from '../../../api/product.ts';
import { isWritable } from '../parameters.ts';
import { hasBrokenPlaceholder, placeholdersOf } from '../template.ts';

/** Programs and arguments: everybody in the guest can read them, so nothing of a customer or of the binding is in them. */
const ARGUMENTS = ['line', 'interface.port'];

type Argv = { readonly place: string; readonly argv: readonly string[]; readonly more?: readonly string[] };

/** What is wrong with the commands of a Product. */
export function argumentFaults(spec: ProductSpec): readonly string[] {
  return commandsOf(spec).flatMap(command => faultsOf(command, spec).map(fault => `${command.place}: ${fault}.`));
}

function commandsOf({ steps, probes }: ProductSpec): readonly Argv[] {
  const ofSteps = steps.flatMap(({ name, command, file, database }) => [
    ...(command === undefined
      ? []
      : [
          { place: `spec.steps.${name}.command.run`, argv: command.run },
          { place: `spec.steps.${name}.command.unless`, argv: command.unless },
        ]),
    ...(file?.validate === undefined
      ? []
      : [{ place: `spec.steps.${name}.file.validate`, argv: file.validate, more: ['file'] }]),
    ...(database?.extension === undefined
      ? []
      : [{ place: `spec.steps.${name}.database.extension.name`, argv: [database.extension.name] }]),
  ]);
  const ofProbes = probes.flatMap(({ name, command }) =>
    command === undefined ? [] : [{ place: `spec.probes.${name}.command.run`, argv: command.run }],
  );
  return [...ofSteps, ...ofProbes];
}

function faultsOf({ argv, more = [] }: Argv, { interface: face }: ProductSpec): readonly string[] {
  const names = [...new Set(argv.flatMap(placeholdersOf))];
  const known = [...ARGUMENTS, ...more];
  return [
    ...(argv.every(isWritable) ? [] : ['an argument has a character in it that is not printed']),
    ...(argv.some(hasBrokenPlaceholder) ? ['an argument has {{ in it that begins no placeholder'] : []),
    ...names
      .filter(name => !known.includes(name))
      .map(
        name => `{{ ${name} }} may not be an argument; there may be ${known.map(each => `{{ ${each} }}`).join(', ')}`,
      ),
    ...(names.includes('interface.port') && face === undefined
      ? ['{{ interface.port }} stands for nothing, because the Product has no interface']
      : []),
    ...(more.includes('file') && !names.includes('file')
      ? ['without {{ file }} it looks at nothing of the new file']
      : []),
  ];
}
