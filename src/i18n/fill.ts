/** "Step {n}" and { n: 2 } → "Step 2"; a name without a value stays as it is. */
export function fill(text: string, values: Record<string, string | number>): string {
	return text.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}
