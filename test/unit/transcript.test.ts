import { describe, expect, it } from 'vitest';
import { steady, stepsOf } from '../chart/transcript.ts';

const page = `# A page
\`\`\`console
anna$ kubectl get chg -n shop
NAME            AGE
tune-9d0f5b1a   5s
kim$ kubectl create -f - <<EOF
kind: Approval
EOF
approval created
kim$ X=$(kubectl get chg)
\`\`\`
\`\`\`yaml
kind: Policy
\`\`\`
`;

describe('a page that shows a terminal', () => {
  it('is read as commands, who typed them and what was written', () => {
    expect(stepsOf(page)).toEqual([
      { who: 'anna', command: 'kubectl get chg -n shop', output: 'NAME            AGE\ntune-9d0f5b1a   5s\n' },
      { who: 'kim', command: 'kubectl create -f - <<EOF\nkind: Approval\nEOF', output: 'approval created\n' },
      { who: 'kim', command: 'X=$(kubectl get chg)', output: '' },
    ]);
  });

  it('differs between two runs in hashes, uids, instants, ages and widths only', () => {
    expect(steady('tune-9d0f5b1a   True    5s\n')).toBe(steady('tune-00000000  True  1m12s\n'));
    expect(steady('tune-9d0f5b1a   True    5s\n')).not.toBe(steady('tune-9d0f5b1a   False    5s\n'));
  });
});
