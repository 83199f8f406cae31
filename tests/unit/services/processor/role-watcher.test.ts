import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createApp } from "../../../../services/processor/src/app.ts";
import { askLiveService } from "../../../../services/processor/src/live-service.ts";
import { decideRole, type Role, type RoleAnswer, roleAnswer } from "../../../../services/processor/src/role.ts";
import { RoleWatcher } from "../../../../services/processor/src/role-watcher.ts";
import { createLog } from "../../../../services/runtime/src/index.ts";

const watching = suite("role of a processor");

const green: RoleAnswer = { colour: "green", role: "live" };
const blue: RoleAnswer = { colour: "blue", role: "live" };
const nobody = new Error("connect ECONNREFUSED");

interface Watched {
  /** Roles that were taken up, in order. */
  readonly entered: readonly Role[];
  /** The role before each question, and after the last answer. */
  readonly roles: readonly Role[];
  readonly lines: readonly string[];
}

/** Lets a green processor ask once for each of the answers; an Error is none. */
async function watch(answers: readonly (RoleAnswer | Error)[]): Promise<Watched> {
  const entered: Role[] = [];
  const roles: Role[] = [];
  const lines: string[] = [];
  const left = [...answers];
  const ended = new Promise<void>((resolve) => {
    const watcher = new RoleWatcher({
      turns: {
        colour: "green",
        ask: async () => {
          roles.push(watcher.role);
          const answer = left.shift();
          if (answer === undefined) {
            resolve(watcher.stop());
            throw nobody;
          }
          if (answer instanceof Error) throw answer;
          return answer;
        },
      },
      enter: async (role) => void entered.push(role),
      log: createLog("processor", "info", (line) => void lines.push(line)),
      intervalMs: 0,
    });
    watcher.start();
  });
  await ended;
  return { entered, roles, lines: lines.map((line) => told(line)) };
}

function told(line: string): string {
  const { time: _time, service: _service, level, message, ...fields } = JSON.parse(line) as Record<string, unknown>;
  return `${level}: ${message} ${JSON.stringify(fields)}`;
}

for (const [own, now, answer, expected] of [
  ["green", "standby", { colour: "green", role: "standby" }, "live"],
  ["green", "standby", { colour: "green", role: "live" }, "live"],
  ["green", "live", { colour: "green", role: "standby" }, "live"],
  ["green", "standby", { colour: "blue", role: "live" }, "standby"],
  ["green", "standby", { colour: "blue", role: "standby" }, "standby"],
  ["green", "live", { colour: "blue", role: "live" }, "standby"],
  // The traffic is blue's, but blue has not taken over.
  ["green", "live", { colour: "blue", role: "standby" }, "live"],
] as const) {
  watching(`of ${own} on ${now} is ${expected} after the answer ${answer.colour}, ${answer.role}`, () => {
    assert.is(decideRole(own, now, answer), expected);
  });
}

watching("is standby until its own colour answers, and follows every switch from then on", async () => {
  const { entered, roles, lines } = await watch([blue, blue, green, green, blue, green, blue]);
  assert.equal(entered, ["live", "standby", "live", "standby"]);
  assert.equal(roles, ["standby", "standby", "standby", "live", "live", "standby", "live", "standby"]);
  assert.equal(lines, [
    'info: role changed {"role":"live","reason":"green answers at the live Service"}',
    'info: role changed {"role":"standby","reason":"blue answers at the live Service"}',
    'info: role changed {"role":"live","reason":"green answers at the live Service"}',
    'info: role changed {"role":"standby","reason":"blue answers at the live Service"}',
  ]);
});

watching("stays standby as long as nobody answers", async () => {
  const { entered, roles } = await watch([nobody, nobody, nobody]);
  assert.equal(entered, []);
  assert.equal(roles, ["standby", "standby", "standby", "standby"]);
});

watching("stays live when nobody answers any more, and says so once", async () => {
  const silence = Array.from({ length: 15 }, () => nobody);
  const { entered, roles, lines } = await watch([green, ...silence, green, nobody, blue]);
  assert.equal(entered, ["live", "standby"]);
  assert.equal(roles.at(-2), "live");
  assert.equal(lines.slice(1, -1), [
    'warn: nobody says at the live Service which colour is live {"role":"live","reason":"Error: connect ECONNREFUSED"}',
    "info: the live Service answers again {}",
  ]);
});

watching("is asked for no more while one is taken up or given up", async () => {
  const events: string[] = [];
  let answer = green;
  const done = new Promise<void>((resolve) => {
    const watcher = new RoleWatcher({
      turns: {
        colour: "green",
        ask: async () => {
          events.push("asked");
          return answer;
        },
      },
      enter: async (role) => {
        events.push(`${role} begins`);
        await new Promise((wake) => setTimeout(wake, 20));
        events.push(`${role} is done`);
        if (role === "standby") resolve(watcher.stop());
        answer = blue;
      },
      log: createLog("processor", "error"),
      intervalMs: 0,
    });
    watcher.start();
  });
  await done;
  assert.equal(events, ["asked", "live begins", "live is done", "asked", "standby begins", "standby is done"]);
});

watching("does not change by an answer that comes after the end was asked for", async () => {
  const entered: Role[] = [];
  let give: (answer: RoleAnswer) => void = () => undefined;
  const asked = new Promise<RoleAnswer>((resolve) => {
    give = resolve;
  });
  const watcher = new RoleWatcher({
    turns: { colour: "green", ask: () => asked },
    enter: async (role) => void entered.push(role),
    log: createLog("processor", "error"),
  });
  watcher.start();
  const stopped = watcher.stop();
  give(green);
  await stopped;
  assert.equal(entered, []);
  assert.is(watcher.role, "standby");
});

watching("is live at once for one that is alone", async () => {
  const entered: Role[] = [];
  const watcher = new RoleWatcher({
    turns: undefined,
    enter: async (role) => void entered.push(role),
    log: createLog("processor", "error"),
  });
  watcher.start();
  assert.equal(entered, ["live"]);
  assert.is(watcher.role, "live");
  await watcher.stop();
});

/** Asks a server on this machine that answers by `listener`. */
async function ask(listener: RequestListener, times = 1): Promise<{ answers: unknown[]; connections: number }> {
  const server = createServer(listener);
  let connections = 0;
  server.on("connection", () => {
    connections += 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answers: unknown[] = [];
  try {
    for (let at = 0; at < times; at += 1) {
      answers.push(await askLiveService(url, new AbortController().signal).catch((error: Error) => error.message));
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return { answers, connections };
}

watching("is asked for on a new connection each time, and understood with fields that are not known yet", async () => {
  const { answers, connections } = await ask((request, response) => {
    response.setHeader("connection", "keep-alive");
    response.writeHead(request.url === "/v1/role" ? 200 : 404);
    response.end(JSON.stringify({ colour: "green", role: "standby", since: "2026" }));
  }, 3);
  assert.equal(answers, Array(3).fill({ colour: "green", role: "standby" }));
  assert.is(connections, 3);
});

for (const [what, body, problem] of [
  ["no JSON", "<html>", 'it answered "<html>"'],
  [
    "an unknown colour",
    '{"colour":"red","role":"live"}',
    'it answered "{\\"colour\\":\\"red\\",\\"role\\":\\"live\\"}"',
  ],
  ["no role", '{"colour":"green"}', 'it answered "{\\"colour\\":\\"green\\"}"'],
  ["nothing", "", 'it answered ""'],
] as const) {
  watching(`is not known from an answer with ${what}`, async () => {
    const { answers } = await ask((_, response) => void response.end(body));
    assert.equal(answers, [problem]);
  });
}

watching(
  "is not known from another status, as a release without roles gives it, nor from a broken connection",
  async () => {
    const refused = await ask((_, response) => void response.writeHead(404).end('{"colour":"green","role":"live"}'));
    assert.equal(refused.answers, ["it answered with status 404"]);
    const broken = await ask((request) => void request.socket.destroy());
    assert.equal(broken.answers, ["socket hang up"]);
  },
);

watching("is told by the service in the form that is understood", async () => {
  const deps = { assigned: () => undefined, seriesCount: () => 0, windowMs: 1, allowedLatenessMs: 0 };
  const app = createApp({ ...deps, colour: "blue", role: () => "standby" });
  assert.equal(roleAnswer.parse(await (await app.request("/v1/role")).json()), { colour: "blue", role: "standby" });
  const alone = createApp({ ...deps, colour: undefined, role: () => "live" });
  assert.equal(await (await alone.request("/v1/role")).json(), { role: "live" });
});

watching.run();
