/** Runtimes with one thing taken out each. A suite that does not notice proves nothing. */
export type Mutant = {
  readonly name: string;
  /** Seen from src/runtime. */
  readonly file: string;
  /** Must be there exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Number of the class that has to notice, and which of its cases are enough for it. */
  readonly noticedBy: number;
  readonly only: string;
};

export const mutants: readonly Mutant[] = [
  {
    name: 'a write is sent whoever leads',
    ...{ file: 'http/transport.ts', noticedBy: 8, only: 'ManagedVM create, the leader is suspended' },
    find: "const gate = method === 'GET' || request.exempt === true ? undefined : this.#gate;",
    replace: 'const gate = undefined;',
  },
  {
    name: 'Retry-After is ignored',
    ...{ file: 'http/transport.ts', noticedBy: 6, only: 'ManagedVM create, 429 with Retry-After for every write' },
    find: 'await this.#clock.sleep(Math.min(error.retryAfter ?? 0, LONGEST_RETRY_AFTER_S) * 1000);',
    replace: 'await Promise.resolve();',
  },
  {
    name: 'a new list does not tell what is gone',
    ...{ file: 'cache/store.ts', noticedBy: 3, only: 'OperatingSystem delete, watch event 1 dropped' },
    find: 'if (!uids.has(key) && (restored || !newer)) this.#remove(key, {});',
    replace: '',
  },
  {
    name: 'a watch event of an older version is believed',
    ...{ file: 'cache/store.ts', noticedBy: 3, only: 'update, watch event 1 told again later' },
    find: 'return current === undefined || compareResourceVersions(versionOf(object), versionOf(current)) > 0;',
    replace: 'return true;',
  },
  {
    name: 'every watch event is taken for the echo of an own write',
    ...{ file: 'cache/store.ts', noticedBy: 7, only: 'Service: a field of ours is edited' },
    find: 'if (!this.#ahead.delete(version)) return false;',
    replace: 'this.#ahead.delete(version);',
  },
  {
    name: 'a version that is too old is asked for again',
    ...{ file: 'cache/reflector.ts', noticedBy: 5, only: 'ManagedVM update, 410 on connect' },
    find: "if (failure.status === 410 || failure.reason === 'Expired' || failure.reason === 'Gone') this.#version = undefined;",
    replace: '',
  },
  {
    name: 'whatever has the name is deleted',
    ...{ file: 'children/client.ts', noticedBy: 4, only: 'ManagedVM delete' },
    find: 'const preconditions = { ...(uid === undefined ? {} : { uid }), ...(sameVersion ? { resourceVersion } : {}) };',
    replace: 'const preconditions = sameVersion ? {} : {};',
  },
  {
    name: 'a child is created over whatever has its name',
    ...{ file: 'children/client.ts', noticedBy: 4, only: 'ManagedVM update, VirtualMachine is another one' },
    find: "const guard = precondition === 'absent' ? { resourceVersion: VERSION_OF_NOTHING } : precondition;",
    replace: "const guard = precondition === 'absent' || VERSION_OF_NOTHING === '' ? {} : {};",
  },
  {
    name: "somebody else's object is taken over",
    ...{ file: 'children/apply.ts', noticedBy: 4, only: 'ManagedVM update, Service is another one' },
    find: "if (family.standing(owner, owned, live, true) === 'foreign' && adopt?.(live) !== true) {",
    replace: "if (family.standing(owner, owned, live, true) === 'foreign' && adopt?.(live) === null) {",
  },
  {
    name: 'ownership is decided by the label alone',
    ...{ file: 'children/ownership.ts', noticedBy: 9, only: 'ManagedVM delete, every child is' },
    find: "if (!isInPlace(owner, making, child)) return 'foreign';",
    replace:
      "if (!isInPlace(owner, making, child) || marks !== undefined) return ownerUidOf(marks, child) === owner.metadata.uid ? 'ours' : 'foreign';",
  },
  {
    name: 'selector exit: what left the selector and came back is taken for gone',
    ...{ file: 'cache/store.ts', noticedBy: 7, only: 'Schedule: it leaves the selector' },
    find: 'if (current !== undefined && compareResourceVersions(versionOf(current), version) <= 0) this.#remove(key, {});',
    replace: 'if (current !== undefined) this.#remove(key, {});',
  },
  {
    name: 'unreadable kind: what cannot be read is taken for missing',
    ...{ file: 'cache/kindview.ts', noticedBy: 6, only: 'list and watch of Schedule' },
    find: "if (states.length === 0 || states.includes('unreadable') || states.includes('pending')) return 'unreadable';",
    replace:
      "if (states.length === 0 || states.includes('unreadable') || states.includes('pending')) return 'missing';",
  },
  {
    name: 'the finalizer goes first',
    ...{ file: 'pass/loop.ts', noticedBy: 9, only: "VirtualMachine held by somebody's finalizer" },
    find: 'const result = definition.finalize === undefined ?',
    replace:
      'await removeFinalizer(family.client, family.kind, pass.current(), finalizer, author);\n    const result = definition.finalize === undefined ?',
  },
  {
    name: 'what was there before the process began is not looked at',
    ...{ file: 'pass/sources.ts', noticedBy: 1, only: 'ManagedVM create, crash after write 1' },
    find: 'this.#addRoots(PRIORITY.initial);',
    replace: '',
  },
  {
    name: 'what failed is not tried again',
    ...{ file: 'pass/loop.ts', noticedBy: 6, only: 'ManagedVM create, 500 for every write' },
    find: 'queue.addRateLimited(key, priority, verdict.afterMs);',
    replace: '',
  },
  {
    name: 'a key that is worked on is forgotten when it is added',
    ...{ file: 'queue/queue.ts', noticedBy: 6, only: 'ManagedVM create, 500 for every write' },
    find: 'if (this.#processing.has(key)) return;',
    replace: 'if (this.#processing.has(key)) return void this.#items.delete(key);',
  },
  {
    name: 'changes of children are not looked at',
    ...{ file: 'pass/sources.ts', noticedBy: 7, only: 'Service: it is deleted' },
    find: 'if (child !== undefined) this.#addOwner(child, initial ? PRIORITY.initial : PRIORITY.child, origin);',
    replace: '',
  },
  {
    name: 'a status is written though it is there',
    ...{ file: 'pass/status.ts', noticedBy: 14, only: 'ManagedVM create' },
    find: 'if (deepEqual(next, object.status ?? {})) return object;',
    replace: '',
  },
  {
    name: 'a child is applied though it is as desired',
    ...{ file: 'children/apply.ts', noticedBy: 14, only: 'ManagedVM create' },
    find: 'if (JSON.stringify(differing) === normalised ||',
    replace: 'if (JSON.stringify(differing) === null ||',
  },
  {
    name: "a child with a hash of another version is somebody else's",
    ...{
      file: 'children/ownership.ts',
      noticedBy: 11,
      only: 'ManagedVM update after an upgrade from one that hashed otherwise',
    },
    find: "if (!isInPlace(owner, making, child)) return 'foreign';",
    replace:
      "if (!isInPlace(owner, making, child) || child.metadata.annotations?.[markKey(marks)]?.startsWith(HASH_VERSION) === false) return 'foreign';",
  },
  {
    name: 'records of children outlive their owner',
    ...{ file: 'children/childrecords.ts', noticedBy: 12, only: '' },
    find: 'this.#fromTheStart.delete(ownerUid);',
    replace: '',
  },
  {
    name: 'a lost disk is remade (disk loss)',
    ...{ file: '../domain/machine/diskhold.ts', noticedBy: 7, only: 'DataVolume: its disk was filled' },
    find: "if (memory !== undefined) return { standing: 'lost', claim: memory.claim, memory };",
    replace: '',
  },
];
