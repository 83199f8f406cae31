import { isDeepStrictEqual } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readRecorded, TestServer } from "./asking.ts";

const requests = suite("requests are answered as the real engine answers them");
const server = new TestServer();
requests.before(async () => void (await server.start()));
requests.after(() => server.stop());

const recorded = readRecorded("./requests.json");

for (const { ask, ...expected } of recorded) {
  requests(typeof ask === "string" ? ask : JSON.stringify(ask), async () => {
    const { status, data, errors } = await server.ask(ask);
    if (expected.errors === undefined)
      return assert.equal({ status, data, errors }, { ...expected, errors: undefined });
    assert.is(status, expected.status);
    // Of several problems the real engine may tell some that follow from the others.
    const unknown = (errors ?? []).filter(
      (ours) => !expected.errors?.some((theirs) => isDeepStrictEqual(ours, theirs)),
    );
    assert.equal(
      { count: Math.min(errors?.length ?? 0, 1), unknown },
      { count: 1, unknown: [] },
      JSON.stringify(expected),
    );
  });
}

requests("the same object asked for twice has the fields of both", async () => {
  const { data } = await server.ask("{container{workdir} container{user}}");
  assert.equal(data, { container: { workdir: "", user: "" } });
});

requests("fields of objects that exclude each other may have one name", async () => {
  const { data } = await server.ask("{container{id}}");
  const { id } = (data as { container: { id: string } }).container;
  const query = `{node(id:"${id}"){... on Container{x:user} ... on Directory{x:name}}}`;
  assert.equal((await server.ask(query)).data, { node: { x: "" } });
});

requests.run();
