/**
 * What happened, as those who were there would tell it: guests, customers, people, sensors. Plain data that knows nothing of Steward; what Steward told of it
 * stands beside it. The invariants hold the one to the other.
 */
export type Seconds = number;

/** A weekly window by the clock on the wall in Berlin. */
export type PlainWindow = {
  readonly name: string;
  /** 0: Sunday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly minutes: number;
  /** How long before its end nothing is installed any more. */
  readonly reserve: number;
  /** Days on which it stays closed, both included. */
  readonly closed: readonly { readonly from: string; readonly to: string }[];
};

export type SystemAct = {
  readonly at: Seconds;
  readonly what: 'Ordered' | 'SetUp' | 'Level' | 'Power' | 'Gone';
  readonly level?: string;
  readonly on?: boolean;
};
export type SystemDiary = {
  readonly uid: string;
  readonly name: string;
  readonly contract: string;
  readonly window: string;
  readonly acts: SystemAct[];
  /** What began in the guest by which it is changed. */
  readonly changed: { readonly at: Seconds; readonly step: string; readonly run: string }[];
};

export type IncidentAct = {
  readonly at: Seconds;
  readonly what: 'Fired' | 'Cleared' | 'Taken' | 'Waiting' | 'Answered' | 'Resolved' | 'Closed';
};
export type IncidentDiary = {
  readonly uid: string;
  readonly system: string;
  readonly acts: IncidentAct[];
  /** Seconds of work that were noted. */
  effort?: Seconds;
  /** What Steward told of it each time: phase, clocks. */
  readonly told: {
    readonly at: Seconds;
    readonly phase: string;
    readonly priority?: string | undefined;
    readonly response?: ToldClock | undefined;
    readonly resolution?: ToldClock | undefined;
  }[];
};
export type ToldClock = {
  readonly target: string;
  readonly state: string;
  readonly due?: string | undefined;
  readonly elapsed?: string | undefined;
  readonly breached: boolean;
};

export type ChangeDiary = {
  readonly uid: string;
  readonly system: string;
  readonly window: { readonly from: Seconds; readonly to: Seconds };
  /** Decisions with the version of the plan that was read. */
  readonly decisions: { readonly at: Seconds; readonly by: string; readonly decision: string; readonly plan: number }[];
  /** When each version of the plan was written. */
  readonly plans: { readonly at: Seconds; readonly plan: number }[];
  begun?: Seconds;
  done?: Seconds;
  succeeded?: boolean;
  /** Seconds of work that were booked. */
  effort?: Seconds;
  /** Of an order: what was ordered. */
  readonly ordered?: { readonly at: Seconds; readonly service: string };
};

export type BackupDiary = {
  readonly system: string;
  /** Starts of backups that are whole. */
  readonly good: Seconds[];
  /** At which instants it was said, and what. */
  readonly told: { readonly at: Seconds; readonly inTime: boolean }[];
};

export type BillDiary = {
  readonly contract: string;
  readonly month: string;
  readonly lines: readonly {
    readonly kind: string;
    readonly uid: string;
    readonly item?: string | undefined;
    readonly level?: string | undefined;
    readonly days: readonly string[];
    readonly amount: string;
    readonly id: string;
  }[];
  readonly total: string;
};

export type Diary = {
  readonly windows: readonly PlainWindow[];
  readonly systems: Map<string, SystemDiary>;
  readonly incidents: Map<string, IncidentDiary>;
  readonly changes: Map<string, ChangeDiary>;
  readonly backups: Map<string, BackupDiary>;
  readonly bills: BillDiary[];
  /** Breaches as the report of a contract and month tells them: UID of the incident and name of the clock. */
  readonly reports: { readonly contract: string; readonly month: string; readonly breaches: string[] }[];
  readonly faults: Map<string, number>;
};

export function emptyDiary(windows: readonly PlainWindow[]): Diary {
  return {
    windows,
    ...{ systems: new Map(), incidents: new Map(), changes: new Map(), backups: new Map() },
    ...{ bills: [], reports: [], faults: new Map() },
  };
}
