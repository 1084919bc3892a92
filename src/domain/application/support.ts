import type { OperatingSystem } from '../../api/operatingsystem.ts';
import type { ProductLine, ProductSpec } from '../../api/product.ts';
import { endOfDay, supportEnds } from '../machine/lifecycle.ts';

/** How long a line is supported on a system (AP-14, GE-9). */
export type LineSupport = {
  readonly line: string;
  readonly system: string;
  /** The midnight (UTC) after the last supported day. */
  readonly until: Date;
  /** Whose date that is. The system's own end ends everything on it. */
  readonly by: 'Vendor' | 'Distribution' | 'OperatingSystem';
};

/** Support of a line on a system; undefined where the line is not offered on it, or a date is no date. */
export function lineSupport(spec: ProductSpec, line: ProductLine, system: OperatingSystem): LineSupport | undefined {
  const { name } = system.metadata;
  const offered = line.operatingSystems.find(each => each.name === name);
  const own = endOfDay(spec.supportedBy === 'Vendor' ? line.endOfSupport : (offered?.endOfSupport ?? ''));
  const ends = supportEnds(system);
  if (offered === undefined || own === undefined || ends === undefined) return undefined;
  const said = { line: line.name, system: name };
  return ends < own ? { ...said, until: ends, by: 'OperatingSystem' } : { ...said, until: own, by: spec.supportedBy };
}
