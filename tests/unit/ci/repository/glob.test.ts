import { suite } from "uvu";
import * as assert from "uvu/assert";
import { matchesGlob } from "../../../../ci/src/repository/glob.ts";

const globs = suite("patterns of paths");

const cases: readonly (readonly [pattern: string, matches: readonly string[], others: readonly string[]])[] = [
  ["packages/*", ["packages/a"], ["packages", "packages/a/b", "other/packages/a"]],
  ["./packages/*/", ["packages/a"], ["packages/a/"]],
  ["**/*.go", ["main.go", "a/b/main.go"], ["main.gox"]],
  ["apps/**", ["apps/a", "apps/a/b"], ["apps"]],
  ["v?", ["v1"], ["v", "v10", "v/"]],
  ["{apps,libs}/*", ["apps/a", "libs/a"], ["app/a", "{apps,libs}/a"]],
  ["{a,b{c,d}}", ["a", "bc", "bd"], ["b", "cd"]],
  // What stands for itself.
  ["a,b", ["a,b"], ["a", "b"]],
  ["a{b", ["a{b"], ["ab"]],
  ["a}b{c", ["a}b{c"], ["abc"]],
  ["{a,{b}", ["{a,b"], ["a", "b"]],
  ["a.b+c(d)[e]^$|\\", ["a.b+c(d)[e]^$|\\"], ["axb+c(d)[e]^$|\\"]],
];

for (const [pattern, matches, others] of cases)
  globs(`${pattern} matches ${matches.join(", ")} and not ${others.join(", ")}`, () => {
    for (const path of matches) assert.ok(matchesGlob(path, pattern), path);
    for (const path of others) assert.not.ok(matchesGlob(path, pattern), path);
  });

globs.run();
