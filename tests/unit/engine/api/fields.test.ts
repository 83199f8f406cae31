import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coreCatalogue } from "../../../../engine/src/api/catalogue.ts";
import { fields } from "../../../../engine/src/api/fields.ts";
import { Graph } from "../../../../engine/src/api/graph.ts";
import { dataOf, makeGraph } from "./asked.ts";

const container = suite("fields of a container");

async function idOf(graph: Graph, query: string, ...path: readonly string[]): Promise<string> {
  const data = await dataOf(graph, query);
  return [...path, "id"].reduce<unknown>((inner, name) => (inner as Record<string, unknown>)[name], data) as string;
}

/** Every field of Container that takes `expand`, with what else it needs. */
function expandingFields(ids: Readonly<Record<string, string>>): readonly string[] {
  const found = coreCatalogue().schema.getQueryType()?.getFields()["container"]?.type;
  const type = coreCatalogue().schema.getType(String(found).replace("!", ""));
  const all = Object.values((type as unknown as { getFields(): Record<string, ContainerField> }).getFields());
  return all
    .filter((field) => field.args.some((arg) => arg.name === "expand"))
    .map((field) => {
      const given = field.args.flatMap((arg) => {
        const wanted = VALUES[arg.name] ?? (ids[arg.name] === undefined ? undefined : JSON.stringify(ids[arg.name]));
        return wanted === undefined || !String(arg.type).endsWith("!") ? [] : [`${arg.name}:${wanted}`];
      });
      const isLeaf = /^(String|Boolean|\[String|ID)/.test(String(field.type));
      const below = isLeaf ? "" : field.name === "stat" ? "{size}" : "{id}";
      return `${field.name}(${[...given, "expand:true"].join(",")})${below}`;
    });
}

interface ContainerField {
  readonly name: string;
  readonly type: unknown;
  readonly args: readonly { readonly name: string; readonly type: unknown }[];
}

const VALUES: Readonly<Record<string, string>> = {
  path: '"/$TOKEN"',
  args: '["echo","$TOKEN"]',
  name: '"A"',
  value: '"$TOKEN"',
  contents: '"x"',
  target: '"$TOKEN"',
  linkName: '"/x"',
  paths: '["/$TOKEN"]',
};

container("no argument is expanded by the value of a secret", async () => {
  const graph = makeGraph();
  const secret = await idOf(graph, '{setSecret(name:"s",plaintext:"hidden"){id}}', "setSecret");
  const cache = await idOf(graph, '{cacheVolume(key:"k"){id}}', "cacheVolume");
  const refused: string[] = [];
  for (const field of expandingFields({ cache, secret, source: secret })) {
    if (/source|sources/.test(field) && !field.includes("withMountedSecret")) continue;
    const query = `{container{withSecretVariable(name:"TOKEN",secret:"${secret}"){${field}}}}`;
    const data = (await dataOf(graph, query)) as { error?: string };
    // Objects are made when something needs them: this asks for one of their values.
    const forced = query.replace(/\{id\}(?=\}\}\}$)/, "{user}");
    const { error } = data.error === undefined ? ((await dataOf(graph, forced)) as { error?: string }) : data;
    if (error === 'expand cannot be used with secret env variable "TOKEN"') refused.push(field.split("(")[0] ?? "");
  }
  for (const name of ["withExec", "withWorkdir", "withEnvVariable", "withMountedTemp", "withMountedCache"]) {
    assert.ok(refused.includes(name), `${name} is not among ${refused.join(", ")}`);
  }
});

container("a mount keeps the path that it was given; one over it or below replaces it", async () => {
  const mounts = async (...calls: readonly string[]) => {
    const chain = calls.map((call) => `{x:${call}`).join("");
    let data = await dataOf(makeGraph(), `{x:container${chain}{x:mounts}${"}".repeat(calls.length + 1)}`);
    while (!Array.isArray(data)) data = (data as { x: unknown }).x;
    return data;
  };
  const temp = (path: string) => `withMountedTemp(path:"${path}")`;
  assert.equal(await mounts(temp("/a/"), temp("/a/../b"), temp("//c")), ["/a/", "/a/../b", "//c"]);
  assert.equal(await mounts('withWorkdir(path:"/w")', temp("m/../n/")), ["/w/n"]);
  assert.equal(await mounts(temp("/a"), temp("/b"), temp("/a")), ["/b", "/a"]);
  assert.equal(await mounts(temp("/a/b"), temp("/ab"), temp("/a")), ["/ab", "/a"]);
  assert.equal(await mounts(temp("/a"), temp("/a/b")), ["/a", "/a/b"]);
  assert.equal(await mounts(temp("/a"), temp("/a/")), ["/a", "/a/"]);
  assert.equal(await mounts(temp("/a/"), 'withoutMount(path:"/a")'), ["/a/"]);
  assert.equal(await mounts(temp("/a/"), 'withoutMount(path:"/a/")'), []);
});

container("a member of an enumeration is replaced under its name, and under the one it was given", async () => {
  const members = async (...calls: readonly string[]) => {
    const chain = calls.map((call) => `{x:${call}`).join("");
    const asked = `{x:typeDef{x:withEnum(name:"E")${chain}{x:asEnum{x:members{name value}}}${"}".repeat(calls.length + 2)}`;
    let data = await dataOf(makeGraph(), asked);
    while (typeof data === "object" && data !== null && "x" in data) data = data.x;
    return data;
  };
  const [a, b, c] = ['withEnumValue(value:"a")', 'withEnumMember(name:"a",value:"v")', 'withEnumMember(name:"B")'];
  assert.equal(await members(a, b), [{ name: "A", value: "v" }]);
  assert.equal(await members(b, a), [{ name: "a", value: "a" }]);
  assert.equal(await members(a, c, b), [
    { name: "A", value: "v" },
    { name: "B", value: "" },
  ]);
  assert.equal(await members(a, 'withEnumMember(name:"A")', b), { error: 'enum "A" is already defined' });
  assert.equal(await members(b, 'withEnumMember(name:"c",value:"v")'), {
    error: 'enum "A" is already defined with value "v"',
  });
});

const REF = `docker.io/library/x:1@sha256:${"0".repeat(64)}`;

function graphWithImage(): Graph {
  const image = { snapshot: { layers: [] }, config: {}, annotations: {} };
  const images = { resolve: async () => ({ ref: REF, digest: "sha256:0" }), get: async () => image };
  const session = { host: { workdir: "/", env: {}, resolve: (path: string) => path }, secrets: new Map(), images };
  return new Graph(fields, session, Buffer.alloc(32)) as Graph;
}

const CHANGED =
  "Image reference can only be retrieved immediately after the 'Container.From' call. Error in fetching imageRef as the container image is changed";

container("the reference of an image is known until the container is changed", async () => {
  const from = (rest: string) => `{container{from(address:"x:1"){${rest}}}}`;
  assert.equal(await dataOf(graphWithImage(), from("imageRef")), { container: { from: { imageRef: REF } } });
  for (const change of [
    'withEnvVariable(name:"A",value:"1")',
    'withLabel(name:"a",value:"1")',
    'withUser(name:"a")',
    'withWorkdir(path:"/a")',
    'withEntrypoint(args:["a"])',
    "withoutEntrypoint",
    'withDefaultArgs(args:["a"])',
    "withExposedPort(port:1)",
    'withAnnotation(name:"a",value:"1")',
    'withNewFile(path:"/a",contents:"")',
    'withMountedTemp(path:"/a")',
    'withoutMount(path:"/a")',
  ]) {
    assert.equal(await dataOf(graphWithImage(), from(`${change}{imageRef}`)), { error: CHANGED }, change);
  }
});

container.run();

const refusals = suite("fields that are refused");

refusals("tell what they need that is not here", async () => {
  const end = "use the real Dagger engine for it (dagger call …)";
  for (const [query, error] of [
    [
      "{container{experimentalWithAllGPUs{id}}}",
      `Container.experimentalWithAllGPUs is not supported by the embedded engine yet, because it needs a GPU: ${end}`,
    ],
    [
      "{cloud{traceURL}}",
      `Query.cloud is not supported by the embedded engine yet, because it needs Dagger Cloud: ${end}`,
    ],
    [
      "{llm{model}}",
      `Query.llm is not supported by the embedded engine yet, because it needs a language model: ${end}`,
    ],
  ] as const) {
    assert.equal(await dataOf(makeGraph(), query), { error });
  }
});

refusals.run();

const inFunctions = suite("what only a command may ask for");

inFunctions("is refused to a function: the cache of the engine", async () => {
  const host = { workdir: "/", env: {}, root: "/", isContainer: true };
  const graph = new Graph(fields, { host }, Buffer.alloc(32)) as Graph;
  for (const field of ["maxUsedSpace", "prune", "entrySet{entryCount}"]) {
    const data = await dataOf(graph, `{engine{localCache{${field}}}}`);
    assert.equal(data, { error: "only the main client can call this function" }, field);
  }
});

inFunctions.run();

const tunnels = suite("services of the host and tunnels");

tunnels("need ports", async () => {
  const graph = makeGraph();
  assert.equal(await dataOf(graph, "{host{service(ports:[]){id}}}"), { error: "no ports specified" });
  const service = await idOf(graph, '{container{asService(args:["x"]){id}}}', "container", "asService");
  for (const native of [true, false]) {
    const query = `{host{tunnel(service:"${service}",native:${native}){id}}}`;
    assert.equal(await dataOf(graph, query), { error: "no ports to forward" });
  }
});

tunnels("lead to containers alone", async () => {
  const graph = makeGraph();
  const service = await idOf(graph, "{host{service(ports:[{backend:80}]){id}}}", "host", "service");
  const query = `{host{tunnel(service:"${service}"){id}}}`;
  assert.equal(await dataOf(graph, query), { error: "tunneling to non-Container services is not supported" });
});

tunnels.run();

const secrets = suite("addresses of secrets");

for (const [address, uri] of [
  ["NAME", "env://NAME"],
  ["env:NAME", "env://NAME"],
  ["env://NAME", "env://NAME"],
  ["file:/a/b", "file:///a/b"],
  ["cmd:echo a:b", "cmd://echo a:b"],
]) {
  secrets(`${address} means ${uri}`, async () => {
    const data = await dataOf(makeGraph({ NAME: "x" }), `{address(value:"${address}"){secret{uri}}}`);
    assert.equal(data, { address: { secret: { uri } } });
  });
}

secrets("an unknown scheme is refused", async () => {
  assert.equal(await dataOf(makeGraph(), '{address(value:"nope:x"){secret{uri}}}'), {
    error: 'unsupported secret provider: "nope"',
  });
});

secrets.run();

const arguments_ = suite("arguments of a function that is defined");

async function defined(withArgs: string): Promise<unknown> {
  const graph = makeGraph();
  const text = await idOf(graph, "{typeDef{withKind(kind:STRING_KIND){id}}}", "typeDef", "withKind");
  const type = (name: string) => idOf(graph, `{typeDef{withObject(name:"${name}"){id}}}`, "typeDef", "withObject");
  const [folder, file, image] = await Promise.all([type("Directory"), type("File"), type("Container")]);
  const ids: Readonly<Record<string, string>> = { TEXT: text, DIRECTORY: folder, FILE: file, CONTAINER: image };
  const query = withArgs.replace(/\$([A-Z]+)/g, (_, name: string) => `"${ids[name]}"`);
  return await dataOf(graph, `{function(name:"f",returnType:"${text}"){${query}}}`);
}

const shown = "{args{name defaultValue defaultPath ignore typeDef{optional}}}";

arguments_("replace the one of their name, in its place", async () => {
  const second = `withArg(name:"b",typeDef:$TEXT){withArg(name:"a",typeDef:$TEXT,defaultValue:"\\"x\\""){args{name defaultValue}}}`;
  assert.equal(await defined(`withArg(name:"a",typeDef:$TEXT){${second}}`), {
    function: {
      withArg: {
        withArg: {
          withArg: {
            args: [
              { name: "a", defaultValue: '"x"' },
              { name: "b", defaultValue: null },
            ],
          },
        },
      },
    },
  });
});

arguments_("with a default path may be left out", async () => {
  const args = [{ name: "a", defaultValue: null, defaultPath: "/", ignore: ["x"], typeDef: { optional: true } }];
  const query = `withArg(name:"a",typeDef:$DIRECTORY,defaultPath:"/",ignore:["x"])${shown}`;
  assert.equal(await defined(query), { function: { withArg: { args } } });
});

for (const [arg, error] of [
  ['typeDef:$DIRECTORY,defaultPath:"/",defaultValue:"1"', "cannot set more than one default value"],
  ['typeDef:$DIRECTORY,defaultPath:"/",defaultAddress:"a"', "cannot set more than one default value"],
  ['typeDef:$TEXT,defaultPath:"/"', "can only set default path for Object, not STRING_KIND"],
  ['typeDef:$CONTAINER,defaultPath:"/"', "cannot set default path for Container"],
  ['typeDef:$TEXT,defaultAddress:"a"', "can only set default address for Object, not STRING_KIND"],
  ['typeDef:$FILE,defaultAddress:"a"', "can only set default address for Container type, not File"],
  ['typeDef:$TEXT,ignore:["a"]', "can only set ignore for Object type, not STRING_KIND"],
  ['typeDef:$FILE,ignore:["a"]', "can only set ignore for Directory type, not File"],
] as const) {
  arguments_(`${arg} is refused`, async () => {
    assert.equal(await defined(`withArg(name:"a",${arg}){name}`), { error });
  });
}

for (const [policy, error] of [
  ['Never,timeToLive:"1m"', "time to live can only be set with default cache policy"],
  ['Default,timeToLive:"x"', 'failed to parse time to live duration "x": time: invalid duration "x"'],
  ['Default,timeToLive:"10ms"', 'time to live duration must be at least "1s", got "10ms"'],
  ['Default,timeToLive:"200h"', 'time to live duration must be at most "168h0m0s", got "200h"'],
] as const) {
  arguments_(`the cache policy ${policy} is refused`, async () => {
    assert.equal(await defined(`withCachePolicy(policy:${policy}){name}`), { error });
  });
}

arguments_.run();
