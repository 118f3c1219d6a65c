/* devicename.ts: what this browser is called in the list of its owner's devices. */

/* "Firefox on Linux", for the list of one's devices. */
export function deviceName(agent = navigator.userAgent): string {
  const browser = /Edg\//.test(agent)
    ? "Edge"
    : /OPR\/|Opera/.test(agent)
      ? "Opera"
      : /SamsungBrowser/.test(agent)
        ? "Samsung Internet"
        : /Firefox|FxiOS/.test(agent)
          ? "Firefox"
          : /Chrome|CriOS/.test(agent)
            ? "Chrome"
            : /Safari/.test(agent)
              ? "Safari"
              : "";
  const system = /Android/.test(agent)
    ? "Android"
    : /iPhone|iPad/.test(agent)
      ? "iOS"
      : /Windows/.test(agent)
        ? "Windows"
        : /Mac OS/.test(agent)
          ? "macOS"
          : /CrOS/.test(agent)
            ? "ChromeOS"
            : /Linux/.test(agent)
              ? "Linux"
              : "";
  return [browser, system].filter(Boolean).join(" · ");
}

export const named = (): { device?: string } => {
  const device = deviceName();
  return device ? { device } : {};
};
