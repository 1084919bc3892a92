import { type LadderRung, rungWords } from './ladders.ts';

/** What a ladder does, as its runbook says it: a numbered line for each rung. */
export function ladderWords(ladder: readonly LadderRung[]): string {
  const rungs = ladder.map(rung => {
    const { maxPer, onlySilent, cooldownMinutes } = rung;
    const words = rungWords(rung);
    const when = onlySilent ? ', only where neither the guest agent nor sshd answers' : '';
    return `${words.charAt(0).toUpperCase()}${words.slice(1)}${when}. At most ${maxPer.count} in ${maxPer.hours} hours; the alarm is waited for ${cooldownMinutes} minutes.`;
  });
  return [...rungs, 'A person is called.'].map((line, index) => `${index + 1}. ${line}`).join('\n');
}
