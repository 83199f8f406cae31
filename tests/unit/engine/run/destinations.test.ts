import { networkInterfaces } from "node:os";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { meantDestination } from "../../../../engine/src/run/agent-way-out.ts";
import { isOutside } from "../../../../engine/src/run/destinations.ts";
import { resolversOf } from "../../../../engine/src/run/way-out.ts";

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

destinations("where a redirected connection was to go is read from the kernel's list", () => {
  const list = [
    "ipv4     2 udp      17 29 src=10.87.0.2 dst=169.254.87.53 sport=4000 dport=53 src=10.87.0.1 dst=10.87.0.2 sport=10871 dport=4000 mark=0 use=1",
    "ipv4     2 tcp      6 431999 ESTABLISHED src=10.87.0.3 dst=9.9.9.9 sport=4000 dport=80 src=10.87.0.1 dst=10.87.0.3 sport=10870 dport=4000 [ASSURED] mark=0 use=1",
    "ipv4     2 tcp      6 431999 ESTABLISHED src=10.87.0.2 dst=1.2.3.4 sport=4000 dport=443 src=10.87.0.1 dst=10.87.0.2 sport=10870 dport=4000 [ASSURED] mark=0 use=1",
  ].join("\n");
  assert.is(meantDestination({ remoteAddress: "10.87.0.2", remotePort: 4000 }, list), "1.2.3.4:443");
  assert.is(meantDestination({ remoteAddress: "10.87.0.2", remotePort: 4001 }, list), undefined);
});

destinations("the nameservers of a machine are those of its settings", () => {
  assert.equal(resolversOf("# nameserver 9.9.9.9\nsearch a\nnameserver 10.0.0.53\n nameserver fd00::53\n"), [
    "10.0.0.53",
    "fd00::53",
  ]);
  assert.equal(resolversOf("search a\n"), []);
});

destinations.run();
