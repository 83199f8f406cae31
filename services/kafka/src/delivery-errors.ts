/** There is no room for more: the broker takes less than is offered, or nothing. Nothing was stored; try again later. */
export class QueueFull extends Error {
  override readonly name = "QueueFull";
  constructor(readonly queuedRecords: number) {
    super(`${queuedRecords} records wait for the broker already; nothing of this was stored, try again later`);
  }
}

/** The record was never handed to the broker. Certainly not stored. */
export class NotSent extends Error {
  override readonly name = "NotSent";
}

/** The record was handed to the broker and no answer came in time: it may be stored or not. Repeat it with the same id. */
export class FateUnknown extends Error {
  override readonly name = "FateUnknown";
}
