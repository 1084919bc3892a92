import type { ManagedApplicationStatus } from '../../api/managedapplication.ts';
import type { News } from '../guest/news.ts';
import { adviceNews } from './advicenews.ts';
import { endNews } from './endoflifewords.ts';
import type { Assessment } from './policystatus.ts';
import { driftNews } from './repeateddrift.ts';

/** What events tell of an application besides its readiness, once its status is written. */
export function applicationNews(
  before: ManagedApplicationStatus | undefined,
  { status, conditions }: Assessment<ManagedApplicationStatus>,
): readonly News[] {
  return [
    ...driftNews(before, conditions),
    ...endNews(before?.endOfLife, status.endOfLife),
    ...adviceNews(before?.advice, status.advice),
  ];
}
