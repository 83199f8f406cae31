import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Undecided } from "../../../../ci/src/languages/language.ts";

const language = suite("languages");

language("an undecided folder tells every question with what, where and what to do", () => {
  const error = new Undecided([
    { what: "two lock files", where: "package-lock.json, yarn.lock", todo: "remove one" },
    { what: "two versions", where: ".nvmrc, .node-version", todo: "keep one" },
  ]);
  assert.is(
    error.message,
    [
      "two lock files [undecided]",
      "  where: package-lock.json, yarn.lock",
      "  to do: remove one",
      "two versions [undecided]",
      "  where: .nvmrc, .node-version",
      "  to do: keep one",
    ].join("\n"),
  );
});

language.run();
