import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { markCode, SlipwayError, tellAccount } from "../../../ci/src/account.ts";
import { CODES } from "../../../ci/src/codes.ts";

const account = { what: "there is no ring x", where: "rings of slipway.yaml", todo: "add it there" };

const errors = suite("an error of the pipeline");

errors("tells what, where and what to do, and its code behind the first line", () => {
  const error = new SlipwayError("no-such-ring", account);
  assert.is(error.message, "there is no ring x [no-such-ring]\n  where: rings of slipway.yaml\n  to do: add it there");
  assert.is(error.code, "no-such-ring");
});

errors("has the code before the colon that a list comes after, and once", () => {
  assert.is(markCode("these are wrong:\n  a: b\n  c", "bad-config"), "these are wrong [bad-config]:\n  a: b\n  c");
  assert.is(markCode("a: b: c", "failed"), "a: b: c [failed]");
  assert.is(markCode("", "failed"), " [failed]");
});

errors("that is a whole report is that report, which has its code already", () => {
  assert.is(new SlipwayError("drift", "it drifted [drift]\n3 writes").message, "it drifted [drift]\n3 writes");
});

errors("that is a report without its code gets it behind the first line", () => {
  assert.is(new SlipwayError("drift", "it drifted:\n3 writes").message, "it drifted [drift]:\n3 writes");
});

errors("inside of another account has no code of its own", () => {
  assert.is(tellAccount(account), "there is no ring x\n  where: rings of slipway.yaml\n  to do: add it there");
});

errors("has a code that is in use", () => {
  const sources = readdirSync("ci/src", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && path !== "codes.ts")
    .map((path) => readFileSync(join("ci/src", path), "utf8"))
    .join("\n");
  const used = (code: string) =>
    sources.includes(`"${code}"`) || (code.startsWith("cluster-") && sources.includes("cluster-${outcome}"));
  assert.equal(
    Object.keys(CODES).filter((code) => !used(code)),
    [],
  );
});

errors("says for each code what to do, in sentences", () => {
  const wrong = Object.entries(CODES).filter(
    ([, { means, todo }]) => /^[A-Z]|\.$/.test(means) || !/^[A-Z`].*\.$/.test(todo),
  );
  assert.equal(
    wrong.map(([code]) => code),
    [],
  );
});

errors.run();
