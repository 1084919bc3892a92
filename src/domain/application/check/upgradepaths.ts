import type { ProductSpec } from '../../../api/product.ts';
import { LINE } from '../template.ts';

/** What is wrong with the ways from line to line (GE-11): each leads between lines that one system has, and the packages tell them apart. */
export function upgradeFaults({ upgradePaths = [], lines, steps }: ProductSpec): readonly string[] {
  const systemsOf = (line: string) => lines.find(({ name }) => name === line)?.operatingSystems.map(({ name }) => name);
  const isLined = steps.some(step => step.package?.names.some(name => name.includes(LINE)));
  const hasEngine = steps.some(({ database }) => database?.engine === 'PostgreSQL');
  return upgradePaths.flatMap(({ from, to }) => {
    const [before, after] = [systemsOf(from), systemsOf(to)];
    const missing = [from, to].filter(line => systemsOf(line) === undefined);
    const apart = before !== undefined && after !== undefined && !before.some(name => after.includes(name));
    const said = [
      ...missing.map(line => `there is no line ${line}`),
      ...(apart ? [`no system has both: a change of the line is made inside of one VM`] : []),
      ...(isLined ? [] : ['no package has {{ line }} in its name, so that both lines would be one']),
      ...(hasEngine ? [] : ['no step of type database is of engine PostgreSQL']),
    ];
    return said.map(fault => `spec.upgradePaths.${from}: ${fault}.`);
  });
}
