/** The steps of a long run: said when they begin and end, and listed with their times at the end. */
import { spoken } from '../testbed/build/progress.ts';

export type Steps = {
  /** A line with the time since the beginning. */
  say(line: string): void;
  step<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
  /** One line per step that ended well. */
  summary(): string;
};

export function newSteps(print: (line: string) => void = console.log): Steps {
  const began = performance.now();
  const done: { name: string; milliseconds: number }[] = [];
  const say = (line: string) => print(`[${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s] ${line}`);
  return {
    say,
    async step(name, work) {
      const start = performance.now();
      say(name);
      const result = await work();
      done.push({ name, milliseconds: performance.now() - start });
      return result;
    },
    summary: () => {
      const width = Math.max(...done.map(({ name }) => name.length));
      return done.map(({ name, milliseconds }) => `${name.padEnd(width)}  ${spoken(milliseconds)}`).join('\n');
    },
  };
}
