import { suite } from "uvu";
import * as assert from "uvu/assert";
import { planFiles } from "../../../../ci/src/providers/compare.ts";
import { FIRST_LINE } from "../../../../ci/src/providers/generated.ts";
import { filesOf } from "../../../support/pipeline-settings.ts";

const text = `# ${FIRST_LINE}\na: 1\n`;
const file = { path: "Jenkinsfile", text };

const plan = suite("the plan of generated files");

plan("writes what is missing", () => {
  assert.equal(planFiles([file], new Map(), []), { writes: [file], removes: [], foreign: [] });
});

plan("does nothing when everything is as it should be", () => {
  assert.equal(planFiles([file], new Map([["Jenkinsfile", text]]), []), { writes: [], removes: [], foreign: [] });
});

plan("writes over what was generated and has been changed since, to the last line end", () => {
  assert.equal(planFiles([file], new Map([["Jenkinsfile", `${text}\n`]]), []).writes, [file]);
});

for (const foreign of ["", "a: 1\n", `a: 1\n# ${FIRST_LINE}\n`, `\n${text}`]) {
  plan(`leaves a file alone that begins ${JSON.stringify(foreign.slice(0, 20))}`, () => {
    assert.equal(planFiles([file], new Map([["Jenkinsfile", foreign]]), []), {
      writes: [],
      removes: [],
      foreign: ["Jenkinsfile"],
    });
  });
}

plan("does nothing about line ends of Windows, which git makes on its own and every system reads", () => {
  const present = new Map([["Jenkinsfile", text.replaceAll("\n", "\r\n")]]);
  assert.equal(planFiles([file], present, []), { writes: [], removes: [], foreign: [] });
});

plan("writes over a file that an editor has put a byte order mark into, a ruleset too", () => {
  const ruleset = filesOf("github")[1] ?? file;
  for (const one of [file, ruleset])
    assert.equal(planFiles([one], new Map([[one.path, `\uFEFF${one.text}`]]), []), {
      writes: [one],
      removes: [],
      foreign: [],
    });
});

plan("leaves a file or a link alone where a folder would have to be, and tells of it once", () => {
  const files = filesOf("github");
  assert.equal(planFiles(files, new Map(), [".github"]), { writes: [], removes: [], foreign: [".github"] });
  assert.equal(planFiles([file], new Map(), [".github", "Jenkins"]).writes, [file]);
});

plan("leaves alone what git ignores, and folders", () => {
  assert.equal(planFiles([file], new Map(), ["Jenkinsfile"]).foreign, ["Jenkinsfile"]);
});

plan("takes away what it has written for a provider that is named no more, and nothing else", () => {
  const present = new Map([
    ["Jenkinsfile", text],
    [".gitlab-ci.yml", "mine: 1\n"],
  ]);
  assert.equal(planFiles([], present, []), { writes: [], removes: ["Jenkinsfile"], foreign: [] });
});

plan("knows a ruleset by its name, because JSON has no comments", () => {
  const ruleset = filesOf("github")[1];
  assert.ok(ruleset?.path.endsWith(".json"));
  const present = new Map([[ruleset?.path ?? "", ruleset?.text ?? ""]]);
  assert.equal(planFiles([], present, []).removes, [ruleset?.path]);
  assert.equal(planFiles([], new Map([["x.json", '{ "name": "main" }']]), []).removes, []);
});

plan.run();
