import type { Advice } from '../../api/applicationadvice.ts';
import type { News } from '../guest/news.ts';
import { counted } from '../guest/words.ts';

/** Advice that is given anew, once each: whoever looks at the order's events need not look at its status every day (AP-12). */
export function adviceNews(before: Advice | undefined, after: Advice | undefined): readonly News[] {
  const isNew = ({ advisor, since }: Advice[number]) =>
    before?.some(each => each.advisor === advisor && each.since === since) !== true;
  return (after ?? []).filter(isNew).map(({ advisor, percent, windowHours, exhausted, proposal }) => ({
    ...{ type: 'Normal' as const, reason: 'Advised' },
    message: `${advisor} is at ${percent} % in the last ${counted(windowHours, 'hour')}${exhausted ? `, and used up on ${exhausted} if it grows on` : ''}. ${proposal}`,
  }));
}
