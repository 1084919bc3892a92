import { describe, expect, it } from 'vitest';

/**
 * A model of what `RUNNER` and `ASK` do with the files of one step (ready, began, withdrawn, held, exit), walked through in every order, with a
 * scheduler that starts the task late or never and with the end of either at any place. It is a model: that the scripts do so is read, not run.
 */
type State = {
  readonly file: 'ready' | 'began' | 'withdrawn';
  readonly held: 'nobody' | 'runner' | 'asker';
  readonly exit: boolean;
  readonly effects: number;
  readonly runner: 'unstarted' | 'opening' | 'renaming' | 'acting' | 'writing' | 'ending' | 'gone';
  readonly asker: 'idle' | 'opening' | 'looking' | 'renaming';
  /** Questions that may still be asked. */
  readonly questions: number;
  /** How often the action had run when it was first said to be gone. */
  readonly goneAt?: number;
  /** What was said that is not so. */
  readonly wrong?: string;
};

/** A slip in the protocol, which the walk must find. */
type Slip =
  | 'runner takes no file'
  | 'runner renames nothing'
  | 'asker takes no file'
  | 'asker withdraws nothing'
  | 'asker looks once';

const START: State = {
  ...{ file: 'ready', held: 'nobody', exit: false, effects: 0 },
  ...{ runner: 'unstarted', asker: 'idle', questions: 3 },
};

function runnerMoves(state: State, slip?: Slip): readonly State[] {
  const { runner, held, file } = state;
  const ended: State = { ...state, runner: 'gone', held: held === 'runner' ? 'nobody' : held };
  switch (runner) {
    case 'gone':
      return [];
    case 'unstarted':
      return [{ ...state, runner: 'opening' }, ended];
    case 'opening':
      if (slip === 'runner takes no file') return [{ ...state, runner: 'renaming' }, ended];
      return held === 'nobody' ? [{ ...state, held: 'runner', runner: 'renaming' }, ended] : [ended];
    case 'renaming':
      if (slip === 'runner renames nothing') return [{ ...state, runner: 'acting' }, ended];
      return file === 'ready' ? [{ ...state, file: 'began', runner: 'acting' }, ended] : [ended];
    case 'acting':
      return [{ ...state, effects: state.effects + 1, runner: 'writing' }, ended];
    case 'writing':
      return [{ ...state, exit: true, runner: 'ending' }, ended];
    case 'ending':
      return [ended];
  }
}

function askerMoves(state: State, slip?: Slip): readonly State[] {
  const { asker, held, exit } = state;
  const free: State = { ...state, asker: 'idle', held: held === 'asker' ? 'nobody' : held };
  const finished: State = state.effects === 1 ? free : { ...free, wrong: 'Finished without an effect' };
  switch (asker) {
    case 'idle': {
      if (state.questions === 0) return [];
      const asked = { ...state, questions: state.questions - 1 };
      return exit ? [{ ...finished, questions: asked.questions }] : [{ ...asked, asker: 'opening' }];
    }
    case 'opening':
      if (slip === 'asker takes no file') return [{ ...state, asker: 'looking' }];
      return held === 'nobody' ? [{ ...state, held: 'asker', asker: 'looking' }, free] : [free];
    case 'looking':
      return exit && slip !== 'asker looks once' ? [finished] : [{ ...state, asker: 'renaming' }, free];
    case 'renaming': {
      const withdrawn = state.file === 'ready' && slip !== 'asker withdraws nothing';
      const gone: State = { ...free, ...(withdrawn && { file: 'withdrawn' }), goneAt: state.goneAt ?? state.effects };
      return [exit ? { ...gone, wrong: 'Gone, though it has finished' } : gone, free];
    }
  }
}

function wrongOf({ wrong, effects, goneAt }: State): string | undefined {
  if (wrong !== undefined) return wrong;
  if (effects > 1) return 'it ran twice';
  return goneAt !== undefined && effects > goneAt ? 'it ran after it was said to be gone' : undefined;
}

/** Every state that can come, and the first thing that is wrong in one. */
function walk(slip?: Slip): { readonly states: number; readonly wrong: string | undefined } {
  const seen = new Set<string>();
  const open: State[] = [START];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    const wrong = wrongOf(state);
    if (wrong !== undefined) return { states: seen.size, wrong };
    for (const next of [...runnerMoves(state, slip), ...askerMoves(state, slip)]) {
      const key = JSON.stringify(next);
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(next);
    }
  }
  return { states: seen.size, wrong: undefined };
}

describe('a step in a Windows guest, in every order of the runner and of those who ask', () => {
  it('never runs after it was said to be gone, and is never said to be gone once it has finished (GE-8)', () => {
    const { states, wrong } = walk();
    expect(wrong).toBeUndefined();
    expect(states).toBeGreaterThan(100);
  });

  it.each<Slip>([
    'runner takes no file',
    'runner renames nothing',
    'asker takes no file',
    'asker withdraws nothing',
    'asker looks once',
  ])('would not keep that where the %s', slip => {
    expect(walk(slip).wrong).toBeDefined();
  });
});
