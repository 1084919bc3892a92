import type { Designated } from '../../api/designated.ts';
import type { ManagedApplication } from '../../api/managedapplication.ts';
import type { Product } from '../../api/product.ts';
import type { ProductProbe } from '../../api/productprobes.ts';
import type { FileFormat, ProductStep } from '../../api/productsteps.ts';
import type { ApplicationPlan, Engine, PlanProbe, PlanStep } from '../contract/applicationplan.ts';
import { closedPorts, updateTo } from './designated.ts';
import { lineOf } from './line.ts';
import { type LineAct, type LineSteps, withLineSteps } from './linesteps.ts';
import { moduleEngine, moduleStepName, orderedModules } from './modules.ts';
import type { ParameterValue } from './parameters.ts';
import type { Inserted } from './quoting.ts';
import { LINE, PASSWORD_HASH, rendered, type Values } from './template.ts';
import type { Verifiers } from './verifiers.ts';

export type PlanInput = {
  readonly product: Product;
  readonly application: ManagedApplication;
  /** Every parameter of the Product, as {@link readParameters} has read them. */
  readonly parameters: ReadonlyMap<string, ParameterValue>;
  /** Of the binding's password; absent: there is none yet, which only a Product without a login can do with. */
  readonly verifiers?: Verifiers | undefined;
  /** The version that the provider has designated for the line on the system; absent: none. */
  readonly designated?: Designated | undefined;
  /** Version line that it is for; absent: the one that runs. */
  readonly line?: string | undefined;
  /** What it has of a change of the line; absent: nothing. */
  readonly lineChange?: LineAct | undefined;
};

/** What shall be so in the guest, or why that cannot be said: full sentences that name the field of the Product. */
export type Planned =
  | { readonly plan: ApplicationPlan; readonly problems?: undefined }
  | { readonly plan?: undefined; readonly problems: readonly string[] };

/** The plan of an order that is to be there, and is not refused ({@link refusalOf}). The same for the same input, whatever the order of its modules. */
export function planOf(input: PlanInput): Planned {
  const { metadata } = input.application;
  const writer = new Writer(input);
  const { spec } = input.product;
  const probes = new Map(spec.probes.map(probe => [probe.name, writer.probe(probe)]));
  const steps = spec.steps.flatMap(step => writer.steps(step, probes));
  const versionOf = steps.find(step => step.type === 'package')?.packages[0];
  if (versionOf === undefined)
    writer.problems.push('spec.steps: no step of type package says whose version is that of the application.');
  if (writer.problems.length > 0 || versionOf === undefined) return { problems: writer.problems };
  const { name: application, uid = '' } = metadata;
  const { backup } = spec;
  const plan = {
    application,
    uid,
    present: true,
    steps: [...withLineSteps(designatedIn(steps, input), lineStepsOf(input))],
    probes: [...probes.values()],
    versionOf,
  };
  return { plan: { ...plan, ...(backup && { backup }) } };
}

function lineStepsOf({ lineChange, product: { spec } }: PlanInput): LineSteps | undefined {
  const names = spec.steps.flatMap(step => step.package?.names ?? []);
  return (
    lineChange && {
      ...{ ...lineChange, ports: closedPorts(spec) },
      packagesOf: line => names.filter(name => name.includes(LINE)).map(name => name.replaceAll(LINE, line)),
    }
  );
}

/** The first step of packages has the version, so that is the one that is brought to another. */
function designatedIn(steps: readonly PlanStep[], { designated, product: { spec } }: PlanInput): PlanStep[] {
  const first = steps.findIndex(({ type }) => type === 'package');
  return steps.map((step, index) =>
    designated !== undefined && index === first && step.type === 'package'
      ? { ...step, update: updateTo(designated, spec) }
      : step,
  );
}

/** What placeholders stand for in the files of an order. */
function valuesOf({ product: { spec }, application, parameters, verifiers, line }: PlanInput): Values {
  const preload = orderedModules(spec, application.spec.modules).filter(module => module.preload);
  const word = (text: string): Inserted => ({ type: 'Word', word: text });
  const { port, username, database } = spec.interface ?? {};
  return new Map<string, Inserted>([
    ['line', word(line ?? lineOf(application))],
    ['modules.preload', { type: 'Text', text: preload.map(({ name }) => name).join(',') }],
    ...[...parameters].map(([name, value]) => [`parameters.${name}`, value] as const),
    ...(port === undefined ? [] : [['interface.port', word(String(port))] as const]),
    ...(username === undefined ? [] : [['binding.username', word(username)] as const]),
    ...(database === undefined ? [] : [['binding.database', word(database)] as const]),
    ...(verifiers === undefined ? [] : [[PASSWORD_HASH, word(verifiers.sha256)] as const]),
  ]);
}

/** What may stand in names, paths and arguments: nothing that a customer writes, and nothing secret. */
const EVERYWHERE = ['line', 'interface.port'];

/** Puts values into the texts of a Product, and keeps what cannot be put in. */
class Writer {
  readonly problems: string[] = [];
  readonly #input: PlanInput;
  readonly #values: Values;
  readonly #words: Values;
  readonly #engine: Engine | undefined;

  constructor(input: PlanInput) {
    this.#input = input;
    this.#values = valuesOf(input);
    this.#words = new Map([...this.#values].filter(([name]) => EVERYWHERE.includes(name)));
    this.#engine = moduleEngine(input.product.spec);
  }

  steps(step: ProductStep, probes: ReadonlyMap<string, PlanProbe>): readonly PlanStep[] {
    const { name } = step;
    if (step.package)
      return [{ type: 'package', name, packages: step.package.names.map(each => this.#word(step, each)) }];
    if (step.file) return [this.#file(step, step.file)];
    if (step.directory) {
      const { path, owner, group, mode } = step.directory;
      return [{ type: 'directory', name, path: this.#word(step, path), owner, group, mode }];
    }
    if (step.systemUser) {
      const { name: login, home } = step.systemUser;
      return [{ type: 'systemUser', name, login, home: this.#word(step, home) }];
    }
    if (step.unit) return [{ type: 'unit', name, unit: this.#word(step, step.unit.name) }];
    if (step.database) return this.#inDatabase(step, step.database);
    if (step.command) {
      const { run, unless, runAs, timeoutSeconds, safeToRepeat } = step.command;
      const argv = { run: this.#argv(step, run), unless: this.#argv(step, unless) };
      return [{ type: 'command', name, ...argv, runAs, timeoutSeconds, safeToRepeat }];
    }
    if (step.firewallPort) return [{ type: 'firewallPort', name, port: step.firewallPort.port }];
    return step.waitFor ? this.#wait(step, step.waitFor, probes) : [];
  }

  probe(probe: ProductProbe): PlanProbe {
    const { name, timeoutSeconds, sql, keyValue, tcp, http, command } = probe;
    const said = { name, timeoutSeconds };
    if (sql) return { type: 'sql', ...said, ...sql };
    if (keyValue) return { type: 'keyValue', ...said, ...keyValue };
    if (tcp) return { type: 'tcp', ...said, ...tcp };
    if (http) return { type: 'http', ...said, ...http };
    const { run = [], output } = command ?? {};
    const argv = run.map(each => this.#text(`spec.probes.${name}`, each, 'Plain', this.#words));
    return { type: 'command', ...said, run: argv, ...(output !== undefined && { output }) };
  }

  #file(step: ProductStep, file: NonNullable<ProductStep['file']>): PlanStep {
    const { owner, group, mode, format, validate, unit, onChange } = file;
    const place = `spec.steps.${step.name}`;
    return {
      ...{ type: 'file', name: step.name, path: this.#word(step, file.path), owner, group, mode },
      content: this.#text(place, file.content, format, this.#values),
      ...(validate && { validate: this.#validation(step, validate) }),
      ...(unit !== undefined && onChange !== 'Nothing' && { change: { unit: this.#word(step, unit), how: onChange } }),
    };
  }

  #inDatabase(step: ProductStep, what: NonNullable<ProductStep['database']>): readonly PlanStep[] {
    const { name } = step;
    const { engine, role, database, extension } = what;
    if (extension) {
      const words = { database: extension.database, extension: this.#word(step, extension.name) };
      return [{ type: 'extension', name, engine, ...words }];
    }
    if (database) {
      const made: PlanStep = { type: 'database', name, engine, database: database.name, owner: database.owner };
      const isBinding = database.name === this.#input.product.spec.interface?.database;
      return isBinding ? [made, ...this.#modules(database.name)] : [made];
    }
    if (role === undefined) return [];
    const { verifiers } = this.#input;
    if (verifiers !== undefined) return [{ type: 'role', name, engine, role, verifier: verifiers[engine] }];
    this.problems.push(`spec.steps.${name}: the credentials of the binding are not made yet.`);
    return [];
  }

  /** In the database of the binding, for that is where the customer's statements are. */
  #modules(database: string): readonly PlanStep[] {
    const engine = this.#engine;
    if (engine === undefined) return [];
    const { product, application } = this.#input;
    return orderedModules(product.spec, application.spec.modules).map(({ name: extension }) => {
      return { type: 'extension', name: moduleStepName(extension), engine, database, extension };
    });
  }

  #wait(
    { name }: ProductStep,
    { probe: named, timeoutSeconds }: NonNullable<ProductStep['waitFor']>,
    probes: ReadonlyMap<string, PlanProbe>,
  ): readonly PlanStep[] {
    const probe = probes.get(named);
    if (probe !== undefined) return [{ type: 'waitFor', name, probe, timeoutSeconds }];
    this.problems.push(`spec.steps.${name}.waitFor: there is no probe ${named}.`);
    return [];
  }

  #argv({ name }: ProductStep, argv: readonly string[], words: Values = this.#words): string[] {
    return argv.map(each => this.#text(`spec.steps.${name}`, each, 'Plain', words));
  }

  /** {{ file }} is left to the worker, who alone knows where the new file lies. */
  #validation(step: ProductStep, argv: readonly string[]): string[] {
    return this.#argv(step, argv, new Map([...this.#words, ['file', { type: 'Word', word: '{{ file }}' }]]));
  }

  #word({ name }: ProductStep, text: string): string {
    return this.#text(`spec.steps.${name}`, text, 'Plain', this.#words);
  }

  #text(place: string, template: string, format: FileFormat, values: Values): string {
    const { text, problem } = rendered(template, format, values);
    if (text !== undefined) return text;
    this.problems.push(`${place}: ${problem}.`);
    return '';
  }
}
