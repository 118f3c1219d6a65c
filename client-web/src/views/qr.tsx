/* qr.tsx: a text as a QR code, drawn by the hub: one path, dark on light in every theme. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { post } from "../rpc";

const MARGIN = 4; /* ISO/IEC 18004 asks for so many light modules around */

interface Drawn {
  side: number;
  bits: string;
}
export function pathOf({ side, bits }: Drawn): string {
  let path = "";
  for (let y = 0; y < side; y++)
    for (let x = 0, run = 0; x < side; x += run || 1) {
      run = 0;
      while (x + run < side && bits[y * side + x + run] === "1") run++;
      if (run > 0) path += `M${x + MARGIN} ${y + MARGIN}h${run}v1h-${run}z`;
    }
  return path;
}

export function QrCode({ text, label }: { text: string; label: string }): VNode | null {
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  useEffect(() => {
    post("qr.draw", { text }).then(setDrawn, () => setDrawn(null));
  }, [text]);
  if (!drawn) return null;
  const size = drawn.side + 2 * MARGIN;
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={pathOf(drawn)} fill="#000" />
    </svg>
  );
}
