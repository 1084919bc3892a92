import type { ConditionInput } from '../api/conditions.ts';
import type { KubeObject } from '../api/object.ts';

const LINES_PER_PIECE = 4_000;

/** The two halves of an object's lines. */
type Series = { readonly object: string; readonly conditions: readonly string[] };

/**
 * One series per condition of every object, always 1: `<name>{kind,namespace,name,type,status,reason}`. The objects differ in their names,
 * their conditions hardly do: the text of each is kept once, and lines are put together when somebody asks.
 */
export class ConditionSeries {
  readonly #name: string;
  /** By UID. */
  readonly #objects = new Map<string, Series>();
  /** Second halves, by type, status and reason: as many as there are of these together. */
  readonly #texts = new Map<string, string>();

  constructor(name: string) {
    this.#name = name;
  }

  /** What the object's status says from now on. */
  record({ kind, metadata }: KubeObject, conditions: readonly ConditionInput[]): void {
    const names = labels({ kind, namespace: metadata.namespace ?? '', name: metadata.name });
    const object = `${this.#name}{${names},`;
    this.#objects.set(metadata.uid ?? '', { object, conditions: conditions.map(each => this.#textOf(each)) });
  }

  /** The object is not there any more. */
  forget(uid: string): void {
    this.#objects.delete(uid);
  }

  /** In Prometheus' text format, some thousands of lines at a time. */
  *pieces(): Generator<string> {
    let lines = [`# HELP ${this.#name} A condition of an object, as its status says it; always 1.`];
    lines.push(`# TYPE ${this.#name} gauge`);
    for (const { object, conditions } of this.#objects.values()) {
      for (const condition of conditions) lines.push(object + condition);
      if (lines.length < LINES_PER_PIECE) continue;
      yield `${lines.join('\n')}\n`;
      lines = [];
    }
    if (lines.length > 0) yield `${lines.join('\n')}\n`;
  }

  #textOf({ type, status, reason }: ConditionInput): string {
    const key = `${type} ${status} ${reason}`;
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    const text = `${labels({ type, status, reason })}} 1`;
    this.#texts.set(key, text);
    return text;
  }
}

function labels(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${value.replace(/["\\\n]/g, escaped)}"`)
    .join(',');
}

function escaped(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`;
}
