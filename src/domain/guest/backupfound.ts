/** What the records of an application's dumps and proofs say, as its guest has them; instants by the guest's clock. */
export type BackupFound = {
  /** Good dumps that lie in the guest, each by as of when it holds the data, the newest first. */
  readonly dumps?: readonly Date[];
  /** Data of before restores, which are kept in the guest; `restore`: uid. */
  readonly kept?: readonly { readonly restore: string; readonly at: Date; readonly bytes: number }[];
  /** The newest good dump: it holds the data as of `at`. */
  readonly last?: {
    readonly at: Date;
    readonly bytes: number;
    readonly tookSeconds: number;
    readonly databases: number;
    readonly tables: number;
    readonly rows: number;
  };
  /** An attempt after it that failed. */
  readonly failed?: { readonly at: Date; readonly what: string };
  /** The last time that a dump was restored and found to hold what was dumped. `tookSeconds`: restoring it. */
  readonly proven?: {
    readonly at: Date;
    /** As of when the dump held the data. */
    readonly of: Date;
    readonly tookSeconds: number;
    readonly tables: number;
    readonly rows: number;
  };
  /** An attempt after it that failed, or whose dump was found to be another than was dumped. */
  readonly unproven?: { readonly at: Date; readonly of: Date; readonly differs: boolean; readonly what: string };
};
