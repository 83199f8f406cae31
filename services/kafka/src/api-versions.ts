import { connect } from "node:net";

/** Lowest and highest version of each API (number of Kafka's protocol) that somebody speaks. */
export type ApiRanges = ReadonlyMap<number, { readonly min: number; readonly max: number }>;

/** What kafkajs 2.2.4 speaks at most, of the APIs which the product needs. It never looks at the broker's lowest version. */
const spoken: readonly { readonly api: number; readonly name: string; readonly max: number }[] = [
  { api: 0, name: "Produce", max: 7 },
  { api: 1, name: "Fetch", max: 11 },
  { api: 2, name: "ListOffsets", max: 3 },
  { api: 3, name: "Metadata", max: 6 },
  { api: 8, name: "OffsetCommit", max: 5 },
  { api: 9, name: "OffsetFetch", max: 4 },
  { api: 10, name: "FindCoordinator", max: 2 },
  { api: 11, name: "JoinGroup", max: 5 },
  { api: 12, name: "Heartbeat", max: 3 },
  { api: 13, name: "LeaveGroup", max: 3 },
  { api: 14, name: "SyncGroup", max: 3 },
  { api: 19, name: "CreateTopics", max: 3 },
  { api: 22, name: "InitProducerId", max: 1 },
];

/**
 * APIs that a broker has and kafkajs is too old for, in words; an empty list when all is well.
 *
 * Without this, the first broker that gives up an old version would show up as a connection that drops for no reason.
 */
export function listOutdatedApis(broker: ApiRanges): string[] {
  return spoken.flatMap(({ api, name, max }) => {
    const range = broker.get(api);
    if (range === undefined) return [`${name}: the broker does not offer it`];
    return range.min > max ? [`${name}: the broker asks for version ${range.min}, kafkajs speaks ${max}`] : [];
  });
}

/**
 * Asks one broker which versions it speaks: ApiVersions version 0, over a plain connection.
 *
 * @throws Error when there is no answer within `timeoutMs`, or one that is none.
 */
export async function fetchApiVersions(broker: string, timeoutMs = 5_000): Promise<ApiRanges> {
  const [host = "", port = ""] = broker.split(/:(?=\d+$)/);
  const clientId = Buffer.from("slipway-probe");
  const request = Buffer.alloc(14 + clientId.length);
  request.writeInt32BE(10 + clientId.length, 0);
  request.writeInt16BE(18, 4);
  request.writeInt16BE(0, 6);
  request.writeInt32BE(1, 8);
  request.writeInt16BE(clientId.length, 12);
  clientId.copy(request, 14);
  return await new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port) });
    const fail = (why: string) => {
      socket.destroy();
      reject(new Error(`${broker}: ${why}`));
    };
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms`), timeoutMs);
    let answer = Buffer.alloc(0);
    socket.on("connect", () => socket.write(request));
    socket.on("error", (error) => fail(error.message));
    socket.on("close", () => {
      clearTimeout(timer);
      reject(new Error(`${broker}: closed the connection`));
    });
    socket.on("data", (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length < 4 || answer.length < 4 + answer.readInt32BE(0)) return;
      clearTimeout(timer);
      socket.destroy();
      resolve(readRanges(answer));
    });
  });
}

/** Body of the answer, after size, correlation id and error code: a count, then triples of 16-bit numbers. */
function readRanges(answer: Buffer): ApiRanges {
  const count = answer.readInt32BE(10);
  return new Map(
    Array.from({ length: count }, (_, index) => {
      const at = 14 + index * 6;
      return [answer.readInt16BE(at), { min: answer.readInt16BE(at + 2), max: answer.readInt16BE(at + 4) }];
    }),
  );
}
