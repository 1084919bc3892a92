import type { UpgradePath } from '../../api/lineupgrade.ts';
import type { OperatingSystem } from '../../api/operatingsystem.ts';
import type { ProductSpec } from '../../api/product.ts';
import { instant } from '../contract/condition.ts';
import { supportedUntil } from './supported.ts';

export type PathFacts = {
  readonly product: ProductSpec;
  /** OperatingSystem of the VM. */
  readonly system: string;
  readonly operatingSystem: OperatingSystem | undefined;
};

/** A way that may be gone now, or why there is none, as a sentence. */
export type LinePath =
  | { readonly path: UpgradePath; readonly obstacle?: never }
  | { readonly path?: never; readonly obstacle: string };

/** How the provider brings an application from one line to another on its VM (GE-11), while that line may be ordered there (GE-9). */
export function linePath(
  from: string,
  to: string,
  { product, system, operatingSystem }: PathFacts,
  now: Date,
): LinePath {
  const what = `${product.displayName} ${to}`;
  const line = product.lines.find(({ name }) => name === to);
  if (line === undefined) return { obstacle: `${what} is not offered.` };
  if (line.blocked !== undefined) return { obstacle: `${what} may not be ordered: ${line.blocked}.` };
  if (!line.operatingSystems.some(({ name }) => name === system))
    return { obstacle: `${what} is not offered on ${system}; it takes a VM of its own with another system.` };
  const { at, by } = supportedUntil(product, line, system, operatingSystem);
  if (now >= at) return { obstacle: `support of ${what} ended at ${instant(at)} (${by}) (GE-9).` };
  const path = product.upgradePaths?.find(each => each.from === from && each.to === to);
  return path === undefined
    ? {
        obstacle: `the provider offers no way from ${product.displayName} ${from} to ${to}; it is a migration to be agreed on (GE-11).`,
      }
    : { path };
}

/** The way to a line whose support goes on beyond an end, of the one that the Product has from a line. */
export function wayOut(from: string, ends: Date, facts: PathFacts, now: Date): LinePath {
  const { product, system, operatingSystem } = facts;
  const to = product.upgradePaths?.find(path => path.from === from)?.to;
  if (to === undefined) return { obstacle: `the provider offers no way from ${product.displayName} ${from} on.` };
  const found = linePath(from, to, facts, now);
  const line = product.lines.find(({ name }) => name === to);
  if (found.path === undefined || line === undefined) return found;
  const { at, by } = supportedUntil(product, line, system, operatingSystem);
  return at > ends
    ? found
    : { obstacle: `support of ${product.displayName} ${to} on ${system} ends no later, at ${instant(at)} (${by}).` };
}
