import type { ProductSpec } from '../../src/api/product.ts';
import { code, table } from './markdown.ts';

/** Version lines with both clocks (AP-14, GE-9). */
export function linesSection({ lines, supportedBy }: ProductSpec): string {
  const rows = lines.flatMap(line =>
    line.operatingSystems.map(system => [
      line.blocked === undefined ? line.name : `${line.name}, not to be ordered: ${line.blocked}`,
      system.name,
      line.endOfSupport,
      system.endOfSupport ?? 'not said',
      system.designated?.version ?? 'as the system has it',
      `${line.source === undefined ? 'no source' : `[vendor](${line.source})`}${line.checkedOn === undefined ? '' : `, checked ${line.checkedOn}`}`,
    ]),
  );
  const decides =
    supportedBy === 'Vendor'
      ? "The vendor's dates decide, and those of the operating system"
      : "The dates of the distribution, whose security team mends it, decide, and those of the operating system; the vendor's are shown beside them";
  return `## Versions, and how long they are supported
${table(['line', 'on', 'vendor until', 'distribution until', 'exact version', 'source'], rows)}

${decides}: the earliest is the end (AP-14). It is announced 180 days ahead; after it nothing new is ordered (GE-9). Another line takes a change that both sides agree to (GE-11).`;
}

/** Every line on every system that is offered, tested or not. */
export function testedSection({ lines, tested = [] }: ProductSpec): string {
  const inPlace = (line: string, system: string, environment: string) => {
    const found = tested.find(
      each => each.line === line && each.operatingSystem === system && each.environment === environment,
    );
    return found === undefined ? '**not tested**' : `${found.day}, ${code(found.command)}`;
  };
  const rows = lines.flatMap(({ name, operatingSystems }) =>
    operatingSystems.map(system => [
      ...[name, system.name],
      ...[inPlace(name, system.name, 'Guest'), inPlace(name, system.name, 'Chroot')],
    ]),
  );
  return `## What was tested
On which day all of it passed last, and by what. In a guest: a VM that boots, with all of Steward. In a chroot: packages and scripts alone.

${table(['line', 'on', 'in a guest', 'in a chroot'], rows)}`;
}
