import type { OperatingSystem } from '../../api/operatingsystem.ts';
import { type Product, ProductSpec, type ProductStatus } from '../../api/product.ts';
import { faultsOf } from '../application/productcheck.ts';
import { supportedUntil, type Until } from '../application/supported.ts';
import { type ConditionInput, earliest, instant, latest } from '../contract/condition.ts';
import { bounded } from '../contract/excerpt.ts';
import { readable } from '../contract/readable.ts';
import type { Unreadable } from '../contract/unreadable.ts';
import { NOTICE_DAYS } from '../machine/lifecycle.ts';
import { type Assessment, notReadable, observed, stalled } from './policystatus.ts';

export type ProductFacts = {
  readonly product: Product;
  /** ManagedApplications of it. */
  readonly applications: number;
  readonly systemNamed: (name: string) => OperatingSystem | undefined;
  /** A kind that cannot be read and without which nothing can be said. */
  readonly unreadable?: Unreadable | undefined;
  readonly now: Date;
};

const NOTICE_MS = NOTICE_DAYS * 86_400_000;

/** Whether a Product can be carried out, and which of its lines are supported on which system (AP-14, GE-9). */
export function assessProduct(facts: ProductFacts): Assessment<ProductStatus> {
  const { product, applications, unreadable, now } = facts;
  const status = { ...observed(product.metadata.generation), applications };
  const { spec, problem } = readable(ProductSpec, product.spec);
  if (spec === undefined) return { status, conditions: stalled('InvalidProduct', bounded(`${problem}.`)) };
  if (unreadable) return { status, conditions: notReadable(unreadable, 'Supported') };
  const lines = linesOf(spec, facts.systemNamed);
  const nextEdge = earliest(...lines.supports.flatMap(({ at }) => edges(at, now)));
  return {
    status,
    conditions: [...readiness({ ...product, spec }), supported(lines, now)],
    ...(nextEdge && { nextEdge }),
  };
}

function edges(until: Date, now: Date): readonly Date[] {
  return [new Date(until.getTime() - NOTICE_MS), until].filter(edge => edge > now);
}

function readiness(product: Product): ConditionInput[] {
  const faults = faultsOf(product);
  if (faults.length > 0) {
    const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
    return stalled('InvalidProduct', bounded(`Nothing of it is carried out for ${count}: ${faults.join(' ')}`));
  }
  const { lines, levels, parameters = [], modules = [] } = product.spec;
  const offered = lines.filter(({ blocked }) => blocked === undefined).map(({ name }) => name);
  if (offered.length === 0)
    return stalled('Withdrawn', 'Every line is blocked: who has one keeps it, and nobody can order it any more.');
  const what = `${parameters.length} parameters and ${modules.length} modules`;
  const message = `It can be ordered at ${levels.join(', ')} in line ${offered.join(', ')}, with ${what}.`;
  return [{ type: 'Ready', status: 'True', reason: 'Offered', message }];
}

type LineSupport = Until & { readonly name: string };

type Lines = {
  readonly supports: readonly LineSupport[];
  /** Lines on systems of which the catalogue knows nothing. */
  readonly unknown: readonly string[];
};

/** Of the lines that may be ordered, each on each of its systems. */
function linesOf(spec: ProductSpec, systemNamed: ProductFacts['systemNamed']): Lines {
  const offered = spec.lines.filter(({ blocked }) => blocked === undefined);
  const each = offered.flatMap(line =>
    line.operatingSystems.map(({ name }) => ({ line, name: `${line.name} on ${name}`, system: systemNamed(name) })),
  );
  return {
    supports: each.flatMap(({ line, name, system }) =>
      system === undefined ? [] : { name, ...supportedUntil(spec, line, system.metadata.name, system) },
    ),
    unknown: each.filter(({ system }) => system === undefined).map(({ name }) => name),
  };
}

/** It is supported as long as any line is: which of them is, the message says, and each ManagedApplication of its own. */
function supported({ supports, unknown }: Lines, now: Date): ConditionInput {
  const [running, ended] = [supports.filter(({ at }) => at > now), supports.filter(({ at }) => at <= now)];
  const message = bounded(
    [
      ...(running.length > 0 ? [`Supported: ${running.map(said).join(', ')}.`] : []),
      ...(ended.length > 0 ? [`Not any more: ${ended.map(said).join(', ')}.`] : []),
      ...(unknown.length > 0 ? [`Not in the catalogue of systems: ${unknown.join(', ')}.`] : []),
    ].join(' '),
  );
  const last = latest(...running.map(({ at }) => at));
  if (last === undefined)
    return ended.length > 0
      ? { type: 'Supported', status: 'False', reason: 'SupportEnded', message }
      : {
          type: 'Supported',
          status: 'Unknown',
          reason: 'OperatingSystemNotFound',
          message: message || 'No line is offered.',
        };
  const isSoon = last.getTime() - NOTICE_MS <= now.getTime();
  return { type: 'Supported', status: 'True', reason: isSoon ? 'SupportEndsSoon' : 'LineSupported', message };
}

function said({ name, at, by }: LineSupport): string {
  return `${name} until ${instant(at)} (${by})`;
}
