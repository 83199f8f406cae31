import { suite } from "uvu";
import * as assert from "uvu/assert";
import { gitHost, submoduleProtocols } from "../../../../engine/src/store/git-submodule-places.ts";

const places = suite("places of submodules");

places("are on the host that the address names, in each of git's forms", () => {
  const hosts = [
    "https://a.example/x",
    "ssh://me@b.example:22/x",
    "git://c.example/x",
    "me@localhost:x/y",
    "d.example:x",
  ];
  assert.equal(hosts.map(gitHost), ["a.example", "b.example", "c.example", "localhost", "d.example"]);
  assert.equal(["/srv/x", "../x", "x"].map(gitHost), ["", "", ""]);
});

places("are asked by TLS where the repository came by it, and by the person's keys only for the person", () => {
  assert.is(submoduleProtocols("https://a.example/x", true), "https:ssh");
  assert.is(submoduleProtocols("https://a.example/x", false), "https");
  assert.is(submoduleProtocols("http://a.example/x", true), "http:https:git:ssh");
  assert.is(submoduleProtocols("me@a.example:x", false), "http:https:git");
});

places.run();
