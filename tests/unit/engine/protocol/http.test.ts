import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AUTHORIZATION, TestServer } from "./asking.ts";

const http = suite("the session's HTTP endpoint");
const server = new TestServer();
http.before(async () => void (await server.start()));
http.after(() => server.stop());

const JSON_TYPE = { "content-type": "application/json" };
const GRAPHQL = "application/graphql-response+json";
const PLAIN = "text/plain; charset=utf-8";
const VERSION = '{"query":"{version}"}';

for (const path of ["/", "/nope", "/query/", "/QUERY", "/graphql", "/query/x", "/init", "/shutdown"]) {
  for (const method of ["POST", "GET"]) {
    http(`there is nothing at ${method} ${path}`, async () => {
      const { status, type, text } = await server.post(VERSION, JSON_TYPE, path, method);
      assert.equal({ status, type, text }, { status: 404, type: PLAIN, text: "404 page not found\n" });
    });
  }
}

http("what follows the path counts for nothing, and neither does how the path is escaped", async () => {
  assert.is((await server.post(VERSION, JSON_TYPE, "/query?x=1")).status, 200);
  assert.is((await server.post(VERSION, JSON_TYPE, "/%71uery")).status, 200);
});

http("without the session's token nothing is told, not even which paths there are", async () => {
  for (const path of ["/query", "/nope"]) {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method: "POST", body: VERSION });
    assert.is(response.status, 401);
    assert.is(await response.text(), "");
  }
});

for (const [method, status, allow] of [
  ["OPTIONS", 200, "OPTIONS, GET, POST"],
  ["HEAD", 405, ""],
  ["PUT", 400, ""],
  ["DELETE", 400, ""],
  ["PATCH", 400, ""],
] as const) {
  http(`${method} is answered with ${status}`, async () => {
    const answer = await server.post("", JSON_TYPE, "/query", method);
    assert.equal({ status: answer.status, allow: answer.allow }, { status, allow });
  });
}

const types: readonly (readonly [string, number])[] = [
  ["application/json; charset=utf-8", 200],
  ["application/json;", 200],
  ["Application/JSON", 200],
  ["application/json; x", 400],
  ["application/graphql", 400],
  ["application/x-www-form-urlencoded", 400],
  ["multipart/form-data; boundary=x", 400],
  ["text/plain", 400],
];
for (const [type, status] of types) {
  http(`a body of type ${type} is answered with ${status}`, async () => {
    assert.is((await server.post(VERSION, { "content-type": type })).status, status);
  });
}

const accepted: readonly (readonly [string, number, string])[] = [
  ["", 422, "application/json"],
  ["*/*", 422, "application/json"],
  ["application/json", 422, "application/json"],
  [`application/json, ${GRAPHQL}`, 422, "application/json"],
  [`${GRAPHQL}, application/json`, 400, GRAPHQL],
  [GRAPHQL, 400, GRAPHQL],
  ["text/html", 400, GRAPHQL],
];
for (const [accept, status, type] of accepted) {
  http(`who accepts ${JSON.stringify(accept)} gets ${status} and ${type} for a wrong query`, async () => {
    const answer = await server.post('{"query":"{versio}"}', { ...JSON_TYPE, accept });
    assert.equal({ status: answer.status, type: answer.type }, { status, type });
  });
}

const UNDECODABLE = "json request body could not be decoded: ";
const bodies: readonly (readonly [string, number, string])[] = [
  ["", 400, `${UNDECODABLE}EOF body:`],
  ["x", 400, `${UNDECODABLE}invalid character 'x' looking for beginning of value body:x`],
  ["{", 400, `${UNDECODABLE}unexpected EOF body:{`],
  ['{"query":', 400, `${UNDECODABLE}unexpected EOF body:{"query":`],
  [
    '{"query":"{version}",}',
    400,
    `${UNDECODABLE}invalid character '}' looking for beginning of object key string body:{"query":"{version}",}`,
  ],
  ['"x"', 400, `${UNDECODABLE}json: cannot unmarshal string into Go value of type graphql.RawParams body:"x"`],
  ["1", 400, `${UNDECODABLE}json: cannot unmarshal number into Go value of type graphql.RawParams body:1`],
  ["true", 400, `${UNDECODABLE}json: cannot unmarshal bool into Go value of type graphql.RawParams body:true`],
  ["[]", 400, `${UNDECODABLE}json: cannot unmarshal array into Go value of type graphql.RawParams body:[]`],
  ["null", 422, "internal system error"],
  ["{}", 422, "no operation provided"],
  ['{"query":""}', 422, "no operation provided"],
  ['{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"abc"}}}', 200, "PersistedQueryNotFound"],
  ['{"extensions":{"persistedQuery":{"version":2,"sha256Hash":"abc"}}}', 200, "unsupported APQ version"],
  ['{"extensions":{"persistedQuery":1}}', 200, "invalid APQ extension data"],
  [
    '{"query":"{version}","extensions":{"persistedQuery":{"version":1,"sha256Hash":"abc"}}}',
    200,
    "provided APQ hash does not match query",
  ],
];
for (const [body, status, message] of bodies) {
  http(`the body ${JSON.stringify(body)} is refused in the real engine's words`, async () => {
    const answer = await server.post(body);
    const { errors } = JSON.parse(answer.text) as { errors: readonly { message: string }[] };
    assert.equal({ status: answer.status, messages: errors.map((e) => e.message) }, { status, messages: [message] });
  });
}

for (const body of [' {"query":"{version}"} x', '{"Query":"{version}"}', `${VERSION}{"query":"{defaultPlatform}"}`]) {
  http(`the body ${body} is read as Go's decoder reads it`, async () => {
    assert.is((await server.post(body)).text, '{"data":{"version":"v0.21.8"}}');
  });
}

http("bytes that are no UTF-8 and halves of surrogate pairs become U+FFFD", async () => {
  const bytes = Buffer.from('{"query":"{container{withUser(name:\\"\u00ff\u00fe\\"){user}}}"}', "latin1");
  const half = '{"query":"{container{withUser(name:\\"\\ud800\\"){user}}}"}';
  assert.is((await server.post(bytes)).text, '{"data":{"container":{"withUser":{"user":"\ufffd\ufffd"}}}}');
  assert.is((await server.post(half)).text, '{"data":{"container":{"withUser":{"user":"\ufffd"}}}}');
});

http("a connection that asks to become another protocol is told that there is none", async () => {
  const socket = await server.connect();
  const head = ["POST /query HTTP/1.1", "Host: x", `Authorization: ${AUTHORIZATION}`, "Upgrade: websocket"];
  socket.end([...head, "Content-Type: application/json", "Content-Length: 0", "", ""].join("\r\n"));
  const first = await new Promise<string>((resolve) => socket.once("data", (data) => resolve(String(data))));
  assert.is(first.split("\r\n")[0], "HTTP/1.1 400 Bad Request");
});

http.run();
