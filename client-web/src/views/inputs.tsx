/* inputs.tsx: the fields of a form. */
import type { VNode } from "preact";

export function Text(p: {
  label: string;
  value: string;
  hint?: string;
  max?: number;
  pattern?: string;
  autocomplete?: string;
  invalid?: boolean;
  onText: (v: string) => void;
}): VNode {
  return (
    <label>
      {p.label}
      <input
        dir="auto"
        maxLength={p.max ?? 80}
        pattern={p.pattern}
        autocomplete={p.autocomplete}
        aria-invalid={p.invalid || undefined}
        value={p.value}
        onInput={(ev) => p.onText(ev.currentTarget.value)}
      />
      {p.hint && <small>{p.hint}</small>}
    </label>
  );
}

export function Choice(p: {
  label: string;
  hint?: string;
  value: string;
  of: [string, string][];
  onChoose: (v: string) => void;
}): VNode {
  return (
    <label>
      {p.label}
      <select value={p.value} onChange={(ev) => p.onChoose(ev.currentTarget.value)}>
        {p.of.map(([value, text]) => (
          <option key={value} value={value} selected={value === p.value}>
            {text}
          </option>
        ))}
      </select>
      {p.hint && <small>{p.hint}</small>}
    </label>
  );
}
