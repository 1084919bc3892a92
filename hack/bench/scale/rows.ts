import { listedNamespaces } from './listednamespaces.ts';
import type { ScaleRow } from './row.ts';

/** In the order of the table. */
export const scaleRows: readonly ScaleRow[] = [listedNamespaces];
