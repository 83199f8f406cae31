import { describe, expect, it } from "vitest";
import { createApp } from "../src/app.js";
import { checkEntry, type Entry } from "../src/entries.js";

function memory() {
  const kept: (Entry & { id: number })[] = [];
  return {
    add: async (entry: Entry) => {
      const added = { id: kept.length + 1, ...entry };
      kept.push(added);
      return added;
    },
    list: async () => [...kept].reverse(),
  };
}

describe("entries", () => {
  it("are trimmed", () => {
    expect(checkEntry({ name: " Ada ", text: " Hello " })).toEqual({ name: "Ada", text: "Hello" });
  });

  it("need a name", () => {
    expect(checkEntry({ text: "Hello" })).toBe("name is missing");
  });

  it("are listed, the newest first", async () => {
    const app = createApp(memory());
    for (const text of ["first", "second"])
      await app.request("/entries", { method: "POST", body: JSON.stringify({ name: "Ada", text }) });
    const listed = await (await app.request("/entries")).json();
    expect(listed.map((entry: Entry) => entry.text)).toEqual(["second", "first"]);
  });
});
