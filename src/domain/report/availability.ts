/** How long something was up, of how long that was promised, and whether a promise of a percentage was kept. Whole numbers throughout. */

export type Minutes = { readonly good: number; readonly bad: number; readonly noData: number };

/** `Unproven`: it depends on minutes of which nobody can say. `NotMeasured`: there are none that count. */
export type Verdict = 'Kept' | 'Broken' | 'Unproven' | 'NotMeasured';

export type Shares = {
  /** Of the minutes of which somebody can say; absent: there are none. */
  readonly percent?: string;
  /** If all minutes without data had been bad, and if all had been good; absent: there are no minutes. */
  readonly least?: string;
  readonly most?: string;
};

const WHOLE = 100_000;

/**
 * Minutes without data are neither good nor bad: a promise is kept where it is kept even if all of them were bad, and broken where it is broken even if all
 * were good. `target`: percent with at most three places, e.g. 99.9.
 */
export function availabilityVerdict(target: string, { good, bad, noData }: Minutes): Verdict {
  const total = good + bad + noData;
  if (total === 0) return 'NotMeasured';
  const needed = thousandths(target) * total;
  if (good * WHOLE >= needed) return 'Kept';
  return (good + noData) * WHOLE < needed ? 'Broken' : 'Unproven';
}

export function sharesOf({ good, bad, noData }: Minutes): Shares {
  const [known, total] = [good + bad, good + bad + noData];
  if (total === 0) return {};
  return {
    ...(known > 0 && { percent: percentOf(good, known) }),
    ...{ least: percentOf(good, total), most: percentOf(good + noData, total) },
  };
}

/** With three places, rounded down: what was almost kept is not shown as kept. */
function percentOf(part: number, whole: number): string {
  const share = Math.floor((part * WHOLE) / whole);
  return `${Math.floor(share / 1000)}.${String(share % 1000).padStart(3, '0')}`;
}

function thousandths(percent: string): number {
  const [whole = '0', places = ''] = percent.split('.');
  return Number(whole) * 1000 + Number(places.padEnd(3, '0').slice(0, 3));
}
