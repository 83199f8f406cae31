import { networkInterfaces } from "node:os";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InsideAddress, isInsideHost, isOutside, lookupOutside } from "../../../../engine/src/store/destinations.ts";

const destinations = suite("destinations of containers");

destinations("this machine is not outside, by none of its addresses and in none of their forms", () => {
  const own = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map(({ address }) => address),
  );
  const inside = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "10.87.0.1",
    "169.254.169.254",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "fe80::1%eth0",
    "ff02::1",
    "localhost",
    "",
    ...own,
  ];
  assert.equal(inside.filter(isOutside), []);
});

destinations("the internet and a company's network are outside", () => {
  const outside = [
    "1.1.1.1",
    "10.0.0.1",
    "10.86.255.255",
    "10.88.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "2606:4700::1111",
    "::ffff:1.1.1.1",
  ];
  assert.equal(outside.filter(isOutside), outside);
});

destinations("the host of an address is judged as it is written, brackets and names of this machine too", () => {
  const inside = ["127.0.0.1", "[::1]", "[::ffff:7f00:1]", "localhost", "LOCALHOST.", "a.localhost", "169.254.169.254"];
  assert.equal(inside.filter(isInsideHost), inside);
  const outside = ["example.com", "localhost.example.com", "notlocalhost", "[2606:4700::1111]", "10.0.0.1"];
  assert.equal(outside.filter(isInsideHost), []);
});

destinations("a name of this machine alone has no address outside, whatever asks for one or for all", async () => {
  for (const all of [true, false]) {
    const error = await new Promise((resolve) => lookupOutside("localhost", { all }, resolve));
    assert.instance(error, InsideAddress);
    assert.match((error as InsideAddress).message, /^localhost is not a host outside of this machine$/);
  }
});

destinations.run();
