import type { ValidationRule } from './kind.ts';

/** A record whose phase is a verdict says it for good (GE-8). `what`: the record, as its message names it. */
export function finalVerdict(what: string, phases: readonly string[]): ValidationRule {
  const finals = `[${phases.map(phase => `'${phase}'`).join(', ')}]`;
  return {
    rule: `!has(oldSelf.status) || !(oldSelf.status.phase in ${finals}) || (has(self.status) && self.status == oldSelf.status)`,
    message: `the ${what} has its verdict: it never changes again (GE-8)`,
    reason: 'FieldValueForbidden',
  };
}
