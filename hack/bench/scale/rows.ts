import { creation } from './creation.ts';
import { listedNamespaces } from './listednamespaces.ts';
import { metrics } from './metrics.ts';
import { relist } from './relist.ts';
import { retry } from './retry.ts';
import type { ScaleRow } from './row.ts';

/** In the order of the table. */
export const scaleRows: readonly ScaleRow[] = [listedNamespaces, relist, retry, creation, metrics];
