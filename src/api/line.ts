import { z } from 'zod';

/** Printable ASCII, letters of European languages and their quotation marks and dashes: nothing that a terminal or a page would obey. */
const pattern = /^[ -~¡-¬®-ɏ–—‘-„…€]+$/;

/** One line of what people say. */
export const Line = (max: number) => z.string().min(1).max(max).regex(pattern);
