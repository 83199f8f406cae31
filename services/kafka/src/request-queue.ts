import RequestQueue from "kafkajs/src/network/requestQueue/index.js";

/** A connection's requests, as kafkajs 2.2.4 keeps them. */
interface Queue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

const isPatched = Symbol("looked at only while requests wait");

/**
 * Keeps kafkajs from looking at each connection every millisecond, for ever: after a look at a queue in which nothing waits it
 * plans the next one for a time long ago (tulios/kafkajs#1751). A request is looked for again when it comes, when one before
 * it is answered, and every 10 ms while it waits; nothing else needs a look.
 */
export function lookOnlyWhileRequestsWait(): void {
  const queues = RequestQueue.prototype as Queue & { [isPatched]?: true };
  if (queues[isPatched] === true) return;
  const schedule = queues.scheduleCheckPendingRequests;
  queues.scheduleCheckPendingRequests = function (this: Queue) {
    if (this.pending.length > 0) schedule.call(this);
  };
  queues[isPatched] = true;
}
