import type { Text } from './language.ts';

/** "Step {n}" and { n: 2 } → "Step 2"; a name without a value stays as it is. */
export function fill(text: string, values: Record<string, string | number>): string {
	return text.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}

/** The same in every language. */
export function fillText({ fr, en }: Text, values: Record<string, string | number>): Text {
	return { fr: fill(fr, values), en: fill(en, values) };
}
