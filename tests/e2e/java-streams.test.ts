import { suite } from "uvu";
import * as assert from "uvu/assert";
import { addWay } from "./way.ts";

const javaStreams = suite("a stranger's Kafka Streams in Java");

const stranger = addWay(javaStreams, {
  repository: "java-streams",
  found: [
    /service +word-count +\., port 8080 /,
    /needs +word-count +kafka +pom\.xml depends on kafka-streams/,
    /check +unit +.*mvn .*test/,
  ],
  completed: (repository) => {
    repository.write("slipway.yaml", `${repository.read("slipway.yaml")}backing: { kafka: { topics: [lines] } }\n`);
  },
  checks: ["unit passed", "manifests passed"],
  bug: {
    path: "src/main/java/com/example/words/WordCount.java",
    from: "line.toLowerCase()",
    to: "line",
    says: [/WordCountTest\.countsWordsWhateverTheirCase:\d+ .*expected: <2> but was: <1>/],
    runs: ["test"],
  },
  images: ["word-count"],
});

javaStreams("counts words that came through Kafka while the stack is up", async () => {
  const stack = await stranger().open(8080);
  assert.is(await stack.ask(8080, "/"), "word count\n");
  await stack.ask(8080, "/lines", undefined, { method: "POST", body: "To be or not to be" });
  await stack.ask(8080, "/words/be", /^2\n$/);
  await stack.close();
});

javaStreams.run();
