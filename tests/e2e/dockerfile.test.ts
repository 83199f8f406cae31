import { suite } from "uvu";
import * as assert from "uvu/assert";
import { addWay } from "./way.ts";

// Pages behind a Dockerfile, and a test that is a shell script. Nothing else says what this is.
const dockerfile = suite("a stranger's Dockerfile with a test in shell");

const stranger = addWay(dockerfile, {
  repository: "dockerfile",
  found: [/service +app +\., port 8080 +Dockerfile EXPOSE/, /check +unit +sh test\.sh +test\.sh/],
  checks: ["unit passed", "manifests passed"],
  bug: {
    path: "site/index.html",
    from: "h1",
    to: "h2",
    says: [/site\/index\.html has no heading/],
    runs: ["sh test.sh"],
  },
  images: ["app"],
});

dockerfile("answers on localhost while the stack is up", async () => {
  const stack = await stranger().open(8080);
  assert.match(await stack.ask(8080, "/"), /^<h1>Opening hours<\/h1>/);
  await stack.close();
});

dockerfile.run();
