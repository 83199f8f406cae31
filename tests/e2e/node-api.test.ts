import { suite } from "uvu";
import * as assert from "uvu/assert";
import { addWay } from "./way.ts";

const nodeApi = suite("a stranger's API in Node with PostgreSQL");

const stranger = addWay(nodeApi, {
  repository: "node-api",
  found: [
    /service +guestbook +\., port 3000 +Dockerfile EXPOSE/,
    /needs +guestbook +postgres +package\.json depends on pg/,
    /check +unit +pnpm run test +package\.json scripts\.test/,
  ],
  checks: ["lint passed", "unit passed", "manifests passed"],
  bug: {
    path: "src/entries.ts",
    from: "name: name.trim()",
    to: "name: name",
    says: [/FAIL .*test\/entries\.spec\.ts > entries > are trimmed/, /AssertionError: expected .* to deeply equal/],
    runs: ["pnpm run lint", "pnpm run test"],
  },
  images: ["guestbook"],
});

nodeApi("keeps a row that was written while the stack is up", async () => {
  const stack = await stranger().open(3000);
  assert.is(await stack.ask(3000, "/"), "guestbook");
  const request = { method: "POST", body: JSON.stringify({ name: "Ada", text: "Hello" }) };
  assert.equal(JSON.parse(await stack.ask(3000, "/entries", undefined, request)), {
    id: 1,
    name: "Ada",
    text: "Hello",
  });
  assert.equal(JSON.parse(await stack.ask(3000, "/entries")), [{ id: 1, name: "Ada", text: "Hello" }]);
  await stack.close();
});

nodeApi.run();
