import { z } from 'zod';

/** Letters of European languages; of the ASCII rest what stands in names. One line, nothing that a terminal or a page would read as its own. */
const pattern = /^[0-9A-Za-zÀ-ɏ]([0-9A-Za-zÀ-ɏ .,'()/&-]*[0-9A-Za-zÀ-ɏ.)])?$/;

/** What people, companies and days are called, for people to read. */
export const DisplayName = (max: number) => z.string().min(1).max(max).regex(pattern);
