/** How a long piece of work tells a person that it is alive. */
export type Progress = (line: string) => void;

/** A duration as people say it: `42 s`, `7 min 05 s`. */
export function spoken(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}
