const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);
const OBJECT = '{'.charCodeAt(0);
const OBJECT_END = '}'.charCodeAt(0);
const LIST = '['.charCodeAt(0);
const LIST_END = ']'.charCodeAt(0);
/** Where items are: in the list in an object in the document. */
const ITEMS_IN = [OBJECT, OBJECT, LIST].join();

/**
 * Cuts the objects of long lists, `{"data": {"result": [{…}, {…}]}}`, out of a JSON text that comes in chunks, so that each can be read while
 * others are still to come. Checks nothing else: whoever parses the parts learns whether they are JSON.
 */
export class JSONItems {
  readonly #onItem: (text: string) => void;
  /** Brackets that are open. */
  readonly #open: number[] = [];
  #inText = false;
  #escaped = false;
  /** What has come of an item that goes on in the next chunk. */
  #item: Buffer | undefined;
  /** In latin1: a chunk may end within a character. */
  #rest = '';

  constructor(onItem: (text: string) => void) {
    this.#onItem = onItem;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const edge = this.#read(chunk[at] ?? 0);
      if (edge === 'begins') {
        this.#rest += `${chunk.toString('latin1', start, at)}null`;
        this.#item = Buffer.alloc(0);
        start = at;
      } else if (edge === 'ends') {
        this.#onItem(this.#itemWith(chunk.subarray(start, at + 1)).toString());
        this.#item = undefined;
        start = at + 1;
      }
    }
    if (this.#item === undefined) this.#rest += chunk.toString('latin1', start);
    else this.#item = this.#itemWith(chunk.subarray(start));
  }

  /** The document, in which null stands for each item. */
  rest(): string {
    return Buffer.from(this.#rest, 'latin1').toString();
  }

  #itemWith(more: Buffer): Buffer {
    return this.#item === undefined || this.#item.length === 0 ? more : Buffer.concat([this.#item, more]);
  }

  /** Whether an item begins or ends with this byte. */
  #read(byte: number): 'begins' | 'ends' | undefined {
    if (this.#inText) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.#inText = false;
    } else if (byte === QUOTE) this.#inText = true;
    else if (byte === OBJECT || byte === LIST) {
      const begins = byte === OBJECT && this.#item === undefined && this.#open.join() === ITEMS_IN;
      this.#open.push(byte);
      if (begins) return 'begins';
    } else if (byte === OBJECT_END || byte === LIST_END) {
      this.#open.pop();
      if (this.#item !== undefined && this.#open.length === 3) return 'ends';
    }
    return undefined;
  }
}
