import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Args, Graph, Obj } from "../../../../engine/src/api/graph.ts";
import { inputsOfExec } from "../../../../engine/src/api/step-inputs.ts";
import { makeGraph } from "./asked.ts";

const inputs = suite("what an exec depends on");

type Calls = readonly (readonly [field: string, args: Args])[];

function containerOf(graph: Graph, calls: Calls): Obj {
  const start = graph.object("Container", { parent: graph.root, field: "container", args: {} });
  return calls.reduce((parent, [field, args]) => graph.object("Container", { parent, field, args }), start);
}

/** The names of the parts that differ between two ways to the same command. */
async function changed(one: Calls, other: Calls): Promise<readonly string[]> {
  const [before, after] = await Promise.all(
    [one, other].map((calls) => inputsOfExec(containerOf(makeGraph(), calls), { args: ["true"] })),
  );
  assert.equal(
    after?.map(({ name }) => name),
    before?.map(({ name }) => name),
  );
  return (after ?? []).filter(({ digest }, place) => digest !== before?.[place]?.digest).map(({ name }) => name);
}

inputs("is told by the call that changed", async () => {
  const calls = (value: string): Calls => [
    ["withWorkdir", { path: "/w" }],
    ["withEnvVariable", { name: "A", value }],
    ["withUser", { name: "me" }],
  ];
  assert.equal(await changed(calls("1"), calls("2")), ["withEnvVariable A"]);
  assert.equal(await changed(calls("1"), calls("1")), []);
});

inputs("is not what counts for no outcome: the value of a volatile variable", async () => {
  const calls = (value: string): Calls => [["withVolatileVariable", { name: "CI_JOB", value }]];
  assert.equal(await changed(calls("1"), calls("2")), []);
  const [one, two] = [calls("1"), calls("2")].map((each) => containerOf(makeGraph(), each));
  assert.is(await one?.key(), await two?.key());
});

inputs("is the exec before with all that it depends on, and nothing before that", async () => {
  const calls = (path: string): Calls => [
    ["withWorkdir", { path }],
    ["withExec", { args: ["npm", "ci"] }],
    ["withEnvVariable", { name: "A", value: "1" }],
  ];
  assert.equal(await changed(calls("/a"), calls("/b")), ["the exec before: npm ci"]);
});

inputs.run();
