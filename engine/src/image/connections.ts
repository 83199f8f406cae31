import type { SecureContext } from "node:tls";
import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent } from "undici";
import { lookupOutside } from "../store/destinations.ts";

/** How long a connection may take, with its encryption. */
export const CONNECT_TIMEOUT_MS = 10_000;

export interface Connecting {
  readonly secureContext: SecureContext;
  /** Whose proxies count. */
  readonly env: NodeJS.ProcessEnv;
  readonly limits: { readonly headersTimeout: number; readonly bodyTimeout: number; readonly connections?: number };
  /** Whether requests without TLS go to a proxy too. */
  readonly plainByProxy: boolean;
  /** Whether a name that leads to this machine has no address. */
  readonly onlyOutside?: boolean;
  /** Told of each connection that no proxy has made: the name and the address. */
  readonly onConnected?: (hostname: string, address: string) => void;
}

/** Connections to other machines, directly or by the proxies of the environment. */
export function connectOut(connecting: Connecting): Dispatcher {
  const { secureContext, env, limits, plainByProxy, onlyOutside = false, onConnected } = connecting;
  const secure = { timeout: CONNECT_TIMEOUT_MS, secureContext };
  const connect = buildConnector({ ...secure, ...(onlyOutside ? { lookup: lookupOutside } : {}) });
  return new EnvHttpProxyAgent({
    ...limits,
    connect: (options, done) =>
      connect(options, (...made) => {
        if (made[0] === null) onConnected?.(options.hostname, made[1].remoteAddress ?? "");
        done(...made);
      }),
    requestTls: secure,
    proxyTls: secure,
    // A proxy is asked for a page as it is where nothing is encrypted: many make no tunnel to port 80.
    proxyTunnel: false,
    // Empty, a proxy for plain HTTP gets neither that nor what is encrypted.
    httpProxy: plainByProxy ? (env["http_proxy"] ?? env["HTTP_PROXY"] ?? "") : "",
    httpsProxy: env["HTTPS_PROXY"] ?? env["https_proxy"] ?? "",
    noProxy: env["NO_PROXY"] ?? env["no_proxy"] ?? "",
  });
}

/** Where to connect to in place of the host that an address names: a service of the session. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Connections that all lead to one place, whatever host is named; the certificate is that of the name. */
export function connectTo(
  { host, port }: Address,
  connecting: Pick<Connecting, "secureContext" | "limits">,
): Dispatcher {
  const { secureContext, limits } = connecting;
  const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS, secureContext });
  const place = { hostname: host, port: String(port) };
  return new Agent({ ...limits, connect: (options, done) => connect({ ...options, ...place }, done) });
}
