/** Ports of a network that nobody else uses. */
export const RUDE_PORTS = {
  /** Takes connections and says nothing. */
  silent: 7101,
  /** Resets each connection. */
  resetting: 7102,
  /** A webhook, by TLS, that denies everything, in words of an authoriser. */
  denying: 7103,
  /** A load balancer, by TLS, that has nobody behind it: 502 with a page. */
  pages: 7104,
  /** Answers each request with its method and its address as they came. */
  echoing: 7105,
} as const;
