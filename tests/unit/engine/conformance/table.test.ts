import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withoutInside } from "../../../conformance/error-inside.ts";
import { findStaleReasons, findUnexplained, printTable, writePage } from "../../../conformance/table.ts";
import { findRefusal, type Verdict } from "../../../conformance/verdict.ts";

const verdicts: Verdict[] = [
  { group: "api/file", name: "a", state: "passed", problem: "" },
  { group: "api/file", name: "b", state: "different", problem: "data: expected 1,\n got `2`" },
  { group: "api/file", name: "c", state: "different", problem: "x" },
  { group: "cli/help", name: "a", state: "refused", problem: "no" },
];
const reasons = { "api/file": { c: "Kernel too old.", gone: "Was once." } };

const table = suite("the table of conformance");

table("counts each group and its kind", () => {
  assert.equal(printTable(verdicts).split("\n"), [
    "api                             1 passed    0 refused    2 different   33 %",
    "api/file                        1 passed    0 refused    2 different   33 %",
    "cli                             0 passed    1 refused    0 different    0 %",
    "cli/help                        0 passed    1 refused    0 different    0 %",
  ]);
});

table("knows which differences have no reason, and which reasons no difference", () => {
  assert.equal(
    findUnexplained(verdicts, reasons).map(({ name }) => name),
    ["b"],
  );
  assert.equal(findStaleReasons(verdicts, reasons), ["api/file: gone"]);
});

table("lists each difference with its reason, or what was different", () => {
  const page = writePage(verdicts, reasons);
  assert.match(page, "| **api, all** | 3 | 1 | 33 % | 0 | 2 |");
  assert.match(page, "- `api/file`: b. **Unexplained.** `data: expected 1, got '2'`");
  assert.match(page, "- `api/file`: c. Kernel too old.");
});

table("leaves the inner steps of the real engine out of an error's text, and nothing else", () => {
  const nothing = "lstat /x/nope: no such file or directory";
  assert.is(
    withoutInside(
      `failed to get snapshot: failed to snapshot: rpc error: code = NotFound desc = eval symlinks: ${nothing}`,
    ),
    nothing,
  );
  assert.is(withoutInside("failed to read secret file: no"), "failed to read secret file: no");
});

table("finds the sentence that refuses", () => {
  const text = "x\nError: Container.up is not supported by the embedded engine yet\ny";
  assert.is(findRefusal(text), "Error: Container.up is not supported by the embedded engine yet");
  assert.is(findRefusal("Error: it is not supported"), undefined);
});

table.run();
