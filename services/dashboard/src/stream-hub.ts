import { randomUUID } from "node:crypto";
import type { AnomalyRecord, WindowRecord } from "@slipway/contracts";
import type { Overview, SeriesChange } from "./page-contract.ts";

/** Changes of one series since the last flush. */
interface PendingChange {
  readonly windows: Map<number, WindowRecord>;
  readonly anomalies: Map<number, AnomalyRecord>;
}

/** What one flush sent. Texts of a series are made when the first client wants them, once for all clients. */
interface Flush {
  readonly seq: number;
  readonly changes: ReadonlyMap<string, PendingChange>;
  readonly encoded: Map<string, Uint8Array>;
  readonly overview: Uint8Array;
  readonly records: number;
}

interface Client {
  readonly series: ReadonlySet<string>;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
}

export interface HubOptions {
  readonly flushMs: number;
  readonly heartbeatMs: number;
  /** Records that the ring keeps for clients that come back. */
  readonly ringRecords: number;
  /** Bytes that may wait for one client; beyond it is too slow and gets disconnected. */
  readonly clientBytes: number;
  /** What goes to every client with each flush, given the series that changed. */
  readonly overview: (changed: readonly string[], anomalies: readonly AnomalyRecord[]) => Overview;
}

const encoder = new TextEncoder();

/**
 * Server-sent events for all pages.
 *
 * Each flush has a number. It is the event id of the last event of the flush, so a browser that comes back says up to where
 * it has everything. The ring answers that without a gap; when it does not reach back so far (or another process gave the
 * id), the client gets `reset` and has to ask for everything anew.
 */
export class StreamHub {
  readonly #options: HubOptions;
  /** Tells the numbers of this process from those of its predecessors. */
  readonly #epoch = randomUUID().slice(0, 8);
  readonly #clients = new Set<Client>();
  readonly #ring: Flush[] = [];
  #ringRecords = 0;
  #seq = 0;
  #pending = new Map<string, PendingChange>();
  #flushTimer: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #dropped = 0;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Clients that were disconnected because they did not keep up. */
  get dropped(): number {
    return this.#dropped;
  }

  noteWindow(record: WindowRecord): void {
    this.#change(record.series).windows.set(record.startTs, record);
  }

  noteAnomaly(record: AnomalyRecord): void {
    this.#change(record.series).anomalies.set(record.ts, record);
  }

  /** A stream of events about `series`, continued after `lastEventId` where that is possible. */
  subscribe(series: readonly string[], lastEventId: string | undefined): ReadableStream<Uint8Array> {
    let client: Client | undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          client = { series: new Set(series), controller };
          this.#greet(client, lastEventId);
          this.#clients.add(client);
          this.#heartbeat ??= setInterval(() => this.#beat(), this.#options.heartbeatMs);
        },
        cancel: () => {
          if (client !== undefined) this.#clients.delete(client);
        },
      },
      { highWaterMark: this.#options.clientBytes, size: (chunk) => chunk.byteLength },
    );
  }

  /** Sends what is pending and ends all streams. Browsers come back by themselves, to another process. */
  close(): void {
    this.flush();
    clearInterval(this.#heartbeat);
    for (const client of this.#clients) client.controller.close();
    this.#clients.clear();
  }

  /** Sends the changes since the last time. Runs by itself; public so that tests need not wait. */
  flush(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    if (this.#pending.size === 0) return;
    const changes = this.#pending;
    this.#pending = new Map();
    this.#seq += 1;
    const anomalies = [...changes.values()].flatMap((change) => [...change.anomalies.values()]);
    const overview = this.#options.overview([...changes.keys()], anomalies);
    const records = [...changes.values()].reduce(
      (sum, { windows, anomalies: own }) => sum + windows.size + own.size,
      0,
    );
    const flush: Flush = {
      seq: this.#seq,
      changes,
      encoded: new Map(),
      overview: encodeEvent("overview", overview, this.#idOf(this.#seq)),
      records,
    };
    this.#keep(flush);
    for (const client of this.#clients) this.#send(client, flush);
  }

  #change(series: string): PendingChange {
    let change = this.#pending.get(series);
    if (change === undefined) {
      change = { windows: new Map(), anomalies: new Map() };
      this.#pending.set(series, change);
    }
    this.#flushTimer ??= setTimeout(() => this.flush(), this.#options.flushMs);
    return change;
  }

  #keep(flush: Flush): void {
    this.#ring.push(flush);
    this.#ringRecords += flush.records;
    while (this.#ringRecords > this.#options.ringRecords && this.#ring.length > 1) {
      this.#ringRecords -= this.#ring.shift()?.records ?? 0;
    }
  }

  #greet(client: Client, lastEventId: string | undefined): void {
    // Asks the browser to come back after two seconds, and opens the stream through proxies that wait for bytes.
    client.controller.enqueue(encoder.encode("retry: 2000\n\n"));
    const seen = this.#seqOf(lastEventId);
    const oldest = this.#ring[0]?.seq ?? this.#seq + 1;
    if (seen !== undefined && seen >= oldest - 1) {
      for (const flush of this.#ring) if (flush.seq > seen) this.#send(client, flush);
      return;
    }
    const reason = lastEventId === undefined ? "new" : "gap";
    client.controller.enqueue(encodeEvent("reset", { reason }, this.#idOf(this.#seq)));
  }

  #send(client: Client, flush: Flush): void {
    if ((client.controller.desiredSize ?? 0) <= 0) {
      this.#dropped += 1;
      this.#clients.delete(client);
      client.controller.close();
      return;
    }
    for (const series of client.series) {
      const bytes = encodeChange(flush, series);
      if (bytes !== undefined) client.controller.enqueue(bytes);
    }
    client.controller.enqueue(flush.overview);
  }

  #beat(): void {
    const bytes = encodeEvent("beat", { now: Date.now() });
    for (const client of this.#clients) {
      if ((client.controller.desiredSize ?? 0) > 0) client.controller.enqueue(bytes);
    }
  }

  #idOf(seq: number): string {
    return `${this.#epoch}.${seq}`;
  }

  #seqOf(id: string | undefined): number | undefined {
    const [epoch, seq] = id?.split(".") ?? [];
    const number = Number(seq);
    return epoch === this.#epoch && Number.isSafeInteger(number) && number <= this.#seq ? number : undefined;
  }
}

function encodeChange(flush: Flush, series: string): Uint8Array | undefined {
  const known = flush.encoded.get(series);
  if (known !== undefined) return known;
  const change = flush.changes.get(series);
  if (change === undefined) return undefined;
  const [windows, anomalies] = [[...change.windows.values()], [...change.anomalies.values()]];
  const bytes = encodeEvent("change", { series, windows, anomalies } satisfies SeriesChange);
  flush.encoded.set(series, bytes);
  return bytes;
}

function encodeEvent(event: string, data: object, id?: string): Uint8Array {
  return encoder.encode(`event: ${event}\n${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`);
}
