/* mailto.ts: a link that writes to an address, and does nothing else that the address says (RFC 6068: ?cc=…, ?body=…). */
export function mailTo(address: string): string {
  const at = address.lastIndexOf("@");
  return `mailto:${encodeURIComponent(address.slice(0, at))}@${address.slice(at + 1)}`;
}
