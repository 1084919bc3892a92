import { listedNamespaces } from './listednamespaces.ts';
import { relist } from './relist.ts';
import type { ScaleRow } from './row.ts';

/** In the order of the table. */
export const scaleRows: readonly ScaleRow[] = [listedNamespaces, relist];
