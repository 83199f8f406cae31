/** What kubectl 1.34 and a real API server made of addresses on the way to a pod. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { pathSchema } from "../../../../ci/src/input/http-path.ts";

const paths = suite("a path that a pod is asked by");

const problemOf = (path: string) =>
  pathSchema
    .safeParse(path)
    .error?.issues.map(({ message }) => message)
    .join("; ");

for (const path of [
  "/",
  "/healthz",
  "/a/",
  "/?full=1",
  "/a?flag=",
  "/a?x=a+b",
  "/%C3%BC",
  "/a;b",
  "/a%25b",
  "/a:b@c",
  "/a?timeout=3s",
  "/a?x=1&x=2",
  "/a?=1",
  "/a?x=a%2Fb",
  "/a,b",
  "/a%3Fb",
  "/a%23b",
  "/a$b&c=d",
]) {
  paths(`is taken when it arrives as it is written: ${path}`, () => {
    assert.is(problemOf(path), undefined);
  });
}

for (const [path, arrives] of [
  ["/a?b=1&a=2", "/a?a=2&b=1"],
  ["/a?flag", "/a?flag="],
  ["/a?x=a%20b", "/a?x=a+b"],
  ["/a?x=%7Eu", "/a?x=~u"],
  ["/%7Euser", "/~user"],
  ["/a%2Fb", "/a/b"],
  ["/ü", "/%C3%BC"],
  ["/%c3%bc", "/%C3%BC"],
  ["//double", "/double"],
  ["/a//b/", "/a/b/"],
  ["/a'b(c)*!", "/a%27b%28c%29%2A%21"],
  ["/a?", "/a"],
  ["/a?&", "/a"],
  ["/a?x=a/b", "/a?x=a%2Fb"],
  ["/a?x=ü", "/a?x=%C3%BC"],
  ["/a?x=a,b", "/a?x=a%2Cb"],
  ["/a?x=a:b", "/a?x=a%3Ab"],
  ['/a"b', "/a%22b"],
  ["/a|b", "/a%7Cb"],
  ["/a[b]", "/a%5Bb%5D"],
  ["/a{b}", "/a%7Bb%7D"],
  ["/a?x=1?", "/a?x=1%3F"],
] as const) {
  paths(`is refused with what would arrive when that is something else: ${path}`, () => {
    assert.is(problemOf(path), `expected ${arrives}: so it would arrive, because kubectl rewrites addresses`);
  });
}

for (const path of ["", "healthz", "/a b", "/a#b", "/a?b#c", "/../a", "/a/..", "/a/./b", "/..?a=1", "https://host/a"]) {
  paths(`is refused when it is none: ${JSON.stringify(path)}`, () => {
    assert.is(problemOf(path), "expected a path, beginning with /, without # and ..");
  });
}

for (const path of ["/a%", "/a%2", "/a%zz", "/a?x=%"]) {
  paths(`is refused with half an escape: ${path}`, () => {
    assert.is(problemOf(path), "expected two hexadecimal digits after each %");
  });
}

paths("that is advised is taken", () => {
  fc.assert(
    fc.property(fc.webPath(), fc.webQueryParameters(), (path, query) => {
      const said = problemOf(`/${path}?${query}`);
      const [, advised] = /^expected (.*): so it would arrive/.exec(said ?? "") ?? [];
      if (advised !== undefined) assert.is(problemOf(advised), undefined);
    }),
  );
});

paths.run();
