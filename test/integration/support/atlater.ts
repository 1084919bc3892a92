/** Preloaded into a program of Steward: its clock is ahead by STEWARD_TEST_AHEAD_MS. Windows of days are tried in seconds; the API server keeps its own time. */
const ahead = Number(process.env.STEWARD_TEST_AHEAD_MS);
const Now = Date;

class Later extends Now {
  constructor(...given: readonly unknown[]) {
    // The constructor of Date has a signature for each number of arguments.
    super(...((given.length === 0 ? [Later.now()] : given) as [number]));
  }

  static override now(): number {
    return Now.now() + ahead;
  }
}

globalThis.Date = Later as DateConstructor;
